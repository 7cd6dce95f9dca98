-- What failed, what was done about it, and what became of that.
-- Nothing here refers to versions or reflections: those may be aggregated or purged.

CREATE TABLE system_logs.defects (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module      text NOT NULL,
    version     integer NOT NULL,
    signature   text NOT NULL,
    trigger     text NOT NULL,
    remark      text NOT NULL,
    times       bigint NOT NULL DEFAULT 1 CHECK (times > 0),
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repairing',
        'repaired', 'waiting', 'ambiguous', 'not repaired', 'not ours', 'refused')),
    owner       text NOT NULL DEFAULT '',
    owned_at    timestamptz,
    evidence    json NOT NULL DEFAULT '{}',
    diagnosis   json NOT NULL DEFAULT '{}',
    rungs       json NOT NULL DEFAULT '[]',
    candidates  bigint NOT NULL DEFAULT 0,
    survivors   integer NOT NULL DEFAULT 0,
    verdict     json NOT NULL DEFAULT '{}',
    proposed    json,
    repaired_by integer,
    seconds     double precision NOT NULL DEFAULT 0,
    cost_usd    numeric(20, 8) NOT NULL DEFAULT 0 CHECK (cost_usd >= 0),
    settled_at  timestamptz,
    fate        text CHECK (fate IN ('kept', 'reverted', 'refuted by held-back',
        'refuted by person')),
    fate_reason text NOT NULL DEFAULT '',
    fate_at     timestamptz,
    earlier     json NOT NULL DEFAULT '[]',
    UNIQUE (module, version, signature)
);
CREATE INDEX defects_by_time ON system_logs.defects (last_at);
CREATE INDEX defects_by_repair ON system_logs.defects (module, repaired_by)
    WHERE repaired_by IS NOT NULL;

CREATE TABLE system_logs.patches (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    signature       text NOT NULL,
    contract_digest text NOT NULL,
    before_hash     text NOT NULL,
    after_hash      text NOT NULL,
    body            text NOT NULL,
    module          text NOT NULL,
    defect          bigint NOT NULL,
    used            bigint NOT NULL DEFAULT 0,
    refuted         bigint NOT NULL DEFAULT 0,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (signature, contract_digest, before_hash, after_hash)
);

CREATE TABLE system_logs.probations (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module          text NOT NULL,
    version         integer NOT NULL,
    safe_version    integer,
    calls_needed    bigint NOT NULL CHECK (calls_needed > 0),
    calls_before    bigint NOT NULL,
    failures_before bigint NOT NULL,
    since           timestamptz NOT NULL DEFAULT clock_timestamp(),
    state           text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'passed', 'reverted', 'replaced')),
    reason          text NOT NULL DEFAULT '',
    ended_at        timestamptz
);
CREATE UNIQUE INDEX one_running_probation ON system_logs.probations (module)
    WHERE state = 'running';

CREATE TABLE system_logs.quarantines (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module    text NOT NULL,
    version   integer,
    reason    text NOT NULL CHECK (reason <> ''),
    set_by    text NOT NULL,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    lifted_by text NOT NULL DEFAULT '',
    lifted_at timestamptz
);
CREATE UNIQUE INDEX one_quarantine ON system_logs.quarantines
    (module, coalesce(version, 0)) WHERE lifted_at IS NULL;
