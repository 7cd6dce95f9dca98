"""Candles: one market's bars in time order, checked once, gaps kept as gaps.

A bar is stamped with the UTC second of its open. Nothing is invented: a missing hour
stays missing, a missing volume column stays missing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError
from trading.shell import series

PRICES = ("open", "high", "low", "close")
HIGHEST_PRICE = 1e7
HIGHEST_VOLUME = 1e15
EARLIEST, LATEST = 1_230_768_000, 4_102_444_800  # 2009-01-01 and 2100-01-01
SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}

Where = Callable[[int], str]
Flags = NDArray[np.bool_]
Arrays = Mapping[str, NDArray[Any]]


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
    _check_prices(arrays, where)
    _check_volume(arrays, where)
    _check_times(times, where)
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


def _first(flags: Flags) -> int | None:
    return int(flags.argmax()) if flags.any() else None


def _refuse_first(
    flags: Flags, column: str, columns: Arrays, where: Where, why: str, remedy: str
) -> None:
    row = _first(flags)
    if row is not None:
        value = columns[column][row].item()
        raise DataError(
            f"{column} {value} {why}",
            field=column,
            value=value,
            where=where(row),
            remedy=remedy,
        )


def _check_prices(columns: Arrays, where: Where) -> None:
    for name in PRICES:
        prices = columns[name].astype(float, copy=False)
        bad = ~((prices > 0) & (prices <= HIGHEST_PRICE))
        why = f"is not a price between 0 and {HIGHEST_PRICE:,.0f}"
        _refuse_first(bad, name, columns, where, why, "correct or remove the row")
    _check_range(columns, where)


def _check_range(columns: Arrays, where: Where) -> None:
    open_, high, low, close = (
        columns[name].astype(float, copy=False) for name in PRICES
    )
    fix = "check the order of the columns, or correct the row"
    _refuse_first(high < low, "high", columns, where, "is below the low", fix)
    above = high < np.maximum(open_, close)
    _refuse_first(above, "high", columns, where, "is below the open or close", fix)
    below = low > np.minimum(open_, close)
    _refuse_first(below, "low", columns, where, "is above the open or close", fix)


def _check_volume(columns: Arrays, where: Where) -> None:
    if "volume" in columns:
        volumes = columns["volume"].astype(float, copy=False)
        bad = ~((volumes >= 0) & (volumes <= HIGHEST_VOLUME))
        why = "is not a volume of 0 or more"
        _refuse_first(bad, "volume", columns, where, why, "correct or remove the row")


def _check_times(times: NDArray[np.int64], where: Where) -> None:
    columns = {"time": times}
    far = (times < EARLIEST) | (times > LATEST)
    fix = "give UTC seconds or milliseconds since 1970, or ISO 8601"
    _refuse_first(far, "time", columns, where, "is not between 2009 and 2100", fix)
    later = np.diff(times, prepend=times[0] - 1)
    twice = "is the time of the row before, too"
    _refuse_first(
        later == 0, "time", columns, where, twice, "remove one of the two rows"
    )
    _refuse_first(
        later < 0,
        "time",
        columns,
        where,
        "is earlier than the row before",
        "sort the rows by time, oldest first",
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
    _refuse_first(off, "time", columns, where, why, fix)
    closes = times % step == step - 1
    why = "is the last second of a bar"
    _refuse_first(
        closes, "time", columns, where, why, "stamp bars with their open time"
    )
