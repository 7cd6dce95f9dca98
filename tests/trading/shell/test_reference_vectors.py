"""Indicators are those of an independent library, value for value.

Where a series forgets its past whole, every value is compared from the first on. Where
it never quite does (EMA, Wilder's averages and what is made of them) `ta` begins with
the first bar and TA-Lib with a mean, so values are compared once the run-in is over:
ema, keltner, rsi, macd, adx, plus_di, minus_di, atr, atr_percent.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.trading.shell.reference_vectors import load, walk
from trading.shell import series
from trading.shell.indicators import compute
from trading.shell.run_in import run_in_of

TOLD = load()
NAMES = sorted(TOLD["series"])
TOLERANCE = 1e-9  # of the greatest reference value
WITHOUT = {"day_vwap"}  # TA-Lib knows no time of day


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return compute(NAMES, pd.DataFrame(TOLD["candles"]))


def pairs(name: str, since: int) -> tuple[Any, Any]:
    kept = [(bar, value) for bar, value in TOLD["series"][name] if bar >= since]
    bars, values = zip(*kept, strict=True)
    return list(bars), np.array(values)


def test_the_candles_of_the_file_are_those_its_program_makes():
    assert TOLD["candles"] == walk()


def test_every_family_with_a_counterpart_is_compared():
    computed = {f.pattern for f in series.TABLE if f.kind in ("indicator", "derived")}
    compared = {series.require(name).family.pattern for name in NAMES}
    assert computed - compared == WITHOUT


@pytest.mark.parametrize("name", NAMES)
def test_an_indicator_has_the_value_of_the_independent_library(name, table):
    bars, values = pairs(name, run_in_of(series.require(name)))
    assert len(bars) >= 10
    ours = table[name].iloc[bars].to_numpy()
    assert np.abs(ours - values).max() <= TOLERANCE * max(1.0, np.abs(values).max())


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(("atr_", "rsi_"))])
def test_before_the_run_in_the_two_starts_do_differ(name, table):
    """Without a difference the run-in would be a precaution against nothing."""
    bars, values = pairs(name, 60)
    apart = np.abs(table[name].iloc[bars].to_numpy() - values)
    assert apart[0] > apart[-1]
