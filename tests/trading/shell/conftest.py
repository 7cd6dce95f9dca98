"""Real candles, where they are; small markets of our own, where they are not needed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import BITCOIN
from trading.shell.candle_files import read_candles
from trading.shell.candles import Candles
from trading.shell.synthetic import generate

ETHER = "kraken_ETHUSD_1h_2020-2021.csv.gz"


@pytest.fixture(scope="session")
def bitcoin(shared_data: Path) -> Candles:
    """Two years of Kraken's hourly BTC/USD."""
    return read_candles(shared_data / BITCOIN)


@pytest.fixture(scope="session")
def market() -> Candles:
    """600 generated hours."""
    return generate(bars=600)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a candle file: `write("text")`, `write(b"bytes", "name.csv")`."""

    def made(content: str | bytes, name: str = "market_BTCUSD_1h.csv") -> Path:
        path = tmp_path / name
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(raw)
        return path

    return made
