"""What is wrong with candles: gaps, zero volume, outliers, coverage, freshness."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.counting import counted
from trading.shell.candle_clock import future
from trading.shell.candles import Candles, Gap

FAR = 20.0  # times the usual size of a move, and
LARGE = 0.10  # at least this share of the price
LATE = 2  # bars after which the newest candle is stale
TOLD = 5  # gaps and outliers told one by one

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlier:
    """A price far from both its neighbours, in shares of the price before it.

    `column` is close, high or low; of a high or low `move` is away from all that is
    near it, and `back` the way to it again.
    """

    time: int
    column: str
    price: float
    move: float
    back: float


@dataclass(frozen=True, slots=True)
class Report:
    """One symbol and timeframe. `coverage` is the share of its span's bars that are
    there; `age` is seconds since the newest candle closed; `off_grid` candles open
    beside the timeframe's steps of UTC; `still` ones had one price and no volume;
    those of the `future` open more than a day after now."""

    symbol: str
    timeframe: str
    rows: int
    first: int
    last: int
    missing: int
    gaps: int
    largest_gaps: tuple[Gap, ...]
    coverage: float
    duplicates: int
    off_grid: int
    zero_volume: int | None
    still: int
    outliers: int
    examples: tuple[Outlier, ...]
    age: int
    stale: bool
    future: int

    @property
    def trouble(self) -> tuple[str, ...]:
        """What a person should know, in words; empty when all is well."""
        found = (
            (
                self.missing,
                f"{counted(self.missing, 'bar')} missing in {counted(self.gaps, 'gap')}",
            ),
            (self.duplicates, f"{counted(self.duplicates, 'candle')} twice"),
            (self.off_grid, f"{counted(self.off_grid, 'candle')} beside the grid"),
            (self.zero_volume or 0, f"{self.zero_volume} without volume"),
            (self.zero_volume is None, "one or more of unknown volume: none is used"),
            (self.outliers, counted(self.outliers, "outlier")),
            (self.future, f"{self.future} of the future"),
            (self.stale, f"newest candle closed {_ago(self.age)} ago"),
        )
        return tuple(words for count, words in found if count)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "trouble": list(self.trouble)}


def check(candles: Candles, now: int) -> Report:
    """Examine candles at the UTC second `now`. Nothing is changed."""
    frame, step = candles.frame, candles.step
    times = frame["time"].to_numpy()
    gaps = candles.gaps
    missing = sum(gap.missing for gap in gaps)
    outliers = find_outliers(candles)
    age = max(0, now - int(times[-1]) - step)
    return Report(
        symbol=candles.symbol,
        timeframe=candles.timeframe,
        rows=len(candles),
        first=int(times[0]),
        last=int(times[-1]),
        missing=missing,
        gaps=len(gaps),
        largest_gaps=tuple(sorted(gaps, key=lambda gap: -gap.missing)[:TOLD]),
        coverage=len(candles) / (len(candles) + missing),
        duplicates=int((np.diff(times) == 0).sum()),
        off_grid=_off_grid(times, step),
        zero_volume=_zero_volume(candles),
        still=_still(candles),
        outliers=len(outliers),
        examples=tuple(sorted(outliers, key=_size, reverse=True)[:TOLD]),
        age=age,
        stale=age > LATE * step,
        future=future(candles, now),
    )


def find_outliers(candles: Candles) -> list[Outlier]:
    """Prices that leap by more than 20 usual moves and 10 %, and most of it back at once.

    The usual move is the median size of the log returns of closes. A close comes back
    with the next; a high or low is held to its own bar's open and close and to the same
    price of the bars beside it. A fall that lasts is a market; a price that nobody saw
    before or after is a mistake. Oldest first.
    """
    moves = np.diff(np.log(candles.frame["close"].to_numpy(dtype=float)))
    if len(moves) < 2:
        return []
    limit = max(LARGE, FAR * float(np.median(np.abs(moves))))
    found = [
        *_leaps(candles.frame, moves, limit),
        *_wicks(candles.frame, "high", 1, limit),
        *_wicks(candles.frame, "low", -1, limit),
    ]
    return sorted(found, key=lambda one: one.time)


def _size(outlier: Outlier) -> float:
    """How far it lies off, up or down alike."""
    return abs(float(np.log1p(outlier.move)))


def _leaps(frame: pd.DataFrame, moves: Floats, limit: float) -> list[Outlier]:
    """Closes far from the one before, with most of the way back at the next."""
    there, back = moves[:-1], moves[1:]
    leaps = (np.abs(there) > limit) & (np.abs(there + back) < np.abs(there) / 2)
    return [
        _outlier(frame, "close", n + 1, there[n], back[n])
        for n in np.flatnonzero(leaps).tolist()
    ]


def _wicks(frame: pd.DataFrame, column: str, side: int, limit: float) -> list[Outlier]:
    """Highs (`side` 1) or lows (-1) beyond all that is near them."""
    logs = {
        name: side * np.log(frame[name].to_numpy(dtype=float))
        for name in ("open", "close", column)
    }
    wick = np.pad(logs[column], 1, constant_values=-np.inf)
    beside = np.maximum(wick[:-2], wick[2:])
    beyond = logs[column] - np.maximum(beside, np.maximum(logs["open"], logs["close"]))
    return [
        _outlier(frame, column, n, side * beyond[n], -side * beyond[n])
        for n in np.flatnonzero(beyond > limit).tolist()
    ]


def _outlier(
    frame: pd.DataFrame, column: str, row: int, there: float, back: float
) -> Outlier:
    """The outlier at a row, its moves from logarithms to shares."""
    return Outlier(
        int(frame["time"].iloc[row]),
        column,
        float(frame[column].iloc[row]),
        float(np.expm1(there)),
        float(np.expm1(back)),
    )


def _off_grid(times: NDArray[np.int64], step: int) -> int:
    """Weeks begin on Thursday in UTC seconds, and with every exchange on another day."""
    return 0 if step > 86_400 else int((times % step != 0).sum())


def _zero_volume(candles: Candles) -> int | None:
    if not candles.has_volume:
        return None
    return int((candles.frame["volume"] == 0).sum())


def _still(candles: Candles) -> int:
    frame = candles.frame
    still = frame["high"] == frame["low"]
    return int((still & (frame["volume"] == 0)).sum() if candles.has_volume else 0)


def _ago(seconds: int) -> str:
    units: Sequence[tuple[str, int]] = (("days", 86_400), ("hours", 3600))
    unit, size = next(((u, s) for u, s in units if seconds >= 2 * s), ("minutes", 60))
    return f"{seconds // size} {unit}"
