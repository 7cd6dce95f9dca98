"""The flagship stack: it is whole, it is wired, and its modules keep what they promise."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.body.bounds import unbounded
from core.gate.compare import same
from core.module_file import read_module
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.stack import Decision, StackRun
from core.wrapper import Memory, Runtime
from tests.trading.flagship import (
    FOLDER,
    body_of,
    function_of,
    module,
    shipped,
    specs,
    stack_with,
)
from trading.shell.account_table import ASKED

REQUESTED = """
    market_scanner market_regime trade_clustering
    vwap_gap rsi_state bollinger_position ema_trend macd_momentum atr_spike chop
    volume_spike hourly_heatmap gpt_signal_score
    signal_engine strategy_orchestrator entry_filter_gpt entry_flex_tuner
    strategy_flex_mode fee_gate
    dynamic_position_sizing performance_scaling leverage_manager risk_allocator
    open_risk_ceiling slice_manager
    position_executor bracket_levels stop_trailer time_exit exit_signal
    pnl_engine equity_monitor equity_reconciler trade_logger
    kraken_retry_agent wick_launcher
""".split()
TRENDING = {
    "close": 103.0,
    "ema_9": 102.0,
    "ema_21": 100.0,
    "ema_36": 99.0,
    "ema_84": 97.0,
    "ema_108": 96.0,
    "ema_252": 90.0,
    "rsi_14": 66.0,
    "adx_14": 40.0,
    "atr_14": 1.5,
    "average_atr_14_100": 1.4,
    "atr_percent_14": 1.5,
    "macd_histogram": 0.5,
    "chop_14": 30.0,
    "volume_ratio_20": 2.0,
    "average_volume_20": 1e4,
    "prior_highest_high_20": 104.0,
    "prior_lowest_low_20": 95.0,
    "hour": 14,
    "bb_lower_20": 96.0,
    "bb_upper_20": 104.0,
    "day_vwap": 102.0,
    "stop_price": 103.0,
    "position": 0.0,
    "bars_held": 0,
    "closed_trade": False,
    "closed_result": 0.0,
    "closed_hour": 0,
    "bars_since_trade": 500,
    "symbol_trades_today": 0,
    "taker_fee": 0.004,
    "slippage": 0.0005,
    "spread": 0.0005,
    "most_leverage": 1.0,
    "market": "spot",
    "least_notional": 5.0,
    "funding_rate": 0.0,
    "symbol": "BTC/USD",
    "entry_regime": "none",
}  # a busy market in a strong trend, and an account that may trade it
quick = settings(max_examples=60)
ratio = st.floats(0, 1)
price = st.floats(0.01, 1e6)


# the stack as a whole ------------------------------------------------------------------
def test_every_module_that_was_asked_for_has_a_spec_and_a_body_on_disk():
    assert specs().keys() >= set(REQUESTED)
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == specs().keys()


@pytest.mark.parametrize("name", sorted(specs()))
def test_a_module_was_written_for_its_spec_as_it_stands_and_gives_its_examples(
    name: str,
):
    spec = specs()[name]
    assert f"{name}.md@{spec.digest[:6]}" in (FOLDER / f"{name}.py").read_text()
    assert read_module(FOLDER / f"{name}.py").canonical().lines <= 10
    assert len(spec.contract.examples) >= 3
    assert spec.contract.invariants
    for example in spec.contract.examples:
        assert same(module(name)(**example.inputs), example.out)


@pytest.mark.parametrize("name", sorted(specs()))
def test_the_body_shipped_with_a_spec_gives_its_examples(name: str):
    """One that reads a name the spec no longer gives is no help where it is needed."""
    made = function_of(name, shipped(name))
    for example in specs()[name].contract.examples:
        assert same(made(**example.inputs), example.out)


def test_what_runs_at_every_candle_is_provably_bounded():
    ticked = {
        name
        for phase in stack_with().wiring.phases
        for name in phase.modules
        if not phase.asked
    }
    assert {name: unbounded(specs()[name], body_of(name)) for name in ticked} == (
        dict.fromkeys(ticked)
    )


def test_a_failed_entry_module_opens_nothing_and_a_failed_exit_keeps_the_stop():
    for spec in specs().values():
        fallback = spec.contract.fallback or {}
        if "proceed" in spec.contract.outputs:
            assert fallback["proceed"] is False
        if spec.role in ("exit", "stop"):
            assert fallback
    assert specs()["position_executor"].contract.fallback == {"intents": []}
    assert specs()["stop_trailer"].contract.fallback == {"trailing_stop": None}


@pytest.fixture(scope="module")
def trending() -> dict[str, Any]:
    """Every starting value of a symbol that ought to be bought."""
    values = dict.fromkeys(stack_with().starts_for("symbol"), 100.0)
    return values | TRENDING


def account(**other: Any) -> dict[str, Any]:
    """A portfolio that has done nothing yet."""
    names = stack_with().starts_for("portfolio") - ASKED
    return {**dict.fromkeys(names, 0), "equity": 10_000.0, **other}


@pytest.fixture(scope="module")
def decide(sandbox: Sandbox) -> Any:
    """One tick of the whole stack, sandboxed; some bodies replaced."""

    def once(given: dict[str, Any], bodies: dict[str, str], **other: Any) -> Decision:
        silent = {"ask_model": lambda **_: None}
        runtime = Runtime(
            Memory(1000), prepare=prepare_in(sandbox), capabilities=silent
        )
        run = StackRun(stack_with(**bodies), runtime)
        return run.tick({"BTC/USD": given}, account(**other))["BTC/USD"]

    return once


def test_a_trend_is_bought_with_a_stop_and_a_target(trending: Any, decide: Any):
    decision = decide(trending, {})
    assert not decision.faults
    assert not decision.skipped
    entry, stop, target = decision.values["intents"]
    assert (entry["purpose"], entry["side"]) == ("entry", "buy")
    assert stop["price"] < 103 < target["price"]
    risked = entry["notional"] * (103 - stop["price"]) / 103
    assert 0 < risked <= 0.01 * 10_000 * 1.25


@pytest.mark.parametrize(
    ("given", "account_says"),
    [
        ({"position": 1.0}, {}),
        ({"volume_ratio_20": 0.5}, {}),
        ({"chop_14": 70.0}, {}),
        ({"taker_fee": 0.04}, {}),
        ({"bars_since_trade": 1}, {}),
        ({}, {"open_risk": 0.06}),
        ({}, {"trades_today": 30}),
        ({}, {"day_result": -4.0}),
        ({}, {"margin_used": 9_000.0}),
    ],
)
def test_a_reason_against_an_entry_is_enough(
    trending: Any, decide: Any, given: Any, account_says: Any
):
    decision = decide({**trending, **given}, {}, **account_says)
    assert not decision.values.get("intents")
    assert not decision.faults


@pytest.mark.parametrize(
    "broken", ["market_regime", "ema_trend", "signal_engine", "universe_gate"]
)
def test_a_broken_entry_module_opens_nothing_and_exits_go_on(
    trending: Any, decide: Any, broken: str
):
    outputs = specs()[broken].contract.outputs
    keys = ", ".join(f'"{name}": 1 / (0 * len("x"))' for name in outputs)
    bodies = {broken: f"return {{{keys}}}\n"}
    assert not decide(trending, bodies).values.get("intents")
    held = {**trending, "position": 1.0, "bars_held": 200}
    assert decide(held, bodies).values["exit_reason"] == "held too long"


# what must remember --------------------------------------------------------------------
@quick
@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40),
    st.integers(1, 5),
    st.integers(0, 4),
)
def test_relaxing_is_bounded_takes_its_time_and_ends_with_a_trade(
    bars: list[tuple[bool, bool]], after: int, most: int
):
    step, waited, idle = 0, 0, 0
    for held, closed in bars:
        made = module("strategy_flex_mode")(
            position=1.0 if held else 0.0,
            closed_trade=closed,
            flex_after=after,
            flex_most=most,
            previous_flex_step=step,
            previous_flex_waited=waited,
        )
        step, waited = made["flex_step"], made["flex_waited"]
        idle = 0 if held or closed else idle + 1
        assert step == min(most, idle // after)


@quick
@given(st.integers(0, 20), ratio, ratio, ratio)
def test_a_relaxed_threshold_never_falls_below_the_least(
    step: int, threshold: float, least: float, relief: float
):
    made = module("entry_flex_tuner")(
        signal_threshold=threshold,
        least_threshold=least,
        flex_relief=relief,
        flex_step=step,
    )
    assert least <= made["entry_threshold"] <= max(threshold, least)


@quick
@given(st.lists(st.tuples(st.integers(0, 23), st.booleans()), max_size=40))
def test_an_hour_is_rejected_only_when_enough_of_its_trades_lost(
    trades: list[tuple[int, bool]],
):
    wins, losses = [0] * 24, [0] * 24
    for hour, won in trades:
        made = module("hourly_record")(
            closed_trade=True,
            closed_result=1.0 if won else -1.0,
            closed_hour=hour,
            previous_hour_wins=wins,
            previous_hour_losses=losses,
        )
        wins, losses = made["hour_wins"], made["hour_losses"]
    for hour in range(24):
        there = [won for at, won in trades if at == hour]
        bad = len(there) >= 4 and sum(there) / len(there) < 0.3
        made = module("hourly_heatmap")(
            hour=hour,
            hour_wins=wins,
            hour_losses=losses,
            least_hour_trades=4,
            least_hour_win_rate=0.3,
        )
        assert made["proceed"] is not bad


# what guards money ---------------------------------------------------------------------
@quick
@given(ratio, ratio, ratio, st.floats(1, 50))
def test_leverage_stays_in_its_limits_and_falls_as_the_market_moves_more(
    confidence: float, calm: float, wild: float, most: float
):
    calm, wild = sorted((calm, wild))
    found = [
        module("leverage_manager")(
            confidence=confidence, volatility=volatility, max_leverage=most
        )["leverage"]
        for volatility in (calm, wild)
    ]
    assert 1 <= found[1] <= found[0] <= most


@quick
@given(st.floats(0, 1e6), ratio, st.floats(1e-4, 0.25), st.floats(1.01, 2))
def test_a_position_shrinks_as_its_stop_moves_away_and_never_risks_more_than_there_is(
    equity: float, room: float, stop: float, wider: float
):
    near, far = (
        module("dynamic_position_sizing")(
            equity=equity,
            risk_per_trade=0.01,
            risk_room=room,
            confidence=0.8,
            performance_factor=1.0,
            stop_share=share,
            leverage=2.0,
            most_position=0.5,
        )
        for share in (stop, stop * wider)
    )
    assert far["notional"] <= near["notional"] <= equity * 1.0001
    assert near["notional"] * stop <= equity * min(room, 0.008) * 1.0001 + 1e-9


@quick
@given(st.integers(0, 30), st.integers(0, 30), ratio, ratio)
def test_risk_is_scaled_down_by_losses_and_by_drawdown(
    few: int, more: int, drawdown: float, rate: float
):
    few, more = sorted((few, more))

    def factor(losses: int, down: float) -> float:
        made = module("performance_scaling")(
            win_streak=0,
            loss_streak=losses,
            recent_trades=20,
            recent_win_rate=rate,
            drawdown=down,
        )
        return float(made["performance_factor"])

    assert 0.25 <= factor(more, drawdown) <= factor(few, drawdown) <= factor(few, 0)
    assert factor(few, 0) <= 1.25


@quick
@given(st.booleans(), st.lists(st.tuples(price, ratio), min_size=1, max_size=20))
def test_a_trailing_stop_is_never_loosened(
    is_long: bool, bars: list[tuple[float, float]]
):
    stop, highest, lowest = bars[0][0], bars[0][0], bars[0][0]
    for close, range_ in bars:
        highest, lowest = max(highest, close), min(lowest, close)
        moved = module("stop_trailer")(
            position=1.0 if is_long else -1.0,
            stop_price=stop,
            highest_since_entry=highest,
            lowest_since_entry=lowest,
            atr_14=close * range_,
            trail_atr=3.0,
        )["trailing_stop"]
        assert moved >= stop if is_long else moved <= stop
        stop = moved


wanted = st.lists(
    st.tuples(st.floats(0, 1e6), st.floats(1, 50), st.floats(0, 0.1)), max_size=6
)


@quick
@given(wanted, st.floats(-100, 1e6), st.floats(0, 1e6), ratio)
def test_all_symbols_together_fit_into_the_margin_and_under_the_risk_ceiling(
    wants: list[tuple[float, float, float]], equity: float, used: float, risk: float
):
    names = [f"S{n}" for n in range(len(wants))]
    columns = ("notional", "leverage", "trade_risk")
    rows = {
        column: [
            {"symbol": name, column: want[at]}
            for name, want in zip(names, wants, strict=True)
        ]
        for at, column in enumerate(columns)
    }
    share = module("risk_allocator")(
        **rows,
        equity=equity,
        margin_used=used,
        open_risk=risk,
        risk_ceiling=0.06,
        margin_limit=0.9,
    )["allocation_share"]
    margin = share * sum(money / leverage for money, leverage, _ in wants)
    assert margin <= max(0, 0.9 * equity - used) * 1.0001 + 1e-6
    assert share * sum(want[2] for want in wants) <= max(0, 0.06 - risk) + 1e-9


# the account ---------------------------------------------------------------------------
@quick
@given(
    st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=20),
    st.data(),
)
def test_the_first_event_that_broke_the_equity_is_named(
    changes: list[int], data: st.DataObject
):
    at = data.draw(st.none() | st.integers(0, len(changes) - 1))
    equity, steps = 100_000, []
    for place, change in enumerate(changes):
        equity += change + (7 if place == at else 0)
        steps.append(
            {
                "event": f"event {place}",
                "change_cents": change,
                "equity_cents": equity,
            }
        )
    made = module("equity_reconciler")(
        deposits_cents=100_000,
        realised_cents=sum(changes),
        unrealised_cents=0,
        fees_cents=0,
        funding_cents=0,
        equity_cents=equity,
        equity_before_cents=100_000,
        ledger_steps=steps,
    )
    assert made["broken_event"] == ("" if at is None else f"event {at}")
    assert made["reconciled"] is (at is None)
    assert made["difference_cents"] == (0 if at is None else 7)


@quick
@given(
    st.sampled_from(
        specs()["kraken_retry_agent"].contract.inputs["error_class"]["enum"]
    ),
    st.integers(0, 50),
    st.floats(0, 1000),
)
def test_what_may_have_arrived_is_never_asked_again_blindly_and_retrying_ends(
    error: str, attempt: int, seconds: float
):
    made = module("kraken_retry_agent")(
        error_class=error,
        attempt=attempt,
        idempotent=False,
        seconds_since_first=seconds,
    )
    if error in ("network", "timeout") or attempt >= 5 or seconds > 120:
        assert made["retry"] is False
