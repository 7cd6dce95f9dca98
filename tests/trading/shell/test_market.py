"""Which candles a run gets, and that it says why."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from tests.fake_kraken import FakeKraken, serving
from trading.shell.market import choose
from trading.shell.synthetic import generate


def csv_of(path: Path, **options: int) -> Path:
    generate(**options).frame.to_csv(path, index=False)
    return path


def test_given_files_are_used_and_never_called_synthetic(tmp_path):
    market = choose([csv_of(tmp_path / "a_BTCUSD.csv", bars=50)], names=["ema_20"])
    assert not market.synthetic
    assert market.symbols == ("BTC/USD",)
    assert "a_BTCUSD.csv" in market.reason


def test_bad_files_are_refused_and_not_replaced(tmp_path):
    with pytest.raises(DataError):
        choose([tmp_path / "absent.csv"])
    with pytest.raises(DataError, match="too few"):
        choose([csv_of(tmp_path / "a_BTCUSD.csv", bars=50)], names=["ema_200"])


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
