"""Growth, risk and drawdown: by hand, against slow definitions, and as rules."""

import math
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.made_result import made_result
from tests.trading.made_trades import HOUR, START, facts, trade
from trading.shell.candles import Candles, build
from trading.shell.changed import changed
from trading.shell.engine.result import Result
from trading.shell.statistics.drawdown import (
    drawdowns,
    longest_under_water,
    ulcer_index,
)
from trading.shell.statistics.facts import YEAR
from trading.shell.statistics.groups import grouped, groups, heatmap
from trading.shell.statistics.measure import measure
from trading.shell.statistics.returns import buy_and_hold, usual

NONE = np.empty(0)
lines = st.lists(st.floats(1, 1000), min_size=1, max_size=25)


def found(equity, held=NONE, **other):
    return {one.name: one for one in usual(facts(equity=equity, **other), held)}


def rising(price: float, bars: int = 5) -> Candles:
    prices = [price * (1 + at) for at in range(bars)]
    times = [START + HOUR * at for at in range(bars)]
    columns = dict.fromkeys(("open", "high", "low", "close"), prices)
    return build({"time": times, **columns}, symbol="A/USD", source="made", where=str)


def held_by(candles: tuple[Candles, ...], warm_up: int) -> Result:
    """A session of a hundred that never traded."""
    result = made_result(candles, trades=False)
    return changed(result, warm_up=warm_up, equity=np.full(len(result.times), 100.0))


def test_sharpe_and_sortino_are_those_of_bar_returns_over_a_year():
    year = sqrt(YEAR / HOUR)
    figures = found([100, 110, 99, 108.9])  # returns 0.1, -0.1, 0.1
    mean, deviation = 0.1 / 3, sqrt(0.04 / 3)
    assert figures["sharpe"].value == pytest.approx(mean / deviation * year)
    assert figures["sortino"].value == pytest.approx(mean / sqrt(0.01 / 3) * year)
    assert figures["volatility"].value == pytest.approx(deviation * year)
    assert figures["total_return"].value == pytest.approx(0.089)


def test_a_market_of_which_every_other_hour_is_missing_has_half_the_bars_a_year():
    equity = [100, 110, 99, 108.9]
    whole = found(equity)
    thin = changed(facts(equity=equity), times=START + 2 * HOUR * np.arange(4))
    for one in usual(thin, NONE):
        if one.name in ("volatility", "sharpe", "sortino"):
            assert one.value == pytest.approx(whole[one.name].value / sqrt(2))


def test_a_year_that_doubles_grows_by_all_of_it_a_year():
    hours = int(YEAR / HOUR)
    equity = np.linspace(100, 200, hours + 1)
    equity[5] = 90
    figures = found(equity)
    assert figures["cagr"].value == pytest.approx(1, rel=1e-4)
    worst = figures["calmar"].value
    assert worst == pytest.approx(1 / (1 - 90 / equity[4]), rel=1e-3)


def test_a_short_session_has_no_yearly_rate_and_says_so():
    figures = found([100, 101, 103])
    assert figures["cagr"].value is None
    assert "30 days" in figures["calmar"].reason


def test_an_equity_that_never_moved_has_no_sharpe():
    assert found([100, 100, 100])["sharpe"].reason == "equity never moved"


def test_what_open_positions_hold_is_the_rest_of_the_equity():
    session = facts([trade(7)], [100, 110], deposits=100)
    assert {o.name: o.value for o in usual(session, NONE)}["open_result"] == 3


def test_holding_buys_equal_parts_at_the_first_bar_a_stack_could():
    result = held_by((rising(10), rising(2000)), warm_up=0)
    held = buy_and_hold(result, result.times)
    assert held.tolist() == [100, 100, 150, 200, 250]
    assert found([100] * 5, held)["buy_and_hold"].value == 1.5
    assert found([100] * 5, held)["excess_return"].value == -1.5


def test_holding_is_not_defined_where_the_warm_up_takes_every_bar():
    result = held_by((rising(10),), warm_up=4)
    held = buy_and_hold(result, result.times)
    assert not held.size
    assert found([100] * 5, held)["buy_and_hold"].value is None


def test_nothing_before_the_first_day_asked_for_is_measured():
    result = changed(held_by((rising(10),), warm_up=0), first=START + 3 * HOUR, scans=2)
    metrics = measure(result)
    assert metrics.facts.times.tolist() == [START + HOUR * at for at in (2, 3, 4)]
    assert metrics.figure("scan_success_rate").value == 1
    assert metrics.held.tolist() == [100, 100, 100]  # bought at the last open


@settings(max_examples=40)
@given(
    st.integers(0, 30), st.lists(st.integers(2, 25), min_size=1, max_size=3), st.data()
)
def test_what_is_measured_begins_a_bar_before_the_first_decided_on(warm, sizes, data):
    markets = tuple(rising(10 + n, bars) for n, bars in enumerate(sizes))
    asked = data.draw(st.integers(0, max(sizes) - 1))
    result = changed(held_by(markets, warm), first=START + HOUR * asked)
    decided = [bar for bars in sizes for bar in range(max(warm, asked), bars)]
    begin = max(0, min(decided) - 1) if decided else len(result.times) - 1
    assert measure(result).facts.times.tolist() == result.times[begin:].tolist()


@settings(max_examples=60)
@given(lines, st.floats(0.01, 100))
def test_drawdowns_are_shares_and_do_not_know_the_size_of_the_account(equity, size):
    falls = drawdowns(np.array(equity))
    assert ((falls >= 0) & (falls < 1)).all()
    assert np.allclose(falls, drawdowns(np.array(equity) * size))
    assert ulcer_index(np.array(equity)) <= 100 * falls.max() + 1e-9


@settings(max_examples=80)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=14))
def test_the_longest_time_under_water_is_the_slowly_counted_one(equity):
    line, last = np.array(equity, float), len(equity) - 1
    times = np.arange(len(equity)) * 10
    longest = 0
    for at, peak in enumerate(equity):
        if peak < max(equity[: at + 1]):
            continue
        back = next((i for i in range(at + 1, last + 1) if equity[i] >= peak), last)
        if any(value < peak for value in equity[at + 1 : back + 1]):
            longest = max(longest, int(times[back] - times[at]))
    assert longest_under_water(times, line) == longest


@settings(max_examples=60)
@given(st.lists(st.integers(-(10**7), 10**7).map(lambda n: n / 100), max_size=20))
def test_no_usual_figure_is_infinite_or_not_a_number(equity):
    for one in found(equity).values():
        assert one.reason if one.value is None else math.isfinite(one.value)


def test_groups_split_the_trades_and_lose_none():
    trades = [
        trade(5, (9, 10)),
        trade(-2, (33, 34), side="short", reason="target"),
        trade(4, (9 + 168, 180), regime=""),
    ]
    split = groups(trades)
    assert all(sum(one.trades for one in rows) == 3 for rows in split.values())
    assert all(float(sum(one.net for one in rows)) == 7 for rows in split.values())
    assert [one.key for one in split["weekday"]] == ["Mon", "Tue"]
    assert {one.key for one in split["regime"]} == {"trend", "unknown"}
    (monday,) = (one for one in split["weekday"] if one.key == "Mon")
    assert (monday.win_rate, monday.profit_factor) == (1, None)
    assert heatmap(trades)[0, 9].trades == 2


def test_days_stand_in_the_order_of_the_week():
    trades = [trade(1, (24 * day, 24 * day + 1)) for day in (6, 2, 0)]
    rows = grouped(trades, lambda t: groups([t])["weekday"][0].key)
    assert [one.key for one in rows] == ["Mon", "Wed", "Sun"]
