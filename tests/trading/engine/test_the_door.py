"""Whatever modules return, the engine goes on and the law's limits hold."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.sandbox import Sandbox
from core.stack import Stack
from core.stack.fused import FusedRun
from tests.trading.engine.sessions import BTC, market, settings
from tests.trading.engine.stacks import run_of
from trading.shell.engine import engine as engine_module
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.timeline import timeline
from trading.shell.law.limits import Limits, read_limits
from trading.shell.ledger.proof import prove
from trading.shell.venue.orders import Intent, Mode, Purpose

BTCP = "BTC/USD:USD"
HUGE = 10**400
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [nan, inf, -inf, 0, -1, 1e-300, 1e300, HUGE, -HUGE, 1e12, "", "long"]
    ),
    st.floats(),
    st.integers(-10, 10**6),
    st.floats(1, 100_000),
    st.text(max_size=4),
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=6,
)
PRICES = st.one_of(st.floats(30_000, 60_000), JUNK)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "purpose": st.one_of(
            st.sampled_from([*map(str, Purpose), "entry", "entry"]), JUNK
        ),
        "side": st.one_of(st.sampled_from(["buy", "sell"]), JUNK),
        "kind": st.one_of(
            st.sampled_from(["market", "limit", "stop", "take_profit"]), JUNK
        ),
        "notional": st.one_of(st.floats(1, 1e6), JUNK),
        "price": PRICES,
        "leverage": st.one_of(st.floats(1, 60), JUNK),
    },
)
LIKELY = st.fixed_dictionaries(
    {
        "purpose": st.just("entry"),
        "side": st.sampled_from(["buy", "sell"]),
        "kind": st.sampled_from(["market", "limit", "stop"]),
        "notional": st.one_of(st.floats(10, 2_000), st.floats(10, 50_000)),
        "price": st.floats(38_000, 43_000),
        "leverage": st.floats(1, 20),
    }
)
LEVELS = st.sampled_from(["stop", "target"]).flatmap(
    lambda purpose: st.fixed_dictionaries(
        {"purpose": st.just(purpose), "price": st.floats(35_000, 45_000)}
    )
)


@st.composite
def brackets(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An entry that could be meant, of any size, with its stop and perhaps a target."""
    long = draw(st.sampled_from([True, True, False]))
    sign = 1 if long else -1
    close = draw(st.floats(39_500, 42_500))
    rows = draw(st.lists(LIKELY, min_size=1, max_size=3))
    away = draw(st.floats(0.001, 0.2))
    levels = [
        ("stop", close * (1 - sign * away)),
        ("target", close * (1 + sign * away)),
    ]
    return [
        *({**row, "side": "buy" if long else "sell"} for row in rows),
        *({"purpose": name, "price": price} for name, price in levels),
    ]


INTENTS = st.one_of(
    brackets(),
    brackets(),
    brackets(),
    st.lists(st.one_of(ROWS, LIKELY, LEVELS, JUNK), max_size=4),
    JUNK,
)
GENERIC = st.fixed_dictionaries(
    {},
    optional={
        "enter_long": st.one_of(st.just(True), JUNK),
        "enter_short": JUNK,
        "exit_long": st.one_of(st.just(True), JUNK),
        "exit_short": JUNK,
        "long_stop_price": PRICES,
        "long_target_price": PRICES,
        "short_stop_price": PRICES,
        "short_target_price": PRICES,
        "notional": st.one_of(st.floats(1, 1e6), JUNK),
    },
)
COMMON = {
    "exit_now": st.one_of(st.just(True), JUNK),
    "exit_reason": JUNK,
    "time_exit": JUNK,
    "trailing_stop": PRICES,
    "leverage": st.one_of(st.floats(1, 60), JUNK),
    "confidence": JUNK,
    "regime": JUNK,
    "signal": JUNK,
}
MEANT = st.fixed_dictionaries(
    {"intents": brackets()},
    optional={"trailing_stop": st.floats(38_000, 42_500), "exit_now": st.booleans()},
)
OUTPUTS = st.one_of(
    MEANT,
    st.fixed_dictionaries({"intents": INTENTS}, optional=COMMON),
    st.tuples(GENERIC, st.fixed_dictionaries({}, optional=COMMON)).map(
        lambda both: {**both[0], **both[1]}
    ),
)


