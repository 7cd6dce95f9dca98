"""Fewer points that look the same: a page stays small whatever it shows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trading.shell.candles import Candles

MOST_POINTS = 4000
MOST_BARS = 3000

Column = NDArray[np.float64]


def thinned(values: Column, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Which of `values` to draw: at most `most` (≥ 4), with the ends and extremes.

    The line is cut into buckets, and of each its lowest and its highest value are kept,
    so no peak and no fall is lost.
    """
    if len(values) <= most:
        return np.arange(len(values))
    parts = np.array_split(np.arange(len(values)), (most - 2) // 2)
    kept = [
        part[find(values[part])] for part in parts for find in (np.argmin, np.argmax)
    ]
    return np.unique(np.array([0, *kept, len(values) - 1], np.int64))


@dataclass(frozen=True)
class Bars:
    """Bars to draw, `each` candles in one; `times` are UTC seconds of the first's open."""

    times: NDArray[np.int64]
    open: Column
    high: Column
    low: Column
    close: Column
    each: int

    def __len__(self) -> int:
        return len(self.times)


def bars_of(candles: Candles, first: int, end: int, most: int = MOST_BARS) -> Bars:
    """Candles from `first` up to `end`, so many put into one that at most `most` are."""
    each = max(1, -(-(end - first) // most))
    starts = np.arange(0, end - first, each)
    cut = {
        str(name): candles.frame[name].to_numpy()[first:end]
        for name in ("time", "open", "high", "low", "close")
    }
    ends = np.minimum(starts + each, end - first) - 1
    return Bars(
        times=cut["time"][starts],
        open=cut["open"][starts],
        high=np.maximum.reduceat(cut["high"], starts),
        low=np.minimum.reduceat(cut["low"], starts),
        close=cut["close"][ends],
        each=each,
    )
