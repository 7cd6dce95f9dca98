"""Candle files: CSV or CSV.gz in, `Candles` out, every refusal with file and line."""

import csv
import gzip
import math
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from core.errors import DataError
from trading.shell.candles import PRICES, Candles, build, symbol_in

Row = tuple[int, list[str]]  # line number, fields

LARGEST = 512 * 1024 * 1024
GZIP = b"\x1f\x8b"
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


def read_candles(path: Path, symbol: str = "") -> Candles:
    """The candles of one CSV file, gzipped or not; `symbol` overrides the file's name.

    Raises DataError (file:line, column, value, remedy) when anything is not as it
    should be. Extra columns are ignored; a time without an offset is UTC.
    """
    rows = _rows(path, _text(path, _bytes(path)))
    columns, body = _columns(path, rows)
    lines = [line for line, _ in body]
    values = {name: _values(path, name, at, body) for name, at in columns.items()}
    return build(
        values,
        symbol=symbol or symbol_in(path.name),
        source=f"file {path.name}",
        where=lambda row: f"{path}:{lines[row]}" if row < len(lines) else f"{path}",
    )


def read_all(paths: Iterable[Path]) -> list[Candles]:
    """Every file of `paths`, folders searched for CSV files; one market a file."""
    read = [(file, read_candles(file)) for path in paths for file in _files(path)]
    seen: dict[str, Path] = {}
    for file, candles in read:
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
        raise DataError(
            "this folder holds no candle files",
            where=str(path),
            remedy="put .csv or .csv.gz files in it",
        )
    return found


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return _unzipped(raw) if raw.startswith(GZIP) else raw
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"the file cannot be read: {getattr(error, 'strerror', None) or error}",
            where=str(path),
            remedy="give the path of a readable .csv or .csv.gz file",
        ) from error


def _unzipped(raw: bytes) -> bytes:
    with gzip.GzipFile(fileobj=BytesIO(raw)) as stream:
        text = stream.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise OSError(f"it unpacks to more than {LARGEST // 2**20} MB")
    return text


def _text(path: Path, raw: bytes) -> str:
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


def _rows(path: Path, text: str) -> list[Row]:
    """Non-empty rows with their line numbers."""
    lines = text.splitlines()
    reader = csv.reader(lines, delimiter=_delimiter(lines))
    try:
        rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise DataError(
            f"not a CSV row: {error}",
            where=f"{path}:{reader.line_num}",
            remedy="correct the row",
        ) from error
    if not rows:
        raise DataError(
            "the file is empty",
            where=str(path),
            remedy="give a header line and one row a bar",
        )
    return rows[1:] if len(rows) > 1 and _is_preamble(rows[0][1]) else rows


def _delimiter(lines: Sequence[str]) -> str:
    sample = lines[1] if len(lines) > 1 else "".join(lines[:1])
    return max(",;\t|", key=sample.count)


def _is_preamble(fields: Sequence[str]) -> bool:
    """CryptoDataDownload puts its address above the header."""
    return fields[0].strip().lower().startswith(("http://", "https://"))


def _columns(path: Path, rows: list[Row]) -> tuple[dict[str, int], list[Row]]:
    """Which field holds which column, and the rows below the header."""
    line, header = rows[0]
    if all(_is_number(field) for field in header):
        return _bare(path, header), rows
    titles = [re.sub(r"[^a-z0-9]+", "_", title.strip().lower()) for title in header]
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


def _values(path: Path, name: str, at: int, body: Sequence[Row]) -> list[float]:
    read = _time_reader(body, at) if name == "time" else _number
    return [_value(path, name, at, row, read) for row in body]


def _value(
    path: Path, name: str, at: int, row: Row, read: Callable[[str], float]
) -> float:
    line, fields = row
    text = fields[at].strip() if at < len(fields) else ""
    try:
        return read(text)
    except (ValueError, OverflowError) as error:
        kind = "time" if name == "time" else "number"
        what = f"{name} {text[:80]!r} is not a {kind}"
        raise DataError(
            what if text else f"{name} is missing",
            field=name,
            value=text[:80],
            where=f"{path}:{line}",
            remedy="correct the value, or remove the row and leave a gap",
        ) from error


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or "_" in text:
        raise ValueError(text)
    return value


def _time_reader(body: Sequence[Row], at: int) -> Callable[[str], int]:
    """How this file writes times: seconds, milliseconds (by size) or ISO 8601."""
    fields = body[0][1] if body else []
    first = fields[at].strip() if at < len(fields) else ""
    if not _is_number(first):
        return _iso
    scale = next((scale for most, scale in SCALES if abs(float(first)) < most), 1)
    return lambda text: _whole(text, scale)


def _whole(text: str, scale: int) -> int:
    value = int(text) if text.lstrip("+-").isdigit() else _exact(text)
    if value % scale or abs(value) >= SCALES[-1][0]:
        raise ValueError(text)
    return value // scale


def _exact(text: str) -> int:
    value = _number(text)
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
