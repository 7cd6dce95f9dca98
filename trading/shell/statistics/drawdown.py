"""How far equity fell from its last peak, how deep, how long, how often."""

import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float64]


def drawdowns(equity: Line) -> Line:
    """Each bar's fall from the highest equity so far, as a ratio of 0 or more.

    1 is everything lost; more is possible only where equity went below zero.
    """
    peaks = np.maximum.accumulate(equity)
    return np.where(peaks > 0, (peaks - equity) / np.where(peaks > 0, peaks, 1.0), 0.0)


def longest_under_water(times: NDArray[np.int64], equity: Line) -> int:
    """Seconds from a peak to the next equity as high, or to the end; the longest.

    0 where equity never fell.
    """
    at_peak = np.flatnonzero(equity >= np.maximum.accumulate(equity))
    if len(at_peak) == len(equity):
        return 0
    ends = np.append(at_peak[1:], len(equity) - 1)
    fell = ends > at_peak + 1  # a bar below the peak lies between
    fell[-1] = ends[-1] > at_peak[-1]
    return int((times[ends] - times[at_peak])[fell].max())


def ulcer_index(equity: Line) -> float:
    """Root mean square of the drawdowns in percent (Martin & McCann 1989)."""
    return float(np.sqrt(np.mean((100 * drawdowns(equity)) ** 2)))
