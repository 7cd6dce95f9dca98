"""Each of the nine checks on both sides of its boundary."""

from decimal import Decimal
from typing import Any

import pytest

from tests.trading.law.orders_before_the_law import (
    ENTRY,
    EXIT,
    FUTURES,
    SPOT,
    STANDING,
    D,
    law,
    limits,
)
from trading.shell.changed import changed
from trading.shell.law import CHECKS
from trading.shell.law.checks import RULES
from trading.shell.venue.orders import Kind, Purpose, Side

SHORT = changed(ENTRY, side=Side.SELL, symbol="BTC/USD:USD", stop=D(102), target=D(96))
LONG = changed(ENTRY, symbol="BTC/USD:USD")


def test_the_nine_checks_are_the_nine_of_the_law() -> None:
    assert tuple(RULES) == CHECKS
    assert len(CHECKS) == 9
    assert all(rule.__doc__ for rule in RULES.values())


@pytest.mark.parametrize(
    ("check", "lawful", "unlawful"),
    [
        ("mode_and_permission", {"permitted": True}, {"permitted": False}),
        ("mode_and_permission", {"reduce_only": False}, {"reduce_only": True}),
        (
            "mode_and_permission",
            {"intent": SHORT, "instrument": FUTURES},
            {"intent": changed(SHORT, symbol="BTC/USD")},
        ),
        (
            "mode_and_permission",
            {"instrument": SPOT},
            {"instrument": changed(SPOT, trading=False)},
        ),
        ("mode_and_permission", {"instrument": SPOT}, {"instrument": FUTURES}),
        ("halted", {"halted": ""}, {"halted": "drawdown: 30 %"}),
        (
            "size_minimum",
            {"instrument": changed(SPOT, minimum=D(1))},
            {"instrument": changed(SPOT, minimum=D("1.001"))},
        ),
        (
            "size_minimum",
            {"under": limits(least_notional=D(100))},
            {"under": limits(least_notional=D("100.01"))},
        ),
        ("size_minimum", {"round_trip": D("0.04")}, {"round_trip": D("0.0401")}),
        ("position_count", {"positions": 49}, {"positions": 50}),
        (
            "exposure_and_open_risk",
            {"under": limits(exposure_share=D(1)), "exposure": D(900)},
            {"under": limits(exposure_share=D(1)), "exposure": D(1000)},
        ),
        (
            "exposure_and_open_risk",
            {"under": limits(open_risk_share=D("0.1")), "open_risk": D(98)},
            {"under": limits(open_risk_share=D("0.1")), "open_risk": D(100)},
        ),
        (
            "exposure_and_open_risk",
            {"intent": changed(LONG, leverage=D(10)), "instrument": FUTURES},
            {
                "intent": changed(LONG, leverage=D(10), stop=D(91)),
                "instrument": FUTURES,
            },
        ),
        ("trades_a_day", {"symbol_trades_today": 99}, {"symbol_trades_today": 100}),
        ("trades_a_day", {"trades_today": 299}, {"trades_today": 300}),
        (
            "daily_loss",
            {"equity": D("500.01"), "peak_equity": D(500)},
            {"equity": D(500), "peak_equity": D(500)},
        ),
        (
            "losses_and_drawdown",
            {"consecutive_losses": 19},
            {"consecutive_losses": 20},
        ),
        (
            "losses_and_drawdown",
            {"peak_equity": D("1999.99"), "under": limits(drawdown_share=D("0.5"))},
            {"peak_equity": D(2000), "under": limits(drawdown_share=D("0.5"))},
        ),
        ("mode_and_permission", {}, {"under": limits(leverage=D("0.5"))}),
        (
            "size_minimum",
            {"intent": ENTRY},
            {"intent": changed(ENTRY, target=D(99))},
        ),
        (
            "size_minimum",
            {
                "intent": changed(ENTRY, price=D(99)),
                "under": limits(least_notional=D(99)),
            },
            {
                "intent": changed(ENTRY, price=D(99)),
                "under": limits(least_notional=D(100)),
            },
        ),
        ("size_maximum", {"cash": D(200)}, {"cash": D("0.05")}),
        (
            "size_maximum",
            {"symbol_exposure": D(9000)},
            {"symbol_exposure": D(10_000)},
        ),
    ],
)
def test_a_check_refuses_from_its_boundary_on_and_says_so(
    check: str, lawful: dict[str, Any], unlawful: dict[str, Any]
) -> None:
    assert law(**lawful).allowed
    verdict = law(**unlawful)
    assert (verdict.allowed, verdict.check, verdict.quantity) == (False, check, 0)
    assert verdict.reason


@pytest.mark.parametrize(
    ("limit", "asked", "left"),
    [
        ({"position_money": D(50)}, D(1), D("0.5")),
        ({"position_share": D("0.0333")}, D(1), D("0.333")),
        ({"exposure_money": D("12.3456")}, D(1), D("0.123")),
        ({"exposure_share": D("0.05")}, D(1), D("0.5")),
        ({"open_risk_share": D("0.001")}, D(1), D("0.5")),
        ({}, D("1.00099"), D("1.000")),
    ],
)
def test_a_size_is_cut_down_to_lots_and_never_up(
    limit: dict[str, Any], asked: Decimal, left: Decimal
) -> None:
    verdict = law(intent=changed(ENTRY, quantity=asked), under=limits(**limit))
    assert (verdict.allowed, verdict.quantity) == (True, left)
    assert bool(limit) == ("cut down" in verdict.reason)


