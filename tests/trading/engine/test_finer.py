"""Finer candles decide what came first inside a coarser one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell.engine.finer import finer_of
from trading.shell.synthetic import generate
from trading.shell.venue import Candle

MINUTES = generate(seed=3, bars=200, symbol="BTC/USD", step=60)
FIRST = int(MINUTES.frame["time"].iloc[0])


def coarse(symbol: str, number: int) -> Candle:
    return Candle(symbol, FIRST + 300 * number, 1.0, 2.0, 0.5, 1.5)


@given(st.integers(0, 39))
def test_the_finer_candles_are_those_that_opened_inside(number: int) -> None:
    found = finer_of([MINUTES], 300)(coarse("BTC/USD", number))
    times = [FIRST + 300 * number + 60 * at for at in range(5)]
    assert [one.time for one in found] == times
    rows = MINUTES.frame.iloc[5 * number : 5 * number + 5]
    assert [one.close for one in found] == rows["close"].tolist()


def test_a_market_or_a_time_without_finer_candles_has_none() -> None:
    finer = finer_of([MINUTES], 300)
    assert list(finer(coarse("ETH/USD", 0))) == []
    assert list(finer(coarse("BTC/USD", 1000))) == []


@pytest.mark.parametrize("step", [60, 90, 30])
def test_a_timeframe_that_does_not_fit_inside_is_refused(step: int) -> None:
    with pytest.raises(DataError, match="cannot say what happened inside"):
        finer_of([MINUTES], step)
