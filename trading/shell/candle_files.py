"""Candle files: CSV or CSV.gz in, `Candles` out, every refusal with file and line."""

import gzip
import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TypedDict

from core.errors import DataError
from trading.shell.candle_clock import refuse_future
from trading.shell.candle_layout import (
    POINTS,
    SCALES,
    TIMES,
    Row,
    columns_of,
    has_decimal_comma,
    layout_of,
    parse,
    rows_of,
    scale_of,
    text_of,
)
from trading.shell.candle_refusals import unusable
from trading.shell.candles import Candles, build
from trading.shell.market_names import symbol_in

LARGEST = 512 * 1024 * 1024
SLOWEST = 64 * 1024 * 1024  # a row at a time costs twenty times its bytes
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # with files in it, and without
MORE = "give at least two bars"
CORRECT = "correct the value, or remove the row and leave a gap"


class _Words(TypedDict):
    symbol: str
    source: str
    timeframe: str


def read_candles(path: Path, symbol: str = "", timeframe: str = "") -> Candles:
    """The candles of one CSV file, gzipped or not; `symbol` overrides the file's name.

    Without a `timeframe` it is read off the times. Raises DataError (file:line, column,
    value, remedy) when anything is not as it should be. Extra columns are ignored; a
    time without an offset is UTC.
    """
    return candles_in(file_bytes(path), path, symbol, timeframe)


def candles_in(
    raw: bytes, path: Path, symbol: str = "", timeframe: str = ""
) -> Candles:
    """The candles of a file's bytes; `path` names it in what is said."""
    layout, words = layout_of(path, raw), _words(path, symbol, timeframe)
    plain = parse(raw, layout)
    if plain is None:
        return _slow(raw, path, words)
    try:
        return build(plain, where=lambda row: f"{path}:{layout.begins + row}", **words)
    except DataError:
        if len(raw) > SLOWEST:
            raise
    return _slow(raw, path, words)  # which knows the line, blank lines and all


def _words(path: Path, symbol: str, timeframe: str) -> _Words:
    return {
        "symbol": symbol or symbol_in(path.name),
        "source": f"file {path.name}",
        "timeframe": timeframe,
    }


def _slow(raw: bytes, path: Path, words: _Words) -> Candles:
    """Row by row: for texts that are times, and to name the line of what is wrong."""
    if len(raw) > SLOWEST:
        raise unusable(
            path,
            f"of its {len(raw) // 2**20} MB some row is not plain numbers",
            f"give files of at most {SLOWEST // 2**20} MB, in which the line "
            "can be named, or correct the file",
        )
    columns, body = columns_of(path, rows_of(path, text_of(path, raw)))
    if not body:
        raise unusable(path, "the file has no candles below its header", MORE)
    lines = [line for line, _ in body]
    values = {name: _values(path, name, at, body) for name, at in columns.items()}
    return build(
        values,
        where=lambda row: f"{path}:{lines[row]}" if row < len(lines) else f"{path}",
        **words,
    )


def read_all(paths: Iterable[Path]) -> list[Candles]:
    """Every file of `paths`, folders searched for CSV files; one market a file.

    Raises DataError as `read_candles` does, and for candles of the future.
    """
    read = [(file, read_candles(file)) for path in paths for file in _files(path)]
    seen: dict[str, Path] = {}
    for file, candles in read:
        refuse_future(file, candles)
        _refuse_twice(seen.get(candles.symbol), file, candles)
        seen[candles.symbol] = file
    return [candles for _, candles in read]


def _refuse_twice(other: Path | None, file: Path, candles: Candles) -> None:
    if other is not None:
        raise DataError(
            f"{other.name} and {file.name} are both {candles.symbol}",
            field="symbol",
            value=candles.symbol,
            where=str(file),
            remedy="give one file a market, or rename one of them",
        )


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if p.name.endswith((".csv", ".csv.gz")))
    if not found:
        raise unusable(
            path, "this folder holds no candle files", "put .csv or .csv.gz files in it"
        )
    return found


def file_bytes(path: Path) -> bytes:
    """A file's bytes, out of a gzip where it is one. Raises DataError, also for a ZIP."""
    try:
        raw = path.read_bytes()
        text = _unzipped(raw) if raw.startswith(GZIP) else raw
    except (OSError, EOFError, zlib.error) as error:
        raise unusable(
            path,
            f"the file cannot be read: {getattr(error, 'strerror', None) or error}",
            "give the path of a readable .csv or .csv.gz file",
        ) from error
    if text.startswith(ZIP):
        raise unusable(
            path,
            "the file is a ZIP, and a .csv or .csv.gz file is wanted here",
            "store its candles with `asza data import FILE.zip` and leave it out here, "
            "or unpack it and give the .csv files",
        )
    return text


def _unzipped(raw: bytes) -> bytes:
    with gzip.GzipFile(fileobj=BytesIO(raw)) as stream:
        text = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise OSError(f"it unpacks to more than {LARGEST // 2**20} MB")
    return text


def _values(path: Path, name: str, at: int, body: Sequence[Row]) -> list[float]:
    read = time_reader(body, at) if name == "time" else number
    return [value_at(path, name, at, row, read) for row in body]


def value_at(
    path: Path, name: str, at: int, row: Row, read: Callable[[str], float]
) -> float:
    """One field of a row; DataError names its line where it cannot be read."""
    line, fields = row
    text = fields[at].strip() if at < len(fields) else ""
    try:
        return read(text)
    except (ValueError, OverflowError) as error:
        kind = "time" if name == "time" else "number"
        what = f"{name} {text[:80]!r} is not a {kind}" if text else f"{name} is missing"
        comma = has_decimal_comma(text)
        raise DataError(
            f"{what}: it has a decimal comma" if comma else what,
            field=name,
            value=text[:80],
            where=f"{path}:{line}",
            remedy=POINTS if comma else _remedy(name, text),
        ) from error


def _remedy(name: str, text: str) -> str:
    """What to do about a field that cannot be read, or is not there."""
    return TIMES if text and name == "time" else CORRECT


def number(text: str) -> float:
    """A finite number; ValueError for anything else."""
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value


def time_reader(body: Sequence[Row], at: int) -> Callable[[str], int]:
    """How this file writes times: seconds, milliseconds (by size) or ISO 8601."""
    fields = body[0][1] if body else []
    scale = scale_of(fields[at] if at < len(fields) else "")
    return (lambda text: _whole(text, scale)) if scale else _iso


def _whole(text: str, scale: int) -> int:
    value = int(text) if text.lstrip("+-").isdigit() else _exact(text)
    if value % scale or abs(value) >= SCALES[-1][0]:
        raise ValueError(text)
    return value // scale


def _exact(text: str) -> int:
    value = number(text)
    if value != int(value):
        raise ValueError(text)
    return int(value)


def _iso(text: str) -> int:
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    seconds = aware.timestamp()
    if seconds != int(seconds):
        raise ValueError(text)
    return int(seconds)
