"""How a candle file is laid out: its columns, its delimiter, the unit of its times.

It is found from the first lines and can be shown. A plain file of numbers is then read
by pandas' parser, forty times faster than a loop over rows; whatever that does not take
is left to `candle_files`, which names the line.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import DataError
from trading.shell.candle_checks import PRICES
from trading.shell.candle_refusals import unusable

Row = tuple[int, list[str]]  # line number, fields

NAMES: Mapping[str, tuple[str, ...]] = {
    "time": (
        *("time", "timestamp", "unix", "unix_time", "open_time", "opentime"),
        *("time_open", "datetime", "date", "date_time", "ts", "t"),
    ),
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "c", "close_price"),
    "volume": ("volume", "vol", "v", "base_volume", "volume_base"),
}
BARE = ("time", "open", "high", "low", "close", "volume")  # a file without a header
SCALES = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))
UNITS = {
    1: "seconds",
    10**3: "milliseconds",
    10**6: "microseconds",
    10**9: "nanoseconds",
}
SAMPLE = 64 * 1024
HEADED = "give a header line and one row a bar"
DECIMAL_COMMA = re.compile(r"[+-]?\d[\d.]*,\d+")
POINTS = "write numbers with a decimal point, as 41234.5, nothing between thousands"
TIMES = (
    "write every time of the file alike: as 2021-05-19, 2021-05-19 13:00 or "
    "2021-05-19T13:00:00+02:00 (UTC without an offset), or as whole seconds, "
    "milliseconds, microseconds or nanoseconds since 1970"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file's columns stand and how it writes times.

    `columns` maps our names to positions, `titles` to the file's own words ("column 3"
    without a header); `begins` is the line of the first row; `scale` is how many of the
    file's time units make a second, 0 for ISO 8601 texts.
    """

    delimiter: str
    begins: int
    columns: Mapping[str, int]
    titles: Mapping[str, str]
    ignored: tuple[str, ...]
    scale: int

    @property
    def time_unit(self) -> str:
        """The unit of the file's times, in words."""
        return f"{UNITS[self.scale]} since 1970" if self.scale else "ISO 8601, UTC"

    def describe(self) -> str:
        """One line for a person."""
        found = ", ".join(
            name if name == title.lower() else f"{name} = {title}"
            for name, title in self.titles.items()
        )
        left = f"; not used: {', '.join(self.ignored)}" if self.ignored else ""
        return f"columns {found}; times in {self.time_unit}{left}"


def layout_of(path: Path, raw: bytes) -> Layout:
    """The layout of a file's bytes. Raises DataError when no columns are found."""
    head = raw if len(raw) <= SAMPLE else raw[: raw.rfind(b"\n", 0, SAMPLE) + 1]
    lines = rows_of(path, text_of(path, head))
    columns, body = columns_of(path, lines)
    begins, first = body[0] if body else (lines[0][0] + 1, [])
    words = [word.strip() for word in lines[0][1]]
    if len(body) == len(lines):  # no header line
        words = [f"column {n + 1}" for n in range(len(words))]
    used = set(columns.values())
    return Layout(
        delimiter_of(head.decode("utf-8-sig").splitlines()),
        begins,
        columns,
        {name: words[at] for name, at in columns.items()},
        tuple(word for at, word in enumerate(words) if at not in used),
        scale_of(first[columns["time"]] if len(first) > columns["time"] else ""),
    )


def parse(raw: bytes, layout: Layout) -> dict[str, Any] | None:
    """The columns of a plain file of numbers; None when it is not as plain as that."""
    if not layout.scale:
        return None
    names = sorted(layout.columns, key=layout.columns.__getitem__)
    types: Any = {n: "int64" if n == "time" else "float64" for n in names}
    try:
        frame = pd.read_csv(
            BytesIO(raw),
            sep=layout.delimiter,
            header=None,
            index_col=False,
            skiprows=layout.begins - 1,
            usecols=[layout.columns[name] for name in names],
            names=names,
            dtype=types,
            encoding="utf-8-sig",
        )
    except (ValueError, OverflowError):  # pandas' own errors are ValueErrors
        return None
    return _whole(frame, layout.scale)


