"""Indicators that know what comes next, each in another way; none may be admitted."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

N = 20
Formula = Callable[[pd.DataFrame], pd.Series]


def _causal(bars: pd.DataFrame) -> pd.Series:
    return bars["close"].rolling(N).mean()


def _backfilled(bars: pd.DataFrame) -> pd.Series:
    """A gap where nothing was traded takes the next price that was."""
    price = bars["close"].where(bars["volume"] > 0)
    return price.bfill().rolling(N).mean()


def _ranked(bars: pd.DataFrame) -> pd.Series:
    return _causal(bars).rank(pct=True)


def _detrended(bars: pd.DataFrame) -> pd.Series:
    at = np.arange(len(bars))
    slope, start = np.polyfit(at, bars["close"], 1)
    return _causal(bars) - pd.Series(start + slope * at)


def _smoothed_both_ways(bars: pd.DataFrame) -> pd.Series:
    once = _causal(bars)
    return once[::-1].ewm(span=5, adjust=False).mean()[::-1].where(once.notna())


def _day_high(bars: pd.DataFrame) -> pd.Series:
    """The high of the whole UTC day, known at its first bar."""
    return (
        bars.groupby(bars["time"] // 86_400)["high"]
        .transform("max")
        .where(_causal(bars).notna())
    )


CHEATS: Mapping[str, Formula] = {
    "centred window": lambda b: (
        b["close"].rolling(N, center=True).mean().where(_causal(b).notna())
    ),
    "shift(-1)": lambda b: _causal(b).shift(-1).where(_causal(b).notna()),
    "normalised by the whole sample": lambda b: _causal(b) / b["high"].max(),
    "standardised by the whole sample": lambda b: (
        (_causal(b) - b["close"].mean()) / b["close"].std()
    ),
    "backfilled": _backfilled,
    "backfilled warm-up": lambda b: _causal(b).bfill(),
    "interpolated": lambda b: (
        b["close"].where(b["volume"] > 0).interpolate().rolling(N).mean()
    ),
    "rank in the whole sample": _ranked,
    "trend line of the whole sample": _detrended,
    "smoothed forward and back": _smoothed_both_ways,
    "high of the day that is not over": _day_high,
}
"""All declare 19 bars of warm-up, as an honest 20-bar mean would."""
