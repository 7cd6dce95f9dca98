"""Margin, liquidation and funding of perpetuals, figure by figure."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from tests.trading.venue.market import (
    PERP,
    STEP,
    D,
    candle,
    costs,
    fee_table,
    fills,
    matching,
    order,
    play,
    take,
)
from trading.shell.venue import Candle
from trading.shell.venue.funding import CAP, FundingSeries, hours_in
from trading.shell.venue.matching import Matching
from trading.shell.venue.orders import Funding, Purpose

FLAT = (100, 100, 100, 100)


def perp(number: int, prices: tuple[float, ...]) -> Candle:
    return candle(number, prices, symbol=PERP)


def opened(side: str, leverage: int, cash: str = "10000", **how: Any) -> Matching:
    """A perpetual position of 1 at 100."""
    venue = matching(cash, **how)
    take(venue, order(side=side, symbol=PERP, leverage=leverage))
    venue.begin(PERP, STEP, 100.0)
    return venue


def test_an_entry_sets_its_margin_aside_and_a_close_gives_it_back() -> None:
    venue = opened("sell", 4, fees=fee_table(taker="0.0005"))
    held = venue.mirror.positions[PERP]
    assert (held.quantity, held.cost, held.margin) == (D(-1), D(-100), D(25))
    assert venue.mirror.cash == D(10_000) - 25 - D("0.05")
    take(venue, order(symbol=PERP, id="x", purpose=Purpose.EXIT))
    play(venue, perp(2, (90, 90, 90, 90)))
    assert venue.mirror.cash == D(10_000) + 10 - D("0.05") - D("0.045")
    assert venue.mirror.positions == {}


# Long: (100 − 10) / 0.99 = 90.91; short: (100 + 10) / 1.01 = 108.91. The margin is 10.
@pytest.mark.parametrize(
    ("side", "prices", "price"),
    [
        ("buy", (100, 100, 90.90, 95), "90.9"),
        ("buy", (90.5, 95, 90, 95), "90.5"),
        ("buy", (50, 60, 40, 55), "90"),
        ("sell", (100, 108.92, 100, 105), "108.92"),
        ("sell", (109, 112, 109, 110), "109"),
        ("sell", (200, 210, 190, 200), "110"),
    ],
)
def test_a_liquidation_loses_the_margin_and_never_more(
    side: str, prices: tuple[float, ...], price: str
) -> None:
    venue = opened(side, 10, cash="10")
    play(venue, perp(1, FLAT))
    found = play(venue, perp(2, prices))
    assert [(one[0], one[2]) for one in fills(found)] == [("liquidation", price)]
    assert venue.mirror.cash == 0
    assert venue.mirror.positions == {}
    assert not venue.busy(PERP)


@pytest.mark.parametrize(
    ("side", "prices"),
    [("buy", (100, 100, 90.92, 95)), ("sell", (100, 108.9, 100, 105))],
)
def test_a_position_lives_until_its_maintenance_margin(
    side: str, prices: tuple[float, ...]
) -> None:
    venue = opened(side, 10)
    assert play(venue, perp(1, prices)) != []
    assert PERP in venue.mirror.positions


def test_an_unlevered_long_is_never_liquidated() -> None:
    venue = opened("buy", 1)
    assert len(fills(play(venue, perp(1, (100, 100, 0.01, 0.02))))) == 1


def test_a_stop_before_the_liquidation_saves_what_is_left_of_the_margin() -> None:
    venue = matching()
    take(venue, order(symbol=PERP, leverage=10, stop=95))
    found = fills(play(venue, perp(1, (100, 100, 80, 85))))
    assert found[1] == ("stop", "-1", "95")
    assert venue.mirror.cash == D(9995)


def test_an_open_beyond_stop_and_liquidation_is_a_liquidation() -> None:
    venue = matching()
    take(venue, order(symbol=PERP, leverage=10, stop=95))
    found = fills(play(venue, perp(1, FLAT), perp(2, (90.5, 95, 90, 95))))
    assert found[1] == ("liquidation", "-1", "90.5")


def test_a_stop_behind_the_liquidation_comes_too_late() -> None:
    venue = matching()
    take(venue, order(symbol=PERP, leverage=10, stop=85))
    assert fills(play(venue, perp(1, (100, 100, 80, 85))))[1][0] == "liquidation"


def test_longs_pay_positive_funding_each_whole_hour_and_shorts_receive_it() -> None:
    for side, sign in (("buy", 1), ("sell", -1)):
        venue = opened(side, 2, costs=costs(funding=D("0.001")))
        found = play(venue, perp(1, (100, 110, 95, 110)))
        paid = [one for one in found if isinstance(one, Funding)]
        assert [(one.amount, one.rate, one.at) for one in paid] == [
            (sign * D("0.11"), D("0.001"), 2 * STEP)
        ]
        assert venue.mirror.positions[PERP].margin == 50 - sign * D("0.11")
        assert venue.mirror.cash == D(9950)


def test_funding_moves_the_liquidation() -> None:
    rich = opened("buy", 10, costs=costs(funding=D("-0.0025")))
    poor = opened("buy", 10, costs=costs(funding=D("0.0025")))
    for venue in (rich, poor):
        play(venue, perp(1, FLAT))
    almost = perp(2, (100, 100, 90.95, 95))
    assert fills(play(rich, almost)) == []
    assert fills(play(poor, almost))[0][0] == "liquidation"


def test_funding_takes_no_more_than_the_margin() -> None:
    day = 86_400
    venue = opened("buy", 10, cash="10", step=60 * day, costs=costs(funding=CAP))
    play(venue, perp(1, FLAT))
    assert venue.mirror.cash == 0
    assert venue.mirror.positions[PERP].margin == 0


def test_a_series_decides_the_rate_where_it_has_one() -> None:
    series = FundingSeries([2 * STEP], [D("0.0008")], hours=8)
    venue = opened("buy", 2, costs=costs(funding=D("0.002")), funding={PERP: series})
    found = play(venue, *(perp(number, FLAT) for number in range(1, 12)))
    rates = [one.rate for one in found if isinstance(one, Funding)]
    assert rates == [D("0.002")] + [D("0.0001")] * 8 + [D("0.002")] * 2


def test_the_fraction_is_capped_at_a_quarter_of_a_percent_an_hour() -> None:
    series = FundingSeries([0, STEP], [D("0.25"), D("-0.25")])
    assert (series.at(0), series.at(STEP)) == (CAP, -CAP)
    assert series.at(-1) is None
    assert series.at(2 * STEP) is None


def test_a_series_out_of_order_is_refused() -> None:
    with pytest.raises(DataError, match="rising times"):
        FundingSeries([1, 1], [D(0), D(0)])


@given(st.integers(0, 10**6), st.integers(60, 10**5))
def test_every_whole_hour_belongs_to_one_candle(start: int, step: int) -> None:
    both = [*hours_in(start, start + step), *hours_in(start + step, start + 2 * step)]
    assert both == list(hours_in(start, start + 2 * step))
    assert all(hour % STEP == 0 for hour in both)


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 10),
    st.sampled_from(["buy", "sell"]),
    st.integers(1, 30_000).map(lambda cents: cents / 100),
    st.integers(0, 50).map(lambda n: D(n) / 1000),
)
def test_a_close_at_any_price_loses_no_more_than_the_margin(
    leverage: int, side: str, price: float, slippage: Decimal
) -> None:
    venue = matching("200", costs=costs(str(slippage)), fees=fee_table(taker="0.0005"))
    take(venue, order(side=side, symbol=PERP, leverage=leverage))
    venue.begin(PERP, STEP, 100.0)
    free = venue.mirror.cash
    closing = "sell" if side == "buy" else "buy"
    take(venue, order(side=closing, symbol=PERP, id="x", purpose=Purpose.EXIT))
    venue.begin(PERP, 2 * STEP, price)
    assert all(one.fee >= 0 for one in venue.take_events())
    assert venue.mirror.positions == {}
    assert venue.mirror.cash >= free
