"""Which candles a run gets, and that it says why."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from tests.fake_kraken import FakeKraken, serving
from trading.shell import candle_clock
from trading.shell.candles import stamp
from trading.shell.market import choose
from trading.shell.synthetic import START, generate
from trading.shell.venue.instruments import instrument_of, known_instruments


def csv_of(path: Path, **options: int) -> Path:
    generate(**options).frame.to_csv(path, index=False)
    return path


def standing_at(second: int) -> SimpleNamespace:
    """A clock that stands still."""
    return SimpleNamespace(time=lambda: second)


def test_given_files_are_used_and_never_called_synthetic(tmp_path):
    market = choose([csv_of(tmp_path / "a_BTCUSD.csv", bars=50)], names=["ema_20"])
    assert not market.synthetic
    assert market.symbols == ("BTC/USD",)
    assert "a_BTCUSD.csv" in market.reason


def test_bad_files_are_refused_and_not_replaced(tmp_path):
    with pytest.raises(DataError) as refused:
        choose([tmp_path / "absent.csv"])
    assert refused.value.field == "--csv"
    assert refused.value.value == str(tmp_path / "absent.csv")
    with pytest.raises(DataError, match="too few"):
        choose([csv_of(tmp_path / "a_BTCUSD.csv", bars=50)], names=["ema_200"])


def test_candles_of_the_future_are_refused(tmp_path, monkeypatch):
    """A day ahead may be another time zone."""
    path = csv_of(tmp_path / "a_BTCUSD.csv", bars=50)
    last = START + 49 * 3600
    monkeypatch.setattr(candle_clock, "time", standing_at(last - 86_400))
    assert len(choose([path]).candles[0]) == 50
    monkeypatch.setattr(candle_clock, "time", standing_at(last - 86_401))
    with pytest.raises(DataError, match="1 candle opens after now") as refused:
        choose([path])
    assert (refused.value.field, refused.value.value) == ("time", stamp(last))
    assert refused.value.where == str(path)
    assert refused.value.remedy


def test_files_of_two_timeframes_are_refused(tmp_path):
    hourly = csv_of(tmp_path / "a_BTCUSD.csv", bars=50)
    daily = csv_of(tmp_path / "b_ETHUSD.csv", bars=50, step=86_400)
    with pytest.raises(DataError, match="one timeframe"):
        choose([hourly, daily])


def test_without_files_kraken_is_asked():
    rows = [tuple(row) for row in generate(bars=300).frame.itertuples(index=False)]
    with serving(FakeKraken(candles={"XXBTZUSD": rows})) as kraken:
        market = choose(url=kraken.url)
    assert not market.synthetic
    assert "Kraken" in market.reason
    assert len(market.candles[0]) == 299


def test_without_kraken_a_market_is_generated_and_says_so_everywhere():
    with serving(FakeKraken(fault="status 503")) as kraken:
        market = choose(url=kraken.url, timeframe="4h")
    assert market.synthetic
    assert all("SYNTHETIC" in line for line in market.describe())
    assert market.candles[0].timeframe == "4h"


def test_offline_asks_nobody():
    with serving(FakeKraken()) as kraken:
        assert choose(url=kraken.url, offline=True).synthetic
    assert kraken.requests == []


def test_a_market_kraken_does_not_have_is_refused_not_generated():
    with serving(FakeKraken()) as kraken, pytest.raises(DataError, match="no market"):
        choose(symbols=["NOPE/USD"], url=kraken.url)


@given(st.integers(0, 10**9), st.integers(2, 300))
def test_a_seed_makes_one_market_and_every_market_is_whole(seed, bars):
    first, second = generate(seed=seed, bars=bars), generate(seed=seed, bars=bars)
    assert first.frame.equals(second.frame)
    assert first.synthetic
    assert "SYNTHETIC" in first.describe()
    assert len(first) == bars
    assert first.gaps == ()


def test_symbols_of_one_seed_are_different_markets():
    bitcoin, ether = generate(symbol="BTC/USD"), generate(symbol="ETH/USD")
    assert not bitcoin.frame["close"].equals(ether.frame["close"])


@pytest.mark.parametrize("symbol", [*known_instruments(), "DOGE/USD", "NEW/EUR"])
def test_a_made_up_market_takes_small_orders_and_moves_by_small_ticks(symbol):
    """A tenth of what a new account holds is above the least order of its market."""
    frame = generate(symbol=symbol, bars=500).frame
    price = float(frame["close"].iloc[0])
    instrument = instrument_of(symbol, price)
    assert float(instrument.minimum) * price < 20.5
    assert float(instrument.tick) < price / 1_000
    assert frame["close"].nunique() > 300


@pytest.mark.parametrize("symbol", ["BTC/USD", "ETH/USD", "DOGE/USD", "ETH/BTC"])
def test_made_up_markets_are_worth_as_much_a_bar(symbol):
    frame = generate(symbol=symbol, bars=2000).frame
    worth = float((frame["close"] * frame["volume"]).median())
    dollars = worth * (40_000 if symbol.endswith("/BTC") else 1)
    assert 5e5 < dollars < 5e6


def test_a_made_up_price_that_is_given_is_where_it_begins():
    for price in (0.000123, 7.5, 40_000.0, 900_000.0):
        frame = generate(symbol="ETH/USD", price=price, bars=100).frame
        assert float(frame["open"].iloc[0]) == price


@given(st.integers(0, 10**6), st.floats(1e-6, 1e6))
def test_a_made_up_market_of_any_price_is_whole(seed, price):
    candles = generate(seed=seed, bars=300, price=price)
    assert len(candles) == 300
    assert candles.gaps == ()
