"""Candle files wherever they are: alone, in a folder, or inside a ZIP of Kraken's.

Nothing is unpacked to disk. A member is read with a limit on what comes out of it, so
that neither a large file nor one made to explode takes more memory than a candle file
may have.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from trading.shell.candle_files import LARGEST, file_bytes
from trading.shell.candle_refusals import unusable
from trading.shell.market_names import symbol_in

CSV = (".csv", ".csv.gz")
MINUTES = dict(
    zip(
        ("1", "5", "15", "30", "60", "240", "720", "1440", "10080"),
        ("1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d", "1w"),
        strict=True,
    )
)
"""How Kraken names timeframes: XBTUSD_60.csv holds hours."""
DENSEST = 200  # times its packed size; Kraken's files come to 5
SMALL = 1024 * 1024  # below it a dense file does no harm


@dataclass(frozen=True)
class Source:
    """One candle file: what it is called, where it is, and how to get its bytes."""

    name: str
    where: Path
    read: Callable[[], bytes]

    @property
    def symbol(self) -> str:
        """The market its name speaks of; empty when it speaks of none."""
        found = symbol_in(self.name)
        return "" if found == self.name else found

    @property
    def timeframe(self) -> str:
        """The timeframe its name speaks of; empty when it speaks of none."""
        stem = self.name.partition(".")[0]
        last = re.split(r"[_-]", stem)[-1]
        named = re.findall(r"(?:^|[_-])([1-9]\d?[mhdw])(?=[_-]|$)", stem)
        return MINUTES.get(last) or (named[0] if named else "")


def sources(paths: Iterable[Path]) -> Iterator[Source]:
    """Every candle file of `paths`: files, folders and ZIPs, in order of name.

    Raises DataError for a path that is not there or holds no candle file.
    """
    for path in paths:
        found = list(_under(path))
        if not found:
            raise unusable(
                path,
                f"this {'folder' if path.is_dir() else 'ZIP'} holds no candle files",
                "give one with .csv or .csv.gz files in it",
            )
        yield from found


def chosen(
    found: Iterable[Source], symbols: Collection[str], timeframes: Collection[str]
) -> list[Source]:
    """The sources whose names speak of these symbols and timeframes; all without any.

    A name that speaks of neither is kept: only its content can tell.
    """
    return [
        source
        for source in found
        if (not symbols or not source.symbol or source.symbol in symbols)
        and (not timeframes or not source.timeframe or source.timeframe in timeframes)
    ]


def _under(path: Path) -> Iterator[Source]:
    if path.is_dir():
        for inside in sorted(path.iterdir()):
            if inside.name.endswith((*CSV, ".zip")):
                yield from _under(inside)
    elif path.suffix.lower() == ".zip":
        yield from _zipped(path)
    else:
        yield Source(path.name, path, lambda: file_bytes(path))


def _zipped(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise _unreadable(path, error) from error
    for member in sorted(members, key=lambda one: one.filename):
        name = Path(member.filename).name
        hidden = name.startswith(".") or "__MACOSX" in member.filename
        if name.endswith(".csv") and not member.is_dir() and not hidden:
            yield Source(name, path / member.filename, _reader(path, member))


def _reader(path: Path, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    return lambda: _member(path, member)


def _member(path: Path, member: zipfile.ZipInfo) -> bytes:
    where = path / member.filename
    if member.file_size > max(SMALL, DENSEST * member.compress_size):
        raise _too_large(
            where, f"packed {member.file_size // max(1, member.compress_size)}:1"
        )
    try:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _unreadable(where, error) from error
    except (RuntimeError, NotImplementedError) as error:  # a password; a rare method
        raise _unreadable(where, error) from error
    if len(raw) > LARGEST:
        raise _too_large(where, f"it unpacks to more than {LARGEST // 2**20} MB")
    return raw


def _unreadable(where: Path, error: Exception) -> DataError:
    return unusable(
        where,
        f"the ZIP cannot be read: {getattr(error, 'strerror', None) or error}",
        "download it again, or unpack it and give the .csv files",
    )


def _too_large(where: Path, why: str) -> DataError:
    return unusable(
        where,
        f"this file is no candle file: {why}",
        "leave it out with --symbols and --timeframes, or unpack and look at it",
    )
