-- The ledger. Events are written once and never changed (deposits, orders as they were
-- intended, answers, amendments, fills, ends, funding, equity snapshots, halts, decisions);
-- `seq` is their one order within an account. What can be derived from them is kept beside
-- them, rewritten in the same transaction: the standing of orders, positions, balances,
-- trades. Money is numeric without a scale: nothing is rounded. Values of modules are
-- `json`, not `jsonb`: it keeps 1e22, -0.0 and the order of keys as they were.

CREATE TABLE trading_data.accounts (
    mode      text NOT NULL CHECK (mode IN ('backtest', 'paper', 'live')),
    name      text NOT NULL,
    quote     text NOT NULL,
    last_seq  bigint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (mode, name)
);
COMMENT ON COLUMN trading_data.accounts.last_seq IS 'Moved by every append: two writers cannot both move it from the same number';

CREATE TABLE trading_data.deposits (
    mode    text NOT NULL,
    account text NOT NULL,
    seq     bigint NOT NULL,
    at      timestamptz NOT NULL,
    amount  numeric NOT NULL,
    remark  text NOT NULL,
    PRIMARY KEY (mode, account, seq),
    UNIQUE (mode, account, at, amount, remark),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);

CREATE TABLE trading_data.orders (
    mode        text NOT NULL,
    account     text NOT NULL,
    seq         bigint NOT NULL,
    id          text NOT NULL,
    at          timestamptz NOT NULL,
    symbol      text NOT NULL,
    side        text NOT NULL CHECK (side IN ('buy', 'sell')),
    kind        text NOT NULL CHECK (kind IN ('market', 'limit', 'stop', 'take_profit')),
    purpose     text NOT NULL CHECK (purpose IN ('entry', 'exit', 'stop', 'target', 'flatten')),
    quantity    numeric NOT NULL CHECK (quantity > 0),
    price       numeric,
    trigger     numeric,
    stop        numeric,
    target      numeric,
    leverage    numeric NOT NULL,
    decided_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    decision    text NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (mode, account, id),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE UNIQUE INDEX orders_by_seq ON trading_data.orders (mode, account, seq);
CREATE INDEX orders_by_time ON trading_data.orders (mode, account, at);
CREATE INDEX orders_by_symbol ON trading_data.orders (mode, account, symbol, at);
CREATE INDEX orders_by_decision ON trading_data.orders (mode, account, decision);

CREATE TABLE trading_data.order_standing (
    mode          text NOT NULL,
    account       text NOT NULL,
    id            text NOT NULL,
    status        text NOT NULL CHECK (status IN
        ('intended', 'confirmed', 'unresolved', 'partly_filled', 'filled', 'ended', 'refused')),
    venue_id      text NOT NULL,
    quantity      numeric NOT NULL,
    trigger       numeric,
    filled        numeric NOT NULL,
    remaining     numeric NOT NULL,
    average_price numeric,
    fees          numeric NOT NULL,
    filled_at     timestamptz,
    reason        text NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (mode, account, id),
    FOREIGN KEY (mode, account, id) REFERENCES trading_data.orders ON DELETE CASCADE
);
CREATE INDEX order_standing_open ON trading_data.order_standing (mode, account)
    WHERE status NOT IN ('filled', 'ended', 'refused');

CREATE TABLE trading_data.answers (
    mode     text NOT NULL,
    account  text NOT NULL,
    seq      bigint NOT NULL,
    order_id text NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('confirmed', 'refused', 'unresolved')),
    at       timestamptz NOT NULL,
    venue_id text NOT NULL,
    reason   text NOT NULL,
    PRIMARY KEY (mode, account, seq),
    UNIQUE (mode, account, order_id, outcome, at),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);