@dataclass
class Played:
    """A session at whose door anything comes in, and the orders that came out."""

    backtest: Backtest
    limits: Limits
    sent: list[tuple[Intent, Any, Decimal]]


def play(
    run: FusedRun, monkeypatch: pytest.MonkeyPatch, made: list[Mapping[str, Any]]
) -> Played:
    """The play over spot and a perpetual, its modules' outputs replaced one by one."""
    limits = read_limits(Mode.PAPER)
    limits = replace(limits, profile=Mode.BACKTEST)
    candles = (market(), market(symbol=BTCP))
    task = Task(candles, settings(BTC, BTCP), limits)
    backtest = Backtest(run, task)
    played = Played(backtest, limits, [])
    outputs = iter(made)
    monkeypatch.setattr(engine_module, "outputs", lambda *_: next(outputs, {}))
    monkeypatch.setattr(backtest.engine.decider, "asks", lambda *_: True)
    broker = backtest.engine.broker
    place = broker.venue.place

    async def placing(intent: Intent) -> Any:
        now = intent.decided_at + 3600
        close = Decimal(repr(broker.books.view.holders[intent.symbol].close))
        played.sent.append((intent, broker.books.standing(intent.symbol, now), close))
        return await place(intent)

    monkeypatch.setattr(broker.venue, "place", placing)
    asyncio.run(walked(backtest))
    return played


async def walked(backtest: Backtest) -> None:
    """Every candle, with the account's sums proven after each."""
    backtest._deposit()
    for time, present in timeline(backtest.columns):
        await backtest.engine.candle(time, present)
        state, books = backtest.journal.state, backtest.engine.broker.books
        marks = books.marks()
        parts = state.deposits + state.realised + state.unrealised(marks)
        assert state.equity(marks) == parts - state.fees - state.funding
        assert state.available >= 0
        assert backtest.venue.cash == state.available
        assert abs(books.view.equity - float(state.equity(marks))) < 0.005


@pytest.fixture(scope="module")
def run(scripted: Stack, sandbox: Sandbox) -> FusedRun:
    return run_of(scripted, sandbox)


@hypothesis_settings(max_examples=35)
@given(made=st.lists(OUTPUTS, min_size=4, max_size=40))
def test_no_output_breaks_the_engine_or_a_limit(
    run: FusedRun, made: list[Mapping[str, Any]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        played = play(run, patch, made)
    limits = played.limits
    assert prove(played.backtest.journal.events()) is None
    for intent, stands, close in played.sent:
        if intent.reduce_only:
            assert 0 < intent.quantity <= abs(stands.held)
            assert stands.held * intent.side.sign < 0
            continue
        price = max(p for p in (close, intent.price, intent.trigger) if p is not None)
        # the order is in the standing already: it was written down before it was sent
        share = limits.position_share * stands.equity
        assert stands.symbol_exposure <= share
        assert stands.exposure <= limits.exposure_share * stands.equity
        assert stands.open_risk <= limits.open_risk_share * stands.equity
        assert stands.positions <= limits.positions
        assert stands.trades_today <= limits.trades_day
        assert stands.symbol_trades_today <= limits.trades_symbol_day
        assert stands.cash >= 0
        assert 1 <= intent.leverage <= limits.leverage
        assert intent.stop is not None
        assert (price - intent.stop) * intent.side.sign > 0
        assert ":" in intent.symbol or intent.side == "buy"


def test_what_is_drawn_does_trade(run: FusedRun) -> None:
    """The limits are met by orders, not by silence."""
    entry = {"purpose": "entry", "side": "buy", "kind": "market", "leverage": 50.0}
    rows = [
        {**entry, "notional": 1e7, "price": 1.0},
        {"purpose": "stop", "price": 39_000},
    ]
    made = [{"intents": rows, "leverage": HUGE}, {"intents": rows}] * 4
    with pytest.MonkeyPatch.context() as patch:
        played = play(run, patch, made)
    assert len(played.sent) > 1
    assert any(":" in intent.symbol for intent, _, _ in played.sent)
