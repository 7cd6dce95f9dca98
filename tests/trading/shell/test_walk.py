"""A walk: what it hands the stack, when it acts, what it counts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import DataError
from core.stack.tick import Decision, Tick
from trading.shell.candles import Candles, build
from trading.shell.summary import summarise, totals
from trading.shell.synthetic import generate
from trading.shell.walk import ModuleShape, Shape, Walk, follow

START = 1_600_000_000 - 1_600_000_000 % 86_400
Rule = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def market_of(
    *bars: tuple[float, float, float, float], symbol: str = "A/USD"
) -> Candles:
    opens, highs, lows, closes = (
        list(map(float, each)) for each in zip(*bars, strict=True)
    )
    columns = {"open": opens, "high": highs, "low": lows, "close": closes}
    times = [START + 3600 * number for number in range(len(bars))]
    return build(
        {"time": times, **columns},
        symbol=symbol,
        source="a test",
        where=str,
        timeframe="1h",
    )


class Rules:
    """A stack of one rule that remembers what it was given."""

    def __init__(self, rule: Rule, faults: Mapping[str, str] | None = None) -> None:
        self.rule = rule
        self.faults = faults or {}
        self.seen: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def __call__(
        self, starting: Mapping[str, Mapping[str, Any]], portfolio: Mapping[str, Any]
    ) -> Tick:
        self.seen.append((starting, portfolio))
        made = {s: self._decision(s, values) for s, values in starting.items()}
        return Tick(len(self.seen), 0, made)

    def _decision(self, symbol: str, values: Mapping[str, Any]) -> Decision:
        out = self.rule(values)
        proceed = bool(out.get("proceed", True))
        versions = {"rule": 3}
        return Decision(symbol, out, proceed, "", "", self.faults, {}, versions, {})


def shape(*names: str, portfolio: tuple[str, ...] = (), outputs: str = "") -> Shape:
    module = ModuleShape("rule", "entry", 3, tuple(outputs.split()))
    return Shape("test", frozenset(names), frozenset(portfolio), (module,))


def walked(
    rule: Rule, *bars: tuple[float, float, float, float], **options: Any
) -> Walk:
    return follow(Rules(rule), shape("close", "time"), [market_of(*bars)], **options)


def at(number: int, **outputs: Any) -> Rule:
    """Outputs given at the close of bar `number` only."""
    closes = START + 3600 * (number + 1)
    return lambda values: outputs if values["time"] == closes else {}


def test_a_decision_is_acted_on_at_the_next_open():
    bars = [(10, 11, 9, 10), (20, 21, 19, 20), (30, 31, 29, 30), (40, 41, 39, 40)]
    result = walked(
        lambda v: {**at(0, enter_long=True)(v), **at(2, exit_long=True)(v)}, *bars
    )
    (trade,) = result.trades
    assert (trade.entry_price, trade.exit_price, trade.reason) == (20, 40, "exit")
    assert trade.decided_at == START
    assert result.equity[-1][1] == pytest.approx(20_000)


def test_a_decision_on_the_last_bar_changes_nothing():
    result = walked(at(1, enter_long=True), (10, 11, 9, 10), (20, 21, 19, 20))
    assert result.trades == ()
    assert result.open_positions == ()


def test_a_position_open_at_the_end_is_marked_at_the_last_close():
    result = walked(at(0, enter_short=True), (10, 11, 9, 10), (20, 21, 14, 15))
    (position,) = result.open_positions
    assert position.side == -1
    assert result.equity[-1][1] == pytest.approx(12_500)


@pytest.mark.parametrize("day", range(7))
def test_what_is_bought_on_a_day_of_the_week_is_filled_on_that_day(day: int):
    """The incident: "skip Sundays" let through what was filled on Sunday at 0:00."""

    def rule(now: Mapping[str, Any]) -> Mapping[str, Any]:
        buys = now["weekday"] == day and now["hour"] == 0
        return {"enter_long": buys, "exit_long": now["weekday"] != day}

    candles = market_of(*[(10, 11, 9, 10)] * 24 * 9)
    result = follow(Rules(rule), shape("hour", "weekday"), [candles])
    filled = [datetime.fromtimestamp(one.entry_time, UTC) for one in result.trades]
    assert filled
    assert {(one.weekday(), one.hour) for one in filled} == {(day, 0)}
    left = [datetime.fromtimestamp(one.exit_time, UTC) for one in result.trades]
    assert {(one.weekday(), one.hour) for one in left} == {((day + 1) % 7, 0)}


def test_stops_and_targets_belong_to_the_decision_that_entered():
    bars = [(10, 11, 9, 10), (10, 10, 10, 10), (10, 12, 9.5, 12), (12, 12, 8, 9)]
    stops = iter([9.0, 9.9, 9.9, 9.9])
    result = walked(
        lambda _: {"enter_long": True, "long_stop_price": next(stops)}, *bars
    )
    assert result.trades[0].exit_price == 9.0


def test_the_stack_sees_the_account_as_it_is_at_the_close():
    rules = Rules(at(0, enter_long=True, notional=1000.0))
    bars = [(10, 11, 9, 10), (20, 24, 18, 22), (22, 30, 21, 25)]
    names = ["time", "position", "entry_price", "bars_held", "highest_since_entry"]
    asked = shape(*names, portfolio=("equity", "cash"))
    follow(rules, asked, [market_of(*bars)], cash=5000.0)
    first, second, third = (starting["A/USD"] for starting, _ in rules.seen)
    assert (first["position"], first["entry_price"]) == (0, 10)
    assert (second["position"], second["entry_price"], second["bars_held"]) == (
        50,
        20,
        0,
    )
    assert [shared for _, shared in rules.seen[:2]] == [
        {"equity": 5000, "cash": 5000},
        {"equity": 5100, "cash": 4000},
    ]
    assert (third["bars_held"], third["highest_since_entry"]) == (1, 30)


def test_nothing_is_decided_in_the_warm_up_and_names_arrive_as_plain_python():
    rules = Rules(lambda _: {})
    candles = generate(bars=100)
    result = follow(rules, shape("ema_20", "prior_close", "hour", "symbol"), [candles])
    assert result.warm_up == 19
    assert len(result.decisions) == 81
    first = rules.seen[0][0]["BTC/USD"]
    assert result.decisions[0].time == candles.columns()["time"][19]
    assert type(first["ema_20"]) is float
    assert (type(first["hour"]), first["symbol"]) == (int, "BTC/USD")


def test_bars_without_a_value_are_counted_and_not_decided_on():
    candles = generate(bars=60)
    candles.frame.loc[30:40, "volume"] = 0.0
    rules = Rules(lambda _: {})
    result = follow(rules, shape("change_volume_1"), [candles])
    assert result.unready == 11  # a change from nothing is no number: bars 31 to 41
    assert len(result.decisions) == 60 - 1 - 11


def test_symbols_share_cash_and_time_and_may_miss_bars():
    ether = market_of(*[(5, 6, 4, 5)] * 4, symbol="B/USD")
    kept = ether.frame.drop(index=1).reset_index(drop=True)
    holed = Candles(kept, "B/USD", "1h", "a test", synthetic=False)
    rules = Rules(lambda _: {"enter_long": True})
    result = follow(rules, shape("close"), [market_of(*[(10, 11, 9, 10)] * 4), holed])
    assert [sorted(starting) for starting, _ in rules.seen] == [
        ["A/USD", "B/USD"],
        ["A/USD"],
        ["A/USD", "B/USD"],
        ["A/USD", "B/USD"],
    ]
    values = {p.symbol: p.quantity * p.entry_price for p in result.open_positions}
    assert values == {"A/USD": 5000, "B/USD": 5000}
    entered = {p.symbol: p.entry_time - START for p in result.open_positions}
    assert entered == {"A/USD": 3600, "B/USD": 7200}


def test_a_portfolio_phase_reads_what_all_symbols_share():
    rules = Rules(lambda _: {})
    both = [market_of(*[(10, 11, 9, 10)] * 3)]
    follow(rules, shape("close", portfolio=("equity",)), both)
    assert rules.seen[0][1] == {"equity": 10_000.0}
    with pytest.raises(DataError, match="a portfolio has no close"):
        follow(rules, shape("close", portfolio=("close",)), both)


def test_what_a_portfolio_phase_decides_holds_for_every_symbol():
    def tick(starting: Mapping[str, Any], _: Mapping[str, Any]) -> Tick:
        each = {
            s: Decision(s, {"enter_long": True}, True, "", "", {}, {}, {}, {})
            for s in starting
        }
        whole = Decision("", {"notional": 100.0}, True, "", "", {}, {}, {}, {})
        return Tick(1, 0, each, whole)

    result = follow(tick, shape("close"), [market_of(*[(10, 11, 9, 10)] * 3)])
    assert result.open_positions[0].quantity == 10


@pytest.mark.parametrize("scope", ["symbol", "portfolio"])
def test_nothing_is_entered_beside_a_failed_module_and_exits_still_count(scope):
    def tick(starting: Mapping[str, Any], _: Mapping[str, Any]) -> Tick:
        bar = (starting["A/USD"]["time"] - START) // 3600 - 1
        out = {"enter_long": bar != 1, "exit_long": bar == 1}
        failed = ("stop",) if bar >= 1 else ()
        made = Decision("", out, True, "", "", {}, {}, {}, {}, failed=failed)
        clean = replace(made, failed=())
        own, whole = (made, clean) if scope == "symbol" else (clean, made)
        each = {s: replace(own, symbol=s) for s in starting}
        return Tick(1, 0, each, replace(whole, values={}))

    names = shape("close", "time")
    result = follow(tick, names, [market_of(*[(10, 11, 9, 10)] * 6)])
    assert [trade.reason for trade in result.trades] == ["exit"]
    assert result.open_positions == ()


def test_failures_and_versions_are_kept():
    rules = Rules(lambda _: {}, faults={"rule": "ValueError: no"})
    result = follow(rules, shape("close"), [market_of(*[(10, 11, 9, 10)] * 3)])
    assert [failure.remark for failure in result.failures] == ["ValueError: no"] * 3
    assert result.versions == {"rule": 3}


@pytest.mark.parametrize("cash", [0, -1, float("nan"), float("inf"), 2e9])
def test_cash_that_cannot_be_is_refused(cash):
    with pytest.raises(DataError):
        walked(lambda _: {}, (10, 11, 9, 10), (10, 11, 9, 10), cash=cash)


def test_what_the_candles_cannot_serve_is_refused_before_anything_runs():
    rules, bare = Rules(lambda _: {}), market_of(*[(10, 11, 9, 10)] * 5)
    for names, markets in (
        (["ema_20"], [bare]),
        (["volume"], [bare]),
        (["nonsense"], [bare]),
        (["close"], []),
        (["close"], [bare, bare]),
    ):
        with pytest.raises(DataError):
            follow(rules, shape(*names), markets)
    assert rules.seen == []


def test_progress_is_told_from_nothing_to_all():
    told: list[tuple[int, int]] = []
    rules = Rules(lambda _: {})
    candles = [generate(bars=1200)]
    follow(rules, shape("close"), candles, on_progress=lambda *now: told.append(now))
    assert told == [(0, 1200), (500, 1200), (1000, 1200), (1200, 1200)]


def test_the_summary_says_what_each_output_did():
    rules = Rules(
        lambda v: {
            "enter_long": v["close"] > 40_000,
            "notional": v["close"],
            "mood": "calm",
            "rule.reason": "",
        }
    )
    outputs = "enter_long notional mood reason absent"
    result = follow(rules, shape("close", outputs=outputs), [generate(bars=200)])
    rows = {row["output"]: row for row in summarise(result)}
    rising = sum(price > 40_000 for price in result.candles[0].frame["close"])
    assert rows["enter_long"]["share"] == pytest.approx(rising / 200)
    assert f"{rising} of 200" in rows["enter_long"]["said"]
    assert " to " in rows["notional"]["said"]
    assert rows["mood"]["said"] == "calm ×200"
    assert (rows["absent"]["said"], rows["absent"]["given"]) == ("nothing", 0)
    assert rows["reason"]["given"] == 200
    figures = totals(result)
    assert (figures["bars"], figures["decisions"], figures["synthetic"]) == (
        200,
        200,
        True,
    )
