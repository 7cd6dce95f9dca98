"""Whether candles stand as far apart as the timeframe they are said to be of."""

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from trading.shell.candles import Candles, timeframe_of
from trading.shell.data.sources import Source

NEARLY = 0.95
"""The share of distances that are whole multiples of one step, where that is the step."""
FEW = 10
"""Below so many distances a market that is traded little may look like another step."""


def require_named_step(source: Source, candles: Candles) -> None:
    """Refuse candles of a higher timeframe than their file's name says: DataError.

    A name is believed of gaps: where little is traded, most bars of a minute are
    missing. But those that are there do not all stand at multiples of an hour.
    """
    apart = _apart(candles)
    if len(apart) < FEW:
        return
    step, _ = _most_common(apart)
    share = float(np.mean(apart % step == 0))
    if step != candles.step and share >= NEARLY:
        found = timeframe_of(step)
        raise DataError(
            f"its name says {candles.timeframe}, and {share:.0%} of its candles stand "
            f"at multiples of {found}",
            field="timeframe",
            value=candles.timeframe,
            where=str(source.where),
            remedy=f"rename the file to say {found}, or import it with --timeframe "
            f"{found}",
        )


def require_typed_step(source: Source, candles: Candles) -> None:
    """Refuse a typed timeframe that is not how far apart most candles are: DataError."""
    apart = _apart(candles)
    if not len(apart) or 2 * int((apart == candles.step).sum()) >= len(apart):
        return
    step, count = _most_common(apart)
    found = timeframe_of(step)
    raise DataError(
        f"most of these candles are not {candles.timeframe} apart; {found} is the "
        f"most common step, {count:,} of {len(apart):,}",
        field="timeframe",
        value=candles.timeframe,
        where=str(source.where),
        remedy=f"say --timeframe {found}, or leave it out",
    )


def _apart(candles: Candles) -> NDArray[np.int64]:
    return np.diff(candles.frame["time"].to_numpy(dtype=np.int64))


def _most_common(apart: NDArray[np.int64]) -> tuple[int, int]:
    steps, counts = np.unique(apart, return_counts=True)
    return int(steps[counts.argmax()]), int(counts.max())
