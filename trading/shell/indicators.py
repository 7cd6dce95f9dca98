"""Indicators: the series of `series.py` computed over candles, once, by the shell.

`ta` on pandas does the arithmetic where it does it in columns, `formulas.py` the rest;
what several series are made of is computed once a call. Every value at bar t uses bars up
to t only. Where a series has no value (warm-up, a range of zero, no volume in the window)
it is NaN, never a filler. Oscillators are held to 0..100 against rounding in the last
digit.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from ta.momentum import ROCIndicator, StochasticOscillator, WilliamsRIndicator
from ta.volume import VolumeWeightedAveragePrice

from core.errors import DataError
from trading.shell import formulas, series
from trading.shell.bars import Bars
from trading.shell.lookback import Values, as_series, earlier, extreme, rolled
from trading.shell.series import SeriesName

Times = NDArray[np.int64]
Column = pd.Series  # one float a bar, numbered from 0
Formula = Callable[..., Values | Column]


def compute(names: Collection[str], candles: pd.DataFrame) -> pd.DataFrame:
    """The series `names` over `candles` (`time`, open, high, low, close, volume?).

    Returns one float column a name, sorted by name, a row a bar; NaN where there is no
    value. Raises DataError for a name that is unknown, is not a matter of candles, or
    needs a volume that is not there.
    """
    bars = Bars(candles)
    wanted = sorted(set(names))
    for name in wanted:
        _refuse_uncomputable(series.require(name), bars)
    columns = {name: compute_one(name, bars) for name in wanted}
    return pd.DataFrame(columns, index=candles.index)


def compute_one(name: str, bars: Bars) -> Values:
    """The column of `compute` for one name: one of several over the same bars shares
    with the others what they are made of."""
    one = series.require(name)
    _refuse_uncomputable(one, bars)
    return _column(bars, one)


def clock(times: Times) -> dict[str, list[int]]:
    """The clock series of bars closed at `times`, as plain lists."""
    told = {name: read(times).tolist() for name, read in CLOCK.items()}
    return {"time": times.tolist(), **told}


def _refuse_uncomputable(one: SeriesName, bars: Bars) -> None:
    if one.family.kind in ("clock", "account"):
        raise DataError(
            f"{one.name} is not computed from candles",
            field=one.name,
            remedy="ask for candle fields and indicators only",
        )
    missing = sorted(name for name in one.columns if name not in bars)
    if missing:
        raise DataError(
            f"{one.name} needs {', '.join(missing)}, which these candles lack",
            field=missing[0],
            remedy="give candles with that column",
        )


def _column(bars: Bars, one: SeriesName) -> Values:
    if one.family.kind == "candle":
        return bars[one.name]
    if len(bars) <= one.warm_up:
        return np.full(len(bars), np.nan)
    source = bars.once(_base, one.base.name) if one.base else bars
    with np.errstate(all="ignore"):  # what is divided by zero is no value
        values = FORMULAS[one.family.pattern](source, *one.parameters.values())
    return _settled(one, np.array(values, dtype=float))


def _base(bars: Bars, name: str) -> Values:
    return _column(bars, series.require(name))


def _settled(one: SeriesName, values: Values) -> Values:
    """NaN through the warm-up and wherever a division had nothing to divide by."""
    values[~np.isfinite(values)] = np.nan
    values[: one.warm_up] = np.nan
    if one.unit == "oscillator":
        np.clip(values, 0, 100, out=values)
    return values


def _close(bars: Bars) -> Column:
    return as_series(bars["close"])


def _hlc(bars: Bars) -> tuple[Column, Column, Column]:
    return as_series(bars["high"]), as_series(bars["low"]), _close(bars)


def _vwap(bars: Bars, n: int) -> Column:
    made = VolumeWeightedAveragePrice(*_hlc(bars), as_series(bars["volume"]), n)
    average: Column = made.volume_weighted_average_price()
    return average


def _stochastic(bars: Bars, n: int) -> StochasticOscillator:
    return StochasticOscillator(*_hlc(bars), n)


def _change(values: Values, n: int) -> Values:
    before = earlier(values, n)
    return 100 * (values - before) / np.abs(before)


def _shared(make: Callable[..., Values | Column]) -> Formula:
    """A formula on which others are built, computed once for all of them."""
    return lambda bars, *parameters: bars.once(make, *parameters)


def _of(make: Callable[..., Any], reading: str) -> Formula:
    """The formula that takes one reading of a `ta` indicator, made once for all."""
    return lambda bars, *parameters: getattr(bars.once(make, *parameters), reading)()


def _month_day(times: Times) -> Times:
    days = times.astype("datetime64[s]").astype("datetime64[D]")
    passed: Times = (days - days.astype("datetime64[M]")).astype(np.int64)
    return passed + 1


CLOCK: Mapping[str, Callable[[Times], Times]] = {
    "minute": lambda times: times // 60 % 60,
    "hour": lambda times: times // 3600 % 24,
    "weekday": lambda times: (
        (times // formulas.DAY + 3) % 7
    ),  # 1970 began on a Thursday
    "month_day": _month_day,
}
"""The clock series of UTC seconds."""

FORMULAS: Mapping[str, Formula] = {
    "sma_{n}": _shared(formulas.sma),
    "ema_{n}": _shared(formulas.ema),
    "wma_{n}": formulas.weighted,
    "vwap_{n}": _vwap,
    "day_vwap": formulas.day_vwap,
    "bb_upper_{n}": formulas.band,
    "bb_middle_{n}": _shared(formulas.sma),
    "bb_lower_{n}": partial(formulas.band, side=-1),
    "bb_upper_{n}_{tenths}": formulas.band,
    "bb_lower_{n}_{tenths}": partial(formulas.band, side=-1),
    "bb_width_{n}": formulas.band_width,
    "keltner_upper_{n}": partial(formulas.keltner, side=1),
    "keltner_lower_{n}": partial(formulas.keltner, side=-1),
    "rsi_{n}": formulas.rsi,
    "stoch_{n}": _of(_stochastic, "stoch"),
    "stoch_signal_{n}": _of(_stochastic, "stoch_signal"),
    "mfi_{n}": formulas.mfi,
    "williams_{n}": lambda bars, n: WilliamsRIndicator(*_hlc(bars), n).williams_r(),
    "cci_{n}": formulas.cci,
    "roc_{n}": lambda bars, n: ROCIndicator(_close(bars), n).roc(),
    "macd": formulas.macd,
    "macd_signal": _shared(formulas.macd_signal),
    "macd_histogram": formulas.macd_histogram,
    "macd_{fast}_{slow}_{signal}": formulas.macd,
    "macd_signal_{fast}_{slow}_{signal}": _shared(formulas.macd_signal),
    "macd_histogram_{fast}_{slow}_{signal}": formulas.macd_histogram,
    "adx_{n}": formulas.adx,
    "plus_di_{n}": formulas.plus_di,
    "minus_di_{n}": formulas.minus_di,
    "aroon_up_{n}": formulas.aroon_up,
    "aroon_down_{n}": formulas.aroon_down,
    "atr_{n}": _shared(formulas.atr),
    "atr_percent_{n}": formulas.atr_percent,
    "chop_{n}": formulas.chop,
    "volatility_{n}": formulas.volatility,
    "volume_ratio_{n}": formulas.volume_ratio,
    "prior_{S}": partial(earlier, n=1),
    "highest_{S}_{n}": extreme,
    "lowest_{S}_{n}": partial(extreme, better=np.minimum),
    "average_{S}_{n}": partial(rolled, how="mean"),
    "change_{S}_{n}": _change,
}
"""One formula a family: bars or the base series, and parameters; out, a column."""
