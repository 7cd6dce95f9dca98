"""Sessions to report: a real one, one that never traded, one written by an enemy."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import BITCOIN
from tests.trading.made_result import hostile, made_result
from trading.shell.candle_files import read_candles
from trading.shell.candles import Candles
from trading.shell.engine.result import Result
from trading.shell.synthetic import generate

EVIL = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "</script><svg onload=\"document.title='owned'\"><a href='javascript:alert(1)'>x</a>"
    "{{ 7*7 }} [red]markup[/red] \u2028 %{x}"
)


@pytest.fixture(scope="session")
def bitcoin(shared_data: Path) -> Candles:
    """The newest 1,500 hours of two years of Kraken's BTC/USD."""
    return read_candles(shared_data / BITCOIN).since(16_000)


@pytest.fixture(scope="session")
def session(bitcoin: Candles) -> Result:
    """A backtest of real candles, and of a perpetual."""
    return made_result([bitcoin, replace(bitcoin, symbol="BTC/USD:USD")])


@pytest.fixture(scope="session")
def dry() -> Result:
    """A backtest of a generated market in which nothing was traded."""
    return made_result([generate(bars=300)], trades=False)


@pytest.fixture(scope="session")
def evil() -> Result:
    """A backtest all of whose texts are markup."""
    return hostile([generate(bars=250)], EVIL)
