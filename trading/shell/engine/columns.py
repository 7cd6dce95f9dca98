"""A market's candles and series as flat typed columns, read bar by bar.

Columns stay arrays; only a chunk of them is plain Python at a time, so a million bars
cost their arrays and little else. `prior_` series are views of the series they follow.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trading.shell import series
from trading.shell.bars import MOST_BARS, Bars
from trading.shell.candle_checks import PRICES
from trading.shell.candles import Candles, require_usable
from trading.shell.engine.room import Room, give_back_at_once
from trading.shell.indicators import CLOCK, compute_one

Column = NDArray[Any]
CHUNK = 4096
PRIOR = "prior_"
OSCILLATOR, EXPONENTIAL = "oscillator", "ema_"
BAR = ("time", *PRICES, "volume")
"""What every row begins with, before `ready` and the series."""


@dataclass(frozen=True)
class Columns:
    """One market, ready to be read.

    A row is `(time, open, high, low, close, volume, ready, *values)`: `values` are those
    of `names`, in their order; `volume` is None where the candles have none. `ready` is
    False where a value does not exist: in the warm-up, or where an indicator has nothing
    to divide by.
    """

    candles: Candles
    names: tuple[str, ...]
    bars: tuple[Column, ...]
    ready: NDArray[np.bool_]
    values: tuple[Column, ...]
    warm_up: int
    room: Room | None = None

    @property
    def symbol(self) -> str:
        return self.candles.symbol

    def __len__(self) -> int:
        return len(self.ready)

    def rows(self, first: int = 0) -> Iterator[tuple[Any, ...]]:
        """The rows from `first` on, as plain Python values."""
        chunks = (self._chunk(at) for at in range(first, len(self), CHUNK))
        return chain.from_iterable(chunks)

    def blocks(self) -> Iterator[list[tuple[Any, ...]]]:
        """All rows, a list of some thousands at a time."""
        return (list(self._chunk(at)) for at in range(0, len(self), CHUNK))

    def pass_by(self, number: int) -> None:
        """The first `number` rows are not read again. Of very many bars the system has
        the memory of their values back; whoever reads them all the same finds none."""
        if self.room is not None:
            self.ready[:number] = False
            self.room.pass_by(number)

    def _chunk(self, at: int) -> Iterator[tuple[Any, ...]]:
        end = min(at + CHUNK, len(self))
        bars = [column[at:end].tolist() for column in self.bars]
        if not self.candles.has_volume:
            bars.append([None] * (end - at))
        values = [column[at:end].tolist() for column in self.values]
        return zip(*bars, self.ready[at:end].tolist(), *values, strict=True)


def columns_of(candles: Candles, names: Collection[str]) -> Columns:
    """`candles` prepared for a stack that reads the series `names`.

    Account series are left out: they are not a matter of candles. Raises DataError for
    an unknown name, a missing volume, or too few bars.
    """
    wanted = [n for n in sorted(names) if series.require(n).family.kind != "account"]
    require_usable(candles, wanted)
    frame = candles.frame
    fields = BAR if candles.has_volume else BAR[:-1]
    made, bars = _made(wanted), len(candles) + 1
    room = Room(len(made), bars) if made and bars > MOST_BARS else None
    block = np.empty((len(made), bars)) if room is None else room.columns
    whole = dict(zip(made, block, strict=True))
    _compute(whole, frame)
    values, ready = _values(candles, wanted, whole)
    return Columns(
        candles=candles,
        names=tuple(wanted),
        bars=tuple(frame[name].to_numpy() for name in fields),
        ready=ready,
        values=tuple(values[name] for name in wanted),
        warm_up=series.warm_up(wanted),
        room=room,
    )


def sliced(columns: Columns, first: int, end: int) -> Columns:
    """The bars that open from the UTC second `first` up to before `end`.

    Every value is what it was with all of the past: such bars need no warm-up.
    """
    low, high = columns.bars[0].searchsorted([first, end])
    cut = slice(int(low), int(high))
    return replace(
        columns,
        bars=tuple(column[cut] for column in columns.bars),
        ready=columns.ready[cut],
        values=tuple(column[cut] for column in columns.values),
        warm_up=0,
        room=None,
    )


def _values(
    candles: Candles, names: Sequence[str], whole: Mapping[str, Column]
) -> tuple[dict[str, Column], NDArray[np.bool_]]:
    bars = Bars(candles.frame)
    found: dict[str, Column] = {}
    ready = np.ones(len(candles), dtype=bool)
    for name in names:
        if series.require(name).family.kind == "clock":
            found[name] = _clock(name, candles)
            continue
        found[name] = _series(name, bars, whole)
        ready &= ~np.isnan(found[name])
    return found, ready


def _series(name: str, bars: Bars, whole: Mapping[str, Column]) -> Column:
    """A view of what was computed, or of the candles."""
    if name in whole:
        return whole[name][1:]
    return bars[name] if (base := _before(name)) is None else whole[base][:-1]


def _before(name: str) -> str | None:
    """The series whose bar before a `prior_` series is."""
    base = series.require(name).base if name.startswith(PRIOR) else None
    return base.name if base else None


def _made(names: Sequence[str]) -> list[str]:
    """What is to be computed: series, and what `prior_` series follow. Oscillators come
    first and exponential averages last: those are made of most, when there is most room
    for it, and these of least."""
    made = {_before(name) or name for name in names if _is_made(name)}
    return sorted(made, key=lambda name: (_lightness(name), name))


def _lightness(name: str) -> int:
    one = series.require(name)
    if one.unit == OSCILLATOR:
        return 0
    return 2 if one.family.pattern.startswith(EXPONENTIAL) else 1


def _compute(whole: Mapping[str, Column], frame: pd.DataFrame) -> None:
    """Fill columns that have room for the bar before the first. Beside very many bars
    nothing is kept from one series to the next."""
    kept = Bars(frame) if len(frame) <= MOST_BARS else None
    if kept is None:
        give_back_at_once()
    for name, column in whole.items():
        column[0] = np.nan
        column[1:] = compute_one(name, kept or Bars(frame))


def _is_made(name: str) -> bool:
    """Whether a series is more than a field of the candles or of the clock."""
    return series.require(name).family.kind not in ("candle", "clock")


def _clock(name: str, candles: Candles) -> Column:
    """A clock series, of the bars' close; small whole numbers stand in a byte each."""
    times = candles.frame["time"].to_numpy() + candles.step
    if name == "time":
        return times
    if name == "symbol":
        return np.broadcast_to(np.array(candles.symbol), len(times))
    return CLOCK[name](times).astype(np.uint8)
