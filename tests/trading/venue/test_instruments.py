"""Ticks, lots and minima: documented, or derived on the large side; grids kept safely."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from tests.trading.venue.market import PERP, SPOT, D, order
from trading.shell.venue.instruments import (
    derived,
    instrument_of,
    instruments_of,
    is_documented,
    known_instruments,
    on_grid,
    quantity_on,
)
from trading.shell.venue.orders import Purpose

MARKETS = sorted(known_instruments())
money = st.decimals("0.5", "200000", places=9)
quotes = st.floats(1e-5, 1e6)


def test_documented_markets_are_what_the_file_says() -> None:
    btc, perp = instrument_of(SPOT, 1), instrument_of(PERP, 1)
    assert (btc.tick, btc.minimum, btc.most_leverage) == (D("0.1"), D("0.0001"), 1)
    assert (perp.tick, perp.maintenance) == (D(1), D("0.01"))
    assert is_documented("SOL/USD")
    assert not is_documented("PEPE/USD")


def test_dollar_coins_trade_like_dollars_and_other_quotes_do_not() -> None:
    assert instrument_of("BTC/USDT", 1).tick == D("0.1")
    assert instrument_of("BTC/USDT", 1).symbol == "BTC/USDT"
    assert instrument_of("BTC/USDT:USDT", 1).tick == D(1)
    assert not is_documented("ETH/BTC")


@settings(max_examples=60)
@given(quotes, st.floats(1, 1000))
def test_a_derived_market_stays_tradable_however_far_the_price_rises(
    price: float, times: float
) -> None:
    found = derived("NEW/USD", price)
    exact, top = D(repr(price)), D(repr(price * times))
    assert exact / 200_000 < found.tick <= max(exact / 10_000, D("1e-12"))
    assert found.least_cost == 5
    assert found.minimum == found.lot
    assert found.lot * top <= max(D("0.1"), top / 10**8)
    assert found.most_leverage == 1


def test_the_tick_of_a_coin_of_a_millionth_is_no_cost_of_its_own() -> None:
    """At 1e-8 every fill would lose up to a hundredth of such a price."""
    assert derived("PEPE/USD", 1.2e-6).tick == D("1e-10")


def test_a_name_that_is_no_pair_is_quoted_in_dollars() -> None:
    assert derived("BTC", 40_000).least_cost == 5


def test_a_derived_perpetual_is_cautious() -> None:
    found = derived("NEW/USD:USD", 3.5)
    assert (found.most_leverage, found.maintenance) == (10, D("0.05"))
    assert derived("NEW/BTC", 0.001).least_cost == D("0.0001")


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_nothing_is_derived_from_what_is_no_price(price: float) -> None:
    with pytest.raises(DataError, match="can be derived"):
        instruments_of({"NEW/USD": price})


@settings(max_examples=60)
@given(st.sampled_from(MARKETS), money)
def test_a_quantity_is_rounded_down_and_by_less_than_a_lot(
    symbol: str, asked: Decimal
) -> None:
    market = known_instruments()[symbol]
    found = quantity_on(market, asked)
    assert found % market.lot == 0
    assert 0 <= asked - found < market.lot


@settings(max_examples=60)
@given(
    st.sampled_from(MARKETS),
    st.sampled_from(["limit", "stop", "take_profit"]),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from([Purpose.ENTRY, Purpose.STOP, Purpose.EXIT]),
    money,
)
def test_levels_are_moved_to_the_safe_side_and_by_less_than_a_tick(
    symbol: str, kind: str, side: str, purpose: Purpose, asked: Decimal
) -> None:
    market = known_instruments()[symbol]
    name = "price" if kind == "limit" else "trigger"
    intent = order(kind, side, symbol=symbol, purpose=purpose, **{name: asked})
    found = getattr(on_grid(intent, market), name)
    assert found % market.tick == 0
    assert abs(found - asked) < market.tick
    fires_when_it_rises = (side == "buy") == (kind == "stop")
    later = found - asked if fires_when_it_rises else asked - found
    if kind == "limit" or purpose is Purpose.ENTRY:
        assert later >= 0
    else:
        assert later <= 0


@settings(max_examples=60)
@given(st.sampled_from(["buy", "sell"]), money, money)
def test_an_entrys_closes_fire_no_later_than_was_asked(
    side: str, stop: Decimal, target: Decimal
) -> None:
    market = known_instruments()[SPOT]
    found = on_grid(order(side=side, stop=stop, target=target), market)
    sign = 1 if side == "buy" else -1
    assert found.stop is not None
    assert found.target is not None
    assert (found.stop - stop) * sign >= 0
    assert (target - found.target) * sign >= 0


@settings(max_examples=60)
@given(st.sampled_from(MARKETS), money)
def test_what_is_on_the_grid_stays_where_it_is(symbol: str, asked: Decimal) -> None:
    market = known_instruments()[symbol]
    once = on_grid(order("limit", symbol=symbol, price=asked, quantity=asked), market)
    assert on_grid(once, market) == once
