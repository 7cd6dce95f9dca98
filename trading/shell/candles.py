"""Candles: one market's bars in time order, checked once, gaps kept as gaps.

A bar is stamped with the UTC second of its open. Nothing is invented: a missing hour
stays missing, a missing volume column stays missing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError
from trading.shell import series
from trading.shell.candle_checks import (
    Where,
    check_prices,
    check_times,
    check_volume,
    refuse_first,
)

SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class Gap:
    """`missing` bars lie between the bar opened at `after` and the next one."""

    after: int
    missing: int


@dataclass(frozen=True)
class Candles:
    """Bars of one `symbol`: `frame` has int `time` and float prices, volume optional.

    `step` is seconds a bar; `source` says in words where they come from; `synthetic`
    is True for a generated market and must be shown wherever the candles are.
    """

    frame: pd.DataFrame
    symbol: str
    timeframe: str
    source: str
    synthetic: bool

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def has_volume(self) -> bool:
        return "volume" in self.frame

    @property
    def step(self) -> int:
        return seconds_of(self.timeframe)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        times = self.frame["time"].to_numpy(dtype=np.int64)
        missing = np.diff(times) // self.step - 1
        at = np.flatnonzero(missing)
        pairs = zip(times[at].tolist(), missing[at].tolist(), strict=True)
        return tuple(Gap(after, bars) for after, bars in pairs)

    def columns(self) -> dict[str, list[Any]]:
        """Every column as a plain list of int or float, for a loop without pandas."""
        return {str(name): self.frame[name].tolist() for name in self.frame}

    def since(self, first: int) -> "Candles":
        """The same candles without the first `first` bars."""
        frame = self.frame.iloc[first:].reset_index(drop=True)
        return Candles(frame, self.symbol, self.timeframe, self.source, self.synthetic)

    def describe(self) -> str:
        """One line for a person: label, market, span, gaps, source."""
        label = "SYNTHETIC " if self.synthetic else ""
        first, last = self.frame["time"].iloc[0], self.frame["time"].iloc[-1]
        missing = sum(gap.missing for gap in self.gaps)
        holes = f", {len(self.gaps)} gaps ({missing} bars missing)" if missing else ""
        return (
            f"{label}{self.symbol} {self.timeframe}: {len(self):,} bars "
            f"{stamp(first)} to {stamp(last)}{holes}; {self.source}"
        )


def build(
    columns: Mapping[str, Sequence[float]],
    *,
    symbol: str,
    source: str,
    where: Where,
    timeframe: str = "",
    synthetic: bool = False,
) -> Candles:
    """Candles from checked columns `time`, open, high, low, close and maybe volume.

    `where(i)` names row i in an error; without a `timeframe` it is read off the times.
    Raises DataError for the first row that breaks a rule.
    """
    frame = pd.DataFrame({name: _plain(values) for name, values in columns.items()})
    if frame.empty:
        raise DataError(
            "there are no candles", where=where(0), remedy="give at least two bars"
        )
    arrays = {str(name): values.to_numpy() for name, values in frame.items()}
    times = arrays["time"].astype(np.int64, copy=False)
    check_prices(arrays, where)
    check_volume(arrays, where)
    check_times(times, where)
    step = seconds_of(timeframe) if timeframe else _step(times, where)
    _check_grid(times, step, where)
    return Candles(frame, symbol, timeframe_of(step), source, synthetic)


def _plain(values: Sequence[float]) -> Sequence[float]:
    """An array stays one: a list of its million numbers would cost more than it."""
    return values if isinstance(values, np.ndarray) else list(values)


def seconds_of(timeframe: str) -> int:
    """Seconds in a timeframe like 1m, 15m, 4h, 1d, 1w."""
    match = re.fullmatch(r"([1-9][0-9]{0,3})([mhdw])", timeframe)
    if match is None:
        raise DataError(
            f"{timeframe!r} is not a timeframe",
            field="timeframe",
            value=timeframe,
            remedy="use one like 5m, 1h or 1d",
        )
    return int(match[1]) * SECONDS[match[2]]


def timeframe_of(step: int) -> str:
    """The shortest name of a step in seconds: 3600 is 1h, 5400 is 90m."""
    unit = next((u for u in "wdhm" if step % SECONDS[u] == 0), "")
    if not unit:
        raise DataError(
            f"bars {step} s apart fit no timeframe",
            field="time",
            value=step,
            remedy="give bars of whole minutes",
        )
    return f"{step // SECONDS[unit]}{unit}"


def stamp(time: int) -> str:
    """A UTC second as `2021-05-19 13:00`."""
    return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%d %H:%M")


def require_usable(candles: Candles, names: Iterable[str]) -> None:
    """Refuse candles that lack the volume or the bars that `names` need: DataError."""
    wanted = list(names)
    _require_volume(candles, wanted)
    needed = max(wanted, key=lambda name: series.require(name).warm_up, default="close")
    warm_up = series.require(needed).warm_up
    if len(candles) <= warm_up:
        raise DataError(
            f"{len(candles)} bars are too few: {needed} has its first value after "
            f"{warm_up} earlier bars",
            field=needed,
            value=len(candles),
            where=candles.source,
            remedy=f"give at least {warm_up + 1} bars, or use a shorter {needed}",
        )


def _require_volume(candles: Candles, names: Iterable[str]) -> None:
    users = [] if candles.has_volume else series.needs_volume(names)
    if users:
        raise DataError(
            f"these candles have no volume, and the stack uses {', '.join(users)}",
            field="volume",
            where=candles.source,
            remedy="give candles with a volume column, or a request without volume",
        )


def _step(times: NDArray[np.int64], where: Where) -> int:
    """The most common distance between bars; the shorter one when two are as common."""
    apart = Counter(np.diff(times).tolist())
    if not apart:
        raise DataError(
            "one candle has no timeframe",
            where=where(0),
            remedy="give at least two bars",
        )
    return int(min(apart, key=lambda step: (-apart[step], step)))


def _check_grid(times: NDArray[np.int64], step: int, where: Where) -> None:
    columns = {"time": times}
    off = (times - times[0]) % step != 0
    why = f"is not a whole number of {timeframe_of(step)} bars after the first row"
    fix = "give one timeframe a file, every bar stamped with its open"
    refuse_first(off, "time", columns, where, why, fix)
    closes = times % step == step - 1
    why = "is the last second of a bar"
    refuse_first(closes, "time", columns, where, why, "stamp bars with their open time")
