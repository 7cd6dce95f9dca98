"""The 28 truth metrics: by hand on a known session, and as rules on any."""

import math
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.made_trades import HOUR, START, facts, trade
from trading.shell.statistics import Figure
from trading.shell.statistics.facts import Facts
from trading.shell.statistics.truth import truths

KNOWN = facts(
    trades=[
        trade(30, (1, 3), fees=Decimal(4), funding=Decimal(1)),  # net 25
        trade(-10, (2, 6), fees=Decimal(2)),  # net -12
        trade(3, (8, 9), fees=Decimal(3)),  # net 0
        trade(-5, (9, 10), fees=Decimal(3)),  # net -8
    ],
    equity=[100, 120, 90, 125, 110, 105, 100, 130, 130, 117, 105, 105],
    stack="trading",
    deposits=Decimal(100),
    fees=Decimal(12),
    signals=8,
    acted=5,
    scans=9,
    scans_since_start=9,
    expected=12,
    uptime=7.5,
    now=START + 12 * HOUR + 40,
    newest=START + 12 * HOUR,
    model_cost=Decimal("0.25"),
    versions={"chop": 2, "rsi_state": 1},
)


def values(of: Facts) -> dict[str, object]:
    return {one.name: one.value for one in truths(of)}


def test_a_known_session_has_the_values_worked_out_by_hand():
    found = values(KNOWN)
    assert str(found.pop("strategy_version")).startswith("trading@")
    assert found == {
        "net_pnl": 5,
        "trade_count": 4,
        "win_count": 1,
        "loss_count": 2,
        "win_rate": 0.25,
        "total_fees": 12,
        "portfolio_value": 105,
        "max_drawdown": 0.25,  # 120 to 90, and not 130 to 105
        "consecutive_losses": 1,
        "system_uptime": 7.5,
        "total_scans": 9,
        "total_signals": 8,
        "signal_act_rate": 0.625,
        "scans_since_startup": 9,
        "scan_success_rate": 0.75,
        "data_freshness": 40,
        "expectancy": Decimal("1.25"),
        "gross_profit": 25,
        "gross_loss": 20,
        "profit_factor": 1.25,
        "avg_win": 25,
        "avg_loss": 10,
        "avg_hold_h": 2,
        "longest_drawdown_h": 4,  # 125 at hour 3 to 130 at hour 7
        "exposure_pct": 100 * 7 / 12,  # hours 1 to 6 and 8 to 10
        "rejected_signals": 3,
        "llm_cost": Decimal("0.25"),
    }


def test_there_are_28_and_each_says_how_it_is_computed():
    found = truths(KNOWN)
    assert len({one.name for one in found}) == len(found) == 28
    assert all(one.formula and one.unit for one in found)


def test_where_there_is_nothing_a_figure_says_why_and_is_not_zero():
    undefined = {one.name: one.reason for one in truths(Facts()) if one.value is None}
    assert undefined.keys() == {
        *("win_rate", "portfolio_value", "max_drawdown", "signal_act_rate"),
        *("scan_success_rate", "data_freshness", "expectancy", "strategy_version"),
        *("profit_factor", "avg_win", "avg_loss", "avg_hold_h"),
        *("longest_drawdown_h", "exposure_pct", "llm_cost"),
    }
    assert all(undefined.values())


def test_without_a_loss_the_profit_factor_is_not_infinite():
    found = {one.name: one for one in truths(facts([trade(5)], [1, 2]))}
    assert found["profit_factor"].value is None
    assert found["profit_factor"].reason == "no trade was lost"


def test_another_version_of_a_module_is_another_strategy():
    one, two = (
        values(Facts(stack="s", versions={"chop": number}))["strategy_version"]
        for number in (1, 2)
    )
    assert one != two


def test_an_equity_that_never_recovers_is_under_water_to_the_end():
    assert values(facts(equity=[5, 4, 4.5, 3]))["longest_drawdown_h"] == 3


cents = st.integers(-500, 500).map(lambda n: n / 4)
spans = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda t: (t[0], sum(t)))
some_trades = st.lists(
    st.builds(trade, cents, spans, fees=st.integers(0, 3).map(Decimal)), max_size=12
)


@settings(max_examples=60)
@given(some_trades)
def test_the_counts_and_sums_agree_with_each_other(trades):
    found = values(facts(trades, [100.0] * 24))
    assert found["gross_profit"] - found["gross_loss"] == found["net_pnl"]
    assert found["win_count"] + found["loss_count"] <= found["trade_count"]
    assert 0 <= found["exposure_pct"] <= 100
    if trades:
        total = found["expectancy"] * found["trade_count"]
        assert math.isclose(total, found["net_pnl"], abs_tol=1e-9)


@settings(max_examples=60)
@given(some_trades, st.lists(cents, max_size=20))
def test_no_figure_is_ever_infinite_or_not_a_number(trades, equity):
    def sound(one: Figure) -> bool:
        if one.value is None:
            return bool(one.reason)
        return isinstance(one.value, str) or math.isfinite(one.value)

    assert all(map(sound, truths(facts(trades, equity))))
