"""Indicators: the series of `series.py` computed over candles, once, by the shell.

`ta` on pandas does the arithmetic. Every value at bar t uses bars up to t only. Where a
series has no value (warm-up, a range of zero, no volume in the window) it is NaN, never
a filler. Oscillators are held to 0..100 against rounding in the last digit.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from ta.momentum import (
    ROCIndicator,
    RSIIndicator,
    StochasticOscillator,
    WilliamsRIndicator,
)
from ta.trend import (
    MACD,
    ADXIndicator,
    AroonIndicator,
    CCIIndicator,
    EMAIndicator,
    SMAIndicator,
)
from ta.volatility import AverageTrueRange, BollingerBands, KeltnerChannel
from ta.volume import MFIIndicator, VolumeWeightedAveragePrice

from core.errors import DataError
from trading.shell import series
from trading.shell.series import SeriesName

Column = pd.Series  # one float a bar, indexed 0..len-1
Formula = Callable[..., Column]


def compute(names: Collection[str], candles: pd.DataFrame) -> pd.DataFrame:
    """The series `names` over `candles` (`time`, open, high, low, close, volume?).

    Returns one float column a name, sorted by name, a row a bar; NaN where there is no
    value. Raises DataError for a name that is unknown, is not a matter of candles, or
    needs a volume that is not there.
    """
    known: dict[str, Column] = {}
    wanted = [series.require(name) for name in sorted(set(names))]
    for one in wanted:
        _refuse_uncomputable(one, candles)
    columns = {one.name: _column(one, candles, known) for one in wanted}
    return pd.DataFrame(columns, index=candles.index)


def clock(times: list[int]) -> dict[str, list[int]]:
    """The clock series of bars opened at `times`, as plain lists."""
    stamps = pd.to_datetime(pd.Series(times, dtype="int64"), unit="s", utc=True).dt
    return {
        "time": times,
        "minute": stamps.minute.tolist(),
        "hour": stamps.hour.tolist(),
        "weekday": stamps.day_of_week.tolist(),
        "month_day": stamps.day.tolist(),
    }


def _refuse_uncomputable(one: SeriesName, candles: pd.DataFrame) -> None:
    if one.family.kind in ("clock", "account"):
        raise DataError(
            f"{one.name} is not computed from candles",
            field=one.name,
            remedy="ask for candle fields and indicators only",
        )
    missing = sorted(one.columns - set(candles.columns))
    if missing:
        raise DataError(
            f"{one.name} needs {', '.join(missing)}, which these candles lack",
            field=missing[0],
            remedy="give candles with that column",
        )


def _column(one: SeriesName, candles: pd.DataFrame, known: dict[str, Column]) -> Column:
    if one.name not in known:
        known[one.name] = _fresh(one, candles, known)
    return known[one.name]


def _fresh(one: SeriesName, candles: pd.DataFrame, known: dict[str, Column]) -> Column:
    if one.family.kind == "candle":
        return candles[one.name].astype(float)
    if len(candles) <= one.warm_up:
        return pd.Series(np.nan, index=candles.index, dtype=float)
    source = _column(one.base, candles, known) if one.base else candles
    values = FORMULAS[one.family.pattern](source, **one.parameters)
    return _settled(one, values.set_axis(candles.index).astype(float))


def _settled(one: SeriesName, values: Column) -> Column:
    """NaN through the warm-up and wherever a division had nothing to divide by."""
    clean = values.replace([np.inf, -np.inf], np.nan)
    clean.iloc[: one.warm_up] = np.nan
    return clean.clip(0, 100) if one.unit == "oscillator" else clean


def _hlc(bars: pd.DataFrame) -> tuple[Column, Column, Column]:
    return bars["high"], bars["low"], bars["close"]


def _weighted(bars: pd.DataFrame, n: int) -> Column:
    """ta's WMAIndicator builds a pandas object a bar: 2 s for two years of hours."""
    weights = np.arange(n, 0, -1) * 2 / (n * (n + 1))
    values = np.convolve(bars["close"].to_numpy(), weights)[: len(bars)]
    return pd.Series(values)


def _rsi(bars: pd.DataFrame, n: int) -> Column:
    """A market that has not moved at all has no relative strength; ta says 100."""
    moved = bars["close"].diff().fillna(0).ne(0).cummax()
    raw: Column = RSIIndicator(bars["close"], n).rsi()
    return raw.where(moved)


def _mfi(bars: pd.DataFrame, n: int) -> Column:
    """With no falling flow in the window ta divides by zero; the index is 100 then."""
    flow = bars[["high", "low", "close"]].mean(axis=1).diff() * bars["volume"]
    traded = flow.ne(0).rolling(n).max().gt(0)
    raw: Column = MFIIndicator(*_hlc(bars), bars["volume"], n).money_flow_index()
    return raw.where(traded)


