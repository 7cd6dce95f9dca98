-- What modules lived through: runs, decisions, state, reflections, recordings.
-- Values are `json`, not `jsonb`: it keeps 1e22, -0.0 and the order of keys as they were.

CREATE TABLE system_logs.runs (
    run_id      text PRIMARY KEY,
    stack       text NOT NULL,
    mode        text NOT NULL,
    detail      json NOT NULL,
    summary     json,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'failed')),
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
CREATE INDEX runs_by_stack ON system_logs.runs (stack, started_at);

CREATE TABLE system_logs.decisions (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id   text NOT NULL REFERENCES system_logs.runs ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    phase    text NOT NULL,
    key      text NOT NULL,
    proceed  boolean NOT NULL,
    reason   text NOT NULL,
    outputs  json NOT NULL,
    versions json NOT NULL
);
CREATE INDEX decisions_by_run ON system_logs.decisions (run_id, id);

CREATE TABLE system_logs.states (
    stack text NOT NULL,
    mode  text NOT NULL,
    key   text NOT NULL,
    name  text NOT NULL,
    value json NOT NULL,
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (stack, mode, key, name)
);

CREATE TABLE system_logs.reflections (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call_id    bigint NOT NULL,
    run_id     text NOT NULL,
    module     text NOT NULL,
    version    integer NOT NULL,
    at         timestamptz NOT NULL,
    at_ns      bigint NOT NULL,
    elapsed_ns bigint NOT NULL,
    inputs     json NOT NULL,
    outputs    json,
    calls      json,
    outcome    text NOT NULL,
    remark     text NOT NULL
);
CREATE INDEX reflections_by_module ON system_logs.reflections (module, at_ns);
CREATE INDEX reflections_by_time ON system_logs.reflections (at);
CREATE INDEX reflections_failed ON system_logs.reflections (module, id) WHERE outcome <> 'ok';

CREATE TABLE system_logs.reflection_days (
    module   text NOT NULL,
    version  integer NOT NULL,
    day      date NOT NULL,
    calls    bigint NOT NULL,
    failures bigint NOT NULL,
    total_ns numeric NOT NULL,
    p50_ns   bigint NOT NULL,
    p99_ns   bigint NOT NULL,
    outcomes json NOT NULL,
    PRIMARY KEY (module, version, day)
);

CREATE TABLE system_logs.recordings (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    module     text NOT NULL,
    digest     text NOT NULL,
    call_id    bigint NOT NULL,
    run_id     text NOT NULL,
    version    integer NOT NULL,
    at_ns      bigint NOT NULL,
    elapsed_ns bigint NOT NULL,
    inputs     json NOT NULL,
    outputs    json,
    calls      json,
    outcome    text NOT NULL,
    remark     text NOT NULL,
    kind       text NOT NULL DEFAULT 'observed' CHECK (kind IN ('observed', 'approved')),
    reason     text NOT NULL DEFAULT '',
    UNIQUE (module, digest)
);
