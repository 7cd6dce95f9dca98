-- What was built, by whom, at what price: versions, files, plans, thoughts, money.

CREATE SCHEMA IF NOT EXISTS trading_data;
COMMENT ON SCHEMA trading_data IS 'Orders, fills, balances, P&L: the only source of truth for them';
COMMENT ON SCHEMA system_logs IS 'Modules, their versions, their reflections, and what they cost';

CREATE TABLE system_logs.counters (
    name  text PRIMARY KEY,
    value bigint NOT NULL DEFAULT 0
);
INSERT INTO system_logs.counters (name) VALUES ('generation');

CREATE TABLE system_logs.versions (
    module      text NOT NULL,
    version     integer NOT NULL CHECK (version > 0),
    body        text NOT NULL,
    body_hash   text NOT NULL,
    spec_text   text NOT NULL,
    spec_digest text NOT NULL,
    writer      text NOT NULL,
    means       text NOT NULL,
    parent      integer,
    cause       text NOT NULL,
    cost_usd    numeric(20, 8) NOT NULL DEFAULT 0 CHECK (cost_usd >= 0),
    certificate json,
    path        text NOT NULL,
    file_hash   text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    state       text NOT NULL CHECK (state IN ('prepared', 'live', 'retired', 'undone')),
    PRIMARY KEY (module, version)
);
CREATE UNIQUE INDEX one_live_version ON system_logs.versions (module) WHERE state = 'live';
CREATE INDEX versions_by_body ON system_logs.versions (body_hash);

CREATE TABLE system_logs.journal (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL,
    module    text NOT NULL,
    version   integer,
    detail    json NOT NULL,
    state     text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'completed', 'undone')),
    remark    text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at timestamptz
);
CREATE INDEX journal_open ON system_logs.journal (id) WHERE state = 'open';

CREATE TABLE system_logs.plans (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stack     text NOT NULL,
    request   text NOT NULL,
    plan      json NOT NULL,
    architect text NOT NULL,
    cost_usd  numeric(20, 8) NOT NULL DEFAULT 0,
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX plans_by_stack ON system_logs.plans (stack, id);

CREATE TABLE system_logs.thoughts (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle         text NOT NULL,
    step          text NOT NULL,
    attempt       integer NOT NULL DEFAULT 0,
    role          text NOT NULL,
    writer        text NOT NULL,
    means         text NOT NULL,
    system        text NOT NULL,
    prompt        text NOT NULL,
    answer        text NOT NULL,
    stop          text NOT NULL,
    error         text NOT NULL,
    input_tokens  bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    cost_usd      numeric(20, 8) NOT NULL DEFAULT 0,
    seconds       double precision NOT NULL DEFAULT 0,
    request_hash  text NOT NULL DEFAULT '',
    at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX thoughts_by_cycle ON system_logs.thoughts (cycle, id);

CREATE TABLE system_logs.spending (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cycle    text NOT NULL,
    reserved numeric(20, 8) NOT NULL CHECK (reserved >= 0),
    spent    numeric(20, 8) CHECK (spent >= 0),
    at       timestamptz NOT NULL,
    settled_at timestamptz
);
CREATE INDEX spending_by_time ON system_logs.spending (at);
CREATE INDEX spending_by_cycle ON system_logs.spending (cycle);
