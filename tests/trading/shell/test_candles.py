"""Candles are checked once; what is wrong is named; gaps stay gaps."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell.candles import (
    Candles,
    Gap,
    build,
    require_usable,
    seconds_of,
    timeframe_of,
)
from trading.shell.config import Costs
from trading.shell.market_names import in_dollars, market_meant, market_typed, symbol_in

START = 1_600_000_000 - 1_600_000_000 % 86_400


def candles(times: list[int], *, bare: bool = False, **changes: list[float]) -> Candles:
    n = len(times)
    columns = {
        "time": times,
        "open": [10.0] * n,
        "high": [12.0] * n,
        "low": [9.0] * n,
        "close": [11.0] * n,
        **({} if bare else {"volume": [5.0] * n}),
        **changes,
    }
    return build(columns, symbol="BTC/USD", source="a test", where=lambda i: f"row {i}")


def hours(*steps: int) -> list[int]:
    return [START + 3600 * step for step in steps]


def refusal(times: list[int], **changes: list[float]) -> DataError:
    with pytest.raises(DataError) as refused:
        candles(times, **changes)
    assert refused.value.remedy
    return refused.value


def test_gaps_are_reported_and_kept():
    one = candles(hours(0, 1, 2, 5, 6, 8))
    assert one.gaps == (Gap(hours(2)[0], 2), Gap(hours(6)[0], 1))
    assert len(one) == 6
    assert "2 gaps (3 bars missing)" in one.describe()


@given(st.lists(st.integers(0, 400), min_size=3, unique=True).map(sorted))
def test_bars_and_gaps_together_cover_the_span(steps):
    whole = [*steps, steps[-1] + 1, steps[-1] + 2, *range(steps[-1] + 3, 900)]
    one = candles(hours(*whole))
    missing = sum(gap.missing for gap in one.gaps)
    assert len(one) + missing == whole[-1] - whole[0] + 1
    assert one.frame["time"].tolist() == hours(*whole)


@pytest.mark.parametrize(
    "field, row, change",
    [
        ("high", 1, {"high": [12.0, 8.0, 12.0]}),
        ("high", 2, {"high": [12.0, 12.0, 10.5]}),
        ("low", 0, {"low": [10.5, 9.0, 9.0]}),
        ("open", 1, {"open": [10.0, float("nan"), 10.0]}),
        ("close", 2, {"close": [11.0, 11.0, 0.0]}),
        ("close", 0, {"close": [-1.0, 11.0, 11.0]}),
        ("high", 0, {"high": [2e7, 12.0, 12.0]}),
        ("volume", 1, {"volume": [1.0, -0.1, 1.0]}),
        ("volume", 1, {"volume": [1.0, float("nan"), 1.0]}),
    ],
)
def test_a_bar_that_cannot_be_is_refused_by_row_and_column(field, row, change):
    error = refusal(hours(0, 1, 2), **change)
    assert (error.field, error.where) == (field, f"row {row}")
    assert error.value is not None


@pytest.mark.parametrize(
    "times, row, words",
    [
        (hours(0, 1, 1, 2), 2, "the row before, too"),
        (hours(0, 2, 1, 3), 2, "earlier than the row before"),
        ([5, 6, 7], 0, "not between 2009 and 2100"),
        ([t * 1000 for t in hours(0, 1)], 0, "not between 2009 and 2100"),
        ([*hours(0, 1, 2), hours(3)[0] + 60, *hours(4, 5)], 3, "not a whole number"),
        ([t + 3599 for t in hours(0, 1, 2)], 0, "last second of a bar"),
    ],
)
def test_times_that_cannot_be_are_refused(times, row, words):
    error = refusal(times)
    assert words in error.message
    assert (error.field, error.where) == ("time", f"row {row}")


@pytest.mark.parametrize("times", [[], hours(0)])
def test_fewer_than_two_bars_are_no_candles(times):
    assert refusal(times)


def test_candles_without_volume_serve_stacks_that_do_not_use_it():
    bare = candles(hours(*range(60)), bare=True)
    require_usable(bare, ["ema_20", "close"])
    with pytest.raises(DataError) as refused:
        require_usable(bare, ["ema_20", "volume_ratio_20", "average_volume_5"])
    assert "average_volume_5, volume_ratio_20" in refused.value.message
    assert refused.value.field == "volume"


def test_too_few_bars_for_the_warm_up_are_refused_with_the_number_needed():
    few = candles(hours(*range(100)))
    require_usable(few, ["ema_100"])
    with pytest.raises(DataError) as refused:
        require_usable(few, ["ema_9", "prior_ema_100"])
    assert refused.value.field == "prior_ema_100"
    assert "101" in refused.value.remedy


@given(st.integers(1, 999), st.sampled_from("mhdw"))
def test_a_timeframe_and_its_seconds_are_one_thing(count, unit):
    seconds = seconds_of(f"{count}{unit}")
    assert seconds_of(timeframe_of(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "0h", "1y", "-1h", "1.5h", "1H"])
def test_what_is_no_timeframe_is_refused(text):
    with pytest.raises(DataError):
        seconds_of(text)


@pytest.mark.parametrize(
    "name, symbol",
    [
        ("kraken_XBTUSD_1h_2020-2021.csv.gz", "BTC/USD"),
        ("ftx_BTC-PERP_1m_2022-01a.csv", "BTC/USD:USD"),
        ("binance_SOLUSDT_1h.csv", "SOL/USDT"),
        ("freqtrade_ETHBTC_5m.csv", "ETH/BTC"),
        ("BTC-USD.csv", "BTC/USD"),
        ("my prices.csv", "my prices.csv"),
    ],
)
def test_the_symbol_is_read_off_a_file_name(name, symbol):
    assert symbol_in(name) == symbol


@pytest.mark.parametrize(
    "typed, market",
    [
        ("xbt/usd", "BTC/USD"),
        ("XBT/USD:USD", "BTC/USD:USD"),
        ("eth/xbt", "ETH/BTC"),
        ("XDG/EUR", "DOGE/EUR"),
        ("SOL/USD", "SOL/USD"),
    ],
)
def test_krakens_own_names_of_coins_are_understood(typed: str, market: str):
    assert market_typed(typed) == market


@pytest.mark.parametrize(
    "typed, market",
    [
        ("XBTUSD", "BTC/USD"),
        ("btc-usd", "BTC/USD"),
        ("SOLUSDT", "SOL/USDT"),
        ("PF_XBTUSD", "BTC/USD:USD"),
        ("PI_ETHUSD", ""),
        ("XXBTZUSD", "BTC/USD"),
        ("XETHXXBT", "ETH/BTC"),
        ("XRPEUR", "XRP/EUR"),
        ("FOO", ""),
        ("", ""),
    ],
)
def test_a_market_that_is_written_otherwise_is_guessed(typed: str, market: str):
    assert market_meant(typed) == market


@pytest.mark.parametrize(
    "symbol, dollars",
    [
        ("SOL/USDT", "SOL/USD"),
        ("SOL/USDC:USDC", "SOL/USD:USD"),
        ("SOL/USD:USD", "SOL/USD:USD"),
        ("SOL/EUR", "SOL/EUR"),
    ],
)
def test_a_market_in_a_coin_that_stands_for_a_dollar_costs_what_it_does_in_dollars(
    symbol: str, dollars: str
):
    own = {"SOL/USD": {"spread": "0.001"}, "SOL/USD:USD": {"slippage": "0.002"}}
    costs = Costs.model_validate({"symbols": own})
    assert in_dollars(symbol) == dollars
    assert costs.spread_of(symbol) == costs.spread_of(dollars)
    assert costs.slippage_of(symbol) == costs.slippage_of(dollars)
    assert costs.spread_of("SOL/USDT") == Decimal("0.001")