def _stochastic(bars: pd.DataFrame, n: int) -> StochasticOscillator:
    return StochasticOscillator(*_hlc(bars), n)


def _atr(bars: pd.DataFrame, n: int) -> Column:
    ranges: Column = AverageTrueRange(*_hlc(bars), n).average_true_range()
    return ranges


def _atr_percent(bars: pd.DataFrame, n: int) -> Column:
    return 100 * _atr(bars, n) / bars["close"]


def _volatility(bars: pd.DataFrame, n: int) -> Column:
    return 100 * bars["close"].pct_change(fill_method=None).rolling(n).std()


def _volume_ratio(bars: pd.DataFrame, n: int) -> Column:
    before = bars["volume"].shift(1).rolling(n).mean()
    return bars["volume"] / before


def _change(values: Column, n: int) -> Column:
    return 100 * (values - values.shift(n)) / values.shift(n).abs()


def _bands(bars: pd.DataFrame, n: int, tenths: int = 20) -> BollingerBands:
    return BollingerBands(bars["close"], n, tenths / 10)


def _keltner(bars: pd.DataFrame, n: int) -> KeltnerChannel:
    return KeltnerChannel(*_hlc(bars), n, original_version=False)


def _macd(bars: pd.DataFrame, fast: int = 12, slow: int = 26, signal: int = 9) -> MACD:
    return MACD(bars["close"], slow, fast, signal)


def _adx(bars: pd.DataFrame, n: int) -> ADXIndicator:
    return ADXIndicator(*_hlc(bars), n)


def _of(make: Callable[..., Any], reading: str) -> Formula:
    """The formula that makes a `ta` indicator and takes one of its readings."""
    return lambda bars, **parameters: getattr(make(bars, **parameters), reading)()


FORMULAS: Mapping[str, Formula] = {
    "sma_{n}": lambda bars, n: SMAIndicator(bars["close"], n).sma_indicator(),
    "ema_{n}": lambda bars, n: EMAIndicator(bars["close"], n).ema_indicator(),
    "wma_{n}": _weighted,
    "vwap_{n}": lambda bars, n: VolumeWeightedAveragePrice(
        *_hlc(bars), bars["volume"], n
    ).volume_weighted_average_price(),
    "bb_upper_{n}": _of(_bands, "bollinger_hband"),
    "bb_middle_{n}": _of(_bands, "bollinger_mavg"),
    "bb_lower_{n}": _of(_bands, "bollinger_lband"),
    "bb_upper_{n}_{tenths}": _of(_bands, "bollinger_hband"),
    "bb_lower_{n}_{tenths}": _of(_bands, "bollinger_lband"),
    "bb_width_{n}": _of(_bands, "bollinger_wband"),
    "keltner_upper_{n}": _of(_keltner, "keltner_channel_hband"),
    "keltner_lower_{n}": _of(_keltner, "keltner_channel_lband"),
    "rsi_{n}": _rsi,
    "stoch_{n}": _of(_stochastic, "stoch"),
    "stoch_signal_{n}": _of(_stochastic, "stoch_signal"),
    "mfi_{n}": _mfi,
    "williams_{n}": lambda bars, n: WilliamsRIndicator(*_hlc(bars), n).williams_r(),
    "cci_{n}": lambda bars, n: CCIIndicator(*_hlc(bars), n).cci(),
    "roc_{n}": lambda bars, n: ROCIndicator(bars["close"], n).roc(),
    "macd": _of(_macd, "macd"),
    "macd_signal": _of(_macd, "macd_signal"),
    "macd_histogram": _of(_macd, "macd_diff"),
    "macd_{fast}_{slow}_{signal}": _of(_macd, "macd"),
    "macd_signal_{fast}_{slow}_{signal}": _of(_macd, "macd_signal"),
    "macd_histogram_{fast}_{slow}_{signal}": _of(_macd, "macd_diff"),
    "adx_{n}": _of(_adx, "adx"),
    "plus_di_{n}": _of(_adx, "adx_pos"),
    "minus_di_{n}": _of(_adx, "adx_neg"),
    "aroon_up_{n}": lambda bars, n: AroonIndicator(
        bars["high"], bars["low"], n
    ).aroon_up(),
    "aroon_down_{n}": lambda bars, n: AroonIndicator(
        bars["high"], bars["low"], n
    ).aroon_down(),
    "atr_{n}": _atr,
    "atr_percent_{n}": _atr_percent,
    "volatility_{n}": _volatility,
    "volume_ratio_{n}": _volume_ratio,
    "prior_{S}": lambda values: values.shift(1),
    "highest_{S}_{n}": lambda values, n: values.rolling(n).max(),
    "lowest_{S}_{n}": lambda values, n: values.rolling(n).min(),
    "average_{S}_{n}": lambda values, n: values.rolling(n).mean(),
    "change_{S}_{n}": _change,
}
"""One formula a family: candles or the base series, and parameters; out, a column."""