def test_what_is_cut_below_the_least_size_is_refused() -> None:
    verdict = law(under=limits(position_money=D(4), least_notional=D(5)))
    assert verdict.check == "size_minimum"


def test_an_order_below_the_least_quantity_is_refused_in_figures() -> None:
    large = changed(SPOT, minimum=D("0.1"))
    verdict = law(intent=changed(ENTRY, quantity=D("0.001")), instrument=large)
    assert (verdict.check, verdict.reason) == (
        "size_minimum",
        "too small: 0.001, worth 0.10; the market takes 0.1, worth 10.00",
    )


def test_an_entry_against_cash_keeps_half_a_round_trip_back() -> None:
    assert law(cash=D(50), round_trip=D("0.01")).quantity == D("0.497")


def test_a_limit_order_counts_at_the_dearest_price_it_may_have() -> None:
    dear = changed(ENTRY, kind=Kind.LIMIT, price=D(102), target=D(110))
    assert law(intent=dear, under=limits(position_money=D(102))).quantity == 1
    assert law(intent=dear, under=limits(position_money=D(101))).quantity < 1


@pytest.mark.parametrize(
    ("side", "price", "stop"), [(LONG, D(102), D(98)), (SHORT, D(98), D(102))]
)
def test_a_limit_order_risks_all_the_way_from_its_worst_price_to_its_stop(
    side: Any, price: Decimal, stop: Decimal
) -> None:
    wide = changed(side, kind=Kind.LIMIT, price=price, stop=stop, target=None)
    some = limits(open_risk_share=D("0.002"))
    assert law(intent=wide, instrument=FUTURES, under=some).quantity == D("0.5")


def test_leverage_is_brought_down_to_the_least_of_law_and_market() -> None:
    wild = changed(LONG, leverage=D(50))
    verdict = law(intent=wild, instrument=FUTURES, under=limits(leverage=D(3)))
    assert verdict.leverage == 3
    assert verdict.applied(wild).leverage == 3
    assert "leverage" in verdict.reason
    assert law(intent=changed(ENTRY, leverage=D(5))).leverage == 1


@pytest.mark.parametrize(
    "stop", [None, D(101), D(100), D(0), D("NaN"), D("Infinity"), D("-1")]
)
def test_an_entry_without_a_stop_that_can_be_hit_is_refused(stop: Any) -> None:
    needed = limits(stop_required=True)
    assert not law(intent=changed(ENTRY, stop=stop), under=needed).allowed


def test_where_no_stop_is_required_all_of_the_money_is_at_risk() -> None:
    bare = changed(ENTRY, stop=None, target=None)
    some = limits(stop_required=False, open_risk_share=D("0.05"))
    assert law(intent=bare, under=some).quantity == D("0.5")
    short = changed(SHORT, stop=None)
    assert not law(intent=short, instrument=FUTURES, under=some).allowed


@pytest.mark.parametrize("purpose", [p for p in Purpose if p is not Purpose.ENTRY])
def test_nothing_but_permission_keeps_an_order_that_reduces(purpose: Purpose) -> None:
    worst: dict[str, Any] = {
        "equity": D("NaN"),
        "cash": D(-5),
        "halted": "drawdown",
        "reduce_only": True,
        "trades_today": 10**6,
        "consecutive_losses": 10**6,
        "exposure": D("Infinity"),
        "price": D("NaN"),
    }
    leave = changed(EXIT, purpose=purpose)
    assert law(intent=leave, held=D(1), **worst).quantity == 1
    assert not law(intent=leave, held=D(1), permitted=False).allowed


def test_an_order_that_reduces_is_no_larger_than_what_is_held() -> None:
    assert law(intent=EXIT, held=D("0.4")).quantity == D("0.4")
    assert law(intent=EXIT, held=D("0.0004")).quantity == D("0.0004")


@pytest.mark.parametrize("held", [D(0), D(-1), D("NaN")])
def test_an_order_that_would_open_under_the_name_of_a_stop_is_refused(
    held: Decimal,
) -> None:
    verdict = law(intent=changed(EXIT, purpose=Purpose.STOP), held=held)
    assert verdict.check == "mode_and_permission"


def test_a_second_position_in_a_symbol_is_no_further_position() -> None:
    assert law(positions=50, holds_symbol=True).allowed


def test_a_learning_account_may_lose_more_often() -> None:
    learner = limits(consecutive_losses=10, learning_trades=50)
    assert law(under=learner, trades=49, consecutive_losses=19).allowed
    assert not law(under=learner, trades=50, consecutive_losses=10).allowed


@pytest.mark.parametrize("field", STANDING.__slots__)
@pytest.mark.parametrize("value", [D("NaN"), D("sNaN"), None, float("nan")])
def test_a_figure_that_cannot_be_computed_refuses(field: str, value: Any) -> None:
    if field not in ("at", "holds_symbol", "held", "permitted", "reduce_only"):
        verdict = law(**{field: value}, under=limits(learning_trades=1))
        assert verdict.allowed is False