CREATE TABLE trading_data.amendments (
    mode     text NOT NULL,
    account  text NOT NULL,
    seq      bigint NOT NULL,
    order_id text NOT NULL,
    quantity numeric,
    trigger  numeric,
    at       timestamptz NOT NULL,
    PRIMARY KEY (mode, account, seq),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE INDEX amendments_by_order ON trading_data.amendments (mode, account, order_id);

CREATE TABLE trading_data.fills (
    mode     text NOT NULL,
    account  text NOT NULL,
    seq      bigint NOT NULL,
    id       text NOT NULL,
    order_id text NOT NULL,
    symbol   text NOT NULL,
    side     text NOT NULL CHECK (side IN ('buy', 'sell')),
    quantity numeric NOT NULL CHECK (quantity > 0),
    price    numeric NOT NULL CHECK (price > 0),
    fee      numeric NOT NULL CHECK (fee >= 0),
    at       timestamptz NOT NULL,
    maker    boolean NOT NULL,
    reason   text NOT NULL,
    PRIMARY KEY (mode, account, id),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE UNIQUE INDEX fills_by_seq ON trading_data.fills (mode, account, seq);
CREATE INDEX fills_by_time ON trading_data.fills (mode, account, at);
CREATE INDEX fills_by_symbol ON trading_data.fills (mode, account, symbol, at);
CREATE INDEX fills_by_order ON trading_data.fills (mode, account, order_id);

CREATE TABLE trading_data.ends (
    mode     text NOT NULL,
    account  text NOT NULL,
    seq      bigint NOT NULL,
    order_id text NOT NULL,
    at       timestamptz NOT NULL,
    reason   text NOT NULL,
    PRIMARY KEY (mode, account, order_id),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE UNIQUE INDEX ends_by_seq ON trading_data.ends (mode, account, seq);

CREATE TABLE trading_data.funding (
    mode    text NOT NULL,
    account text NOT NULL,
    seq     bigint NOT NULL,
    symbol  text NOT NULL,
    amount  numeric NOT NULL,
    rate    numeric NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (mode, account, symbol, at),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE UNIQUE INDEX funding_by_seq ON trading_data.funding (mode, account, seq);
CREATE INDEX funding_by_time ON trading_data.funding (mode, account, at);

CREATE TABLE trading_data.equity_snapshots (
    mode       text NOT NULL,
    account    text NOT NULL,
    seq        bigint NOT NULL,
    at         timestamptz NOT NULL,
    equity     numeric NOT NULL,
    cash       numeric NOT NULL,
    unrealised numeric NOT NULL,
    realised   numeric NOT NULL,
    fees       numeric NOT NULL,
    funding    numeric NOT NULL,
    deposits   numeric NOT NULL,
    exposure   numeric NOT NULL,
    drawdown   numeric NOT NULL,
    PRIMARY KEY (mode, account, at),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE UNIQUE INDEX equity_snapshots_by_seq ON trading_data.equity_snapshots (mode, account, seq);

CREATE TABLE trading_data.halts (
    mode    text NOT NULL,
    account text NOT NULL,
    seq     bigint NOT NULL,
    at      timestamptz NOT NULL,
    cause   text NOT NULL,
    detail  text NOT NULL,
    by      text NOT NULL,
    PRIMARY KEY (mode, account, seq),
    UNIQUE (mode, account, at, cause, by),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);

CREATE TABLE trading_data.decisions (
    mode     text NOT NULL,
    account  text NOT NULL,
    seq      bigint NOT NULL,
    id       text NOT NULL,
    symbol   text NOT NULL,
    at       timestamptz NOT NULL,
    action   text NOT NULL,
    proceed  boolean NOT NULL,
    reason   text NOT NULL,
    ended_by text NOT NULL,
    regime   text NOT NULL,
    figures  json NOT NULL,
    versions json NOT NULL,
    faults   json NOT NULL,
    trace    json NOT NULL,
    PRIMARY KEY (mode, account, id),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE INDEX decisions_by_time ON trading_data.decisions (mode, account, at);
CREATE INDEX decisions_by_symbol ON trading_data.decisions (mode, account, symbol, at);

CREATE TABLE trading_data.scan_results (
    mode              text NOT NULL,
    account           text NOT NULL,
    symbol            text NOT NULL,
    at                timestamptz NOT NULL,
    price             double precision NOT NULL,
    ema_fast          double precision,
    ema_slow          double precision,
    rsi               double precision,
    volume_ratio      double precision,
    spread            double precision,
    strategy_regime   text NOT NULL,
    signal_generated  boolean NOT NULL,
    signal_action     text NOT NULL,
    signal_confidence double precision,
    figures           json NOT NULL,
    PRIMARY KEY (mode, account, symbol, at),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE INDEX scan_results_by_time ON trading_data.scan_results (mode, account, at);
COMMENT ON COLUMN trading_data.scan_results.strategy_regime IS 'What the strategy thought, not the truth about the market';

CREATE TABLE trading_data.signals (
    mode            text NOT NULL,
    account         text NOT NULL,
    decision        text NOT NULL,
    symbol          text NOT NULL,
    at              timestamptz NOT NULL,
    action          text NOT NULL,
    acted           boolean NOT NULL,
    rejected_by     text NOT NULL,
    reason          text NOT NULL,
    strategy_regime text NOT NULL,
    confidence      double precision,
    figures         json NOT NULL,
    PRIMARY KEY (mode, account, decision, symbol, action),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE INDEX signals_by_time ON trading_data.signals (mode, account, at);
CREATE INDEX signals_by_symbol ON trading_data.signals (mode, account, symbol, at);

CREATE TABLE trading_data.trades (
    mode            text NOT NULL,
    account         text NOT NULL,
    id              text NOT NULL,
    symbol          text NOT NULL,
    side            text NOT NULL CHECK (side IN ('long', 'short')),
    quantity        numeric NOT NULL,
    opened_at       timestamptz NOT NULL,
    entry_price     numeric NOT NULL,
    closed_at       timestamptz NOT NULL,
    exit_price      numeric NOT NULL,
    gross           numeric NOT NULL,
    fees            numeric NOT NULL,
    funding         numeric NOT NULL,
    net             numeric NOT NULL,
    reason          text NOT NULL,
    strategy_regime text NOT NULL,
    decision        text NOT NULL,
    exit_decision   text NOT NULL,
    stop            numeric,
    target          numeric,
    PRIMARY KEY (mode, account, id),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);
CREATE INDEX trades_by_time ON trading_data.trades (mode, account, closed_at);
CREATE INDEX trades_by_symbol ON trading_data.trades (mode, account, symbol, closed_at);

CREATE TABLE trading_data.positions (
    mode        text NOT NULL,
    account     text NOT NULL,
    symbol      text NOT NULL,
    quantity    numeric NOT NULL,
    cost        numeric NOT NULL,
    entry_price numeric NOT NULL,
    opened_at   timestamptz NOT NULL,
    leverage    numeric NOT NULL,
    margin      numeric NOT NULL,
    decision    text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (mode, account, symbol),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);

CREATE TABLE trading_data.balances (
    mode      text NOT NULL,
    account   text NOT NULL,
    currency  text NOT NULL,
    amount    numeric NOT NULL,
    set_aside numeric NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (mode, account, currency),
    FOREIGN KEY (mode, account) REFERENCES trading_data.accounts ON DELETE CASCADE
);

-- An order counts as executed only when it was filled whole, at a price, at a time.
CREATE VIEW trading_data.executed_orders AS
SELECT o.mode, o.account, o.id AS order_id, s.venue_id, o.symbol, o.side, o.kind, o.purpose,
       s.filled AS fill_quantity, s.average_price AS fill_price, s.fees, s.filled_at,
       'closed'::text AS status, s.remaining, o.decision, o.reason
FROM trading_data.orders o
JOIN trading_data.order_standing s USING (mode, account, id)
WHERE s.status = 'filled' AND s.remaining = 0 AND o.id <> ''
  AND s.filled > 0 AND s.average_price > 0 AND s.filled_at IS NOT NULL;

-- What is nobody's account: candles, and what a model answered to a prompt at a candle.
CREATE TABLE trading_data.candles (
    symbol    text NOT NULL,
    timeframe text NOT NULL,
    time      timestamptz NOT NULL,
    open      double precision NOT NULL,
    high      double precision NOT NULL,
    low       double precision NOT NULL,
    close     double precision NOT NULL,
    volume    double precision,
    source    text NOT NULL,
    PRIMARY KEY (symbol, timeframe, time)
);

CREATE TABLE trading_data.decision_tape (
    prompt_hash text NOT NULL,
    symbol      text NOT NULL,
    candle_at   timestamptz NOT NULL,
    model       text NOT NULL,
    answer      json NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (prompt_hash, symbol, candle_at, model)
);