def _whole(frame: pd.DataFrame, scale: int) -> dict[str, Any] | None:
    """The columns, times in seconds; None where a number is missing or no second."""
    times = frame["time"].to_numpy()
    prices = frame[[n for n in (*PRICES, "volume") if n in frame]]
    if not len(frame) or (times % scale).any() or prices.isna().any(axis=None):
        return None
    return {"time": times // scale, **{str(n): prices[n].to_numpy() for n in prices}}


def scale_of(first: str) -> int:
    """How many units of a time like `first` make a second; 0 when it is no number."""
    if not is_number(first.strip()):
        return 0
    return next((scale for most, scale in SCALES if abs(float(first)) < most), 1)


def text_of(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"the file is not UTF-8: byte 0x{raw[error.start]:02x}",
            value=raw[error.start : error.start + 8],
            where=f"{path}:{line}",
            remedy="save the file as UTF-8",
        ) from error


def rows_of(path: Path, text: str) -> list[Row]:
    """Non-empty rows with their line numbers."""
    lines = text.splitlines()
    reader = csv.reader(lines, delimiter=delimiter_of(lines))
    try:
        rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise DataError(
            f"not a CSV row: {error}",
            where=f"{path}:{reader.line_num}",
            remedy="correct the row",
        ) from error
    if not rows:
        raise unusable(path, "the file is empty", HEADED)
    return rows[1:] if len(rows) > 1 and _is_preamble(rows[0][1]) else rows


def delimiter_of(lines: Sequence[str]) -> str:
    sample = lines[1] if len(lines) > 1 else "".join(lines[:1])
    # of two as many, the comma is the decimal one: 1600000000;10,5;10,9;10,1;10,3
    found = max(";\t|,", key=sample.count)
    return found if found in sample else ","


def _is_preamble(fields: Sequence[str]) -> bool:
    """CryptoDataDownload puts its address above the header."""
    return fields[0].strip().lower().startswith(("http://", "https://"))


def titles_of(header: Sequence[str]) -> list[str]:
    """Column titles in lower case, anything between words an underscore."""
    return [re.sub(r"[^a-z0-9]+", "_", title.strip().lower()) for title in header]


def columns_of(path: Path, rows: list[Row]) -> tuple[dict[str, int], list[Row]]:
    """Which field holds which column, and the rows below the header."""
    line, header = rows[0]
    if all(is_number(field) for field in header):
        return _bare(path, header), rows
    _refuse_commas(path, line, header)
    titles = titles_of(header)
    columns = {name: _find(path, line, name, titles) for name in NAMES}
    missing = [name for name in ("time", *PRICES) if columns[name] is None]
    if missing:
        raise DataError(
            f"no column for {', '.join(missing)} among {', '.join(header)[:200]}",
            field=missing[0],
            value=",".join(header)[:200],
            where=f"{path}:{line}",
            remedy=f"name the columns {', '.join(BARE)} (volume may be left out)",
        )
    return {name: at for name, at in columns.items() if at is not None}, rows[1:]


def _refuse_commas(path: Path, line: int, fields: Sequence[str]) -> None:
    """A row of numbers is no header, whatever its decimal sign."""
    found = next((one.strip() for one in fields if has_decimal_comma(one)), "")
    if found:
        raise DataError(
            f"{found!r} has a decimal comma",
            value=found,
            where=f"{path}:{line}",
            remedy=POINTS,
        )


def has_decimal_comma(text: str) -> bool:
    """Whether a text is a number as half of Europe writes it.

    It is not read as one: 41,234 is 41 there, and 41 thousand elsewhere.
    """
    return DECIMAL_COMMA.fullmatch(text.strip()) is not None


def _bare(path: Path, fields: Sequence[str]) -> dict[str, int]:
    """Kraken's own export has no header: time, open, high, low, close, volume, trades."""
    if len(fields) not in (6, 7):
        raise DataError(
            f"the file has no header line and {len(fields)} columns",
            where=f"{path}:1",
            value=",".join(fields)[:200],
            remedy=f"add the header line {','.join(BARE)}",
        )
    return {name: at for at, name in enumerate(BARE)}


def _find(path: Path, line: int, name: str, titles: Sequence[str]) -> int | None:
    known = [alias for alias in NAMES[name] if alias in titles]
    alias = known[0] if known else _only_volume(path, line, name, titles)
    if alias and titles.count(alias) > 1:
        raise DataError(
            f"two columns are called {alias}",
            field=name,
            value=alias,
            where=f"{path}:{line}",
            remedy="rename or remove one of them",
        )
    return titles.index(alias) if alias else None


def _only_volume(path: Path, line: int, name: str, titles: Sequence[str]) -> str:
    """`Volume BTC` is the volume when no second column claims to be."""
    near = [title for title in titles if title.startswith("volume_")]
    if name != "volume" or not near:
        return ""
    if len(near) > 1:
        raise DataError(
            f"two columns may be the volume: {', '.join(near)}",
            field="volume",
            value=",".join(near),
            where=f"{path}:{line}",
            remedy="rename the one to use to volume",
        )
    return near[0]


def is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
