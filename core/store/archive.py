"""The file a backup is: a .tar.gz of a manifest and one COPY file a table."""

import json
import os
import re
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import StoreError

FORMAT = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1 << 20  # bytes
LARGEST = 1 << 34  # bytes of tables, unpacked
_TABLE_FILE = re.compile(r"[a-z_]+\.[a-z_0-9]+\.copy")


@dataclass(frozen=True)
class TableCopy:
    """One table in a backup. `columns` are those with data of their own."""

    name: str
    columns: list[str]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; `migrations` maps numbers to digests, `beside` says the same
    of every schema with migrations of its own."""

    format: int
    at: str
    server: str
    migrations: dict[int, str]
    tables: list[TableCopy]
    beside: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)


def pack(folder: Path, manifest: Manifest) -> Path:
    """One archive of the table files in `folder`; on disk when this returns."""
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    packed = folder / "backup.tar.gz"
    with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
        archive.add(folder / MANIFEST, MANIFEST)
        for table in manifest.tables:
            archive.add(folder / f"{table.name}.copy", f"{table.name}.copy")
    with packed.open("rb+") as file:
        os.fsync(file.fileno())
    return packed


def unpack(path: Path, folder: Path) -> Manifest:
    """Put an archive's files into `folder`. StoreError for what is no whole backup."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            _extract(archive, folder)
        return _manifest(json.loads((folder / MANIFEST).read_text()))
    except FileExistsError as error:
        raise _no_backup(path, f"{error.filename} is in it twice") from error
    except FileNotFoundError as error:
        raise _no_backup(path, f"there is no {error.filename}") from error
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        raise _no_backup(path, f"it is damaged ({error})") from error


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Only what `pack` puts in: plain files of the names it gives, each once.

    Written out here because `extractall(filter=)` is not in Python 3.11.0 to 3.11.3.
    """
    room = min(LARGEST, shutil.disk_usage(folder).free)
    for member in archive:
        room -= _expected(member, room)
        source = archive.extractfile(member)
        if source is None:
            raise ValueError(f"{member.name} has no content")
        with source, (folder / member.name).open("xb") as target:
            shutil.copyfileobj(source, target)


def _expected(member: tarfile.TarInfo, room: int) -> int:
    """The size of a file that belongs into a backup; ValueError for anything else."""
    is_manifest = member.name == MANIFEST
    if not (is_manifest or _TABLE_FILE.fullmatch(member.name)):
        raise ValueError(f"{member.name!r} does not belong into a backup")
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise ValueError(f"{member.name} is no plain file")
    if member.size > (LARGEST_MANIFEST if is_manifest else room):
        raise ValueError(f"{member.name} is too large: {member.size} bytes")
    return member.size


def _manifest(data: Mapping[str, Any]) -> Manifest:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}, this program reads {FORMAT}")
    tables = [_table(**table) for table in data["tables"]]
    beside = {str(s): _steps(done) for s, done in data.get("beside", {}).items()}
    at, server = str(data["at"]), str(data["server"])
    return Manifest(FORMAT, at, server, _steps(data["migrations"]), tables, beside)


def _steps(data: Mapping[str, Any]) -> dict[int, str]:
    if not isinstance(data, Mapping):
        raise TypeError("migrations are not numbers and digests")
    return {int(number): str(digest) for number, digest in data.items()}


def _table(name: str, columns: list[str], rows: int) -> TableCopy:
    texts = (name, *columns)
    if not all(isinstance(text, str) for text in texts) or type(rows) is not int:
        raise TypeError(f"table {name!r} is not described by names and a number")
    return TableCopy(name, list(columns), rows)


def _no_backup(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} is not a backup that can be restored: {why}",
        field="path",
        value=str(path),
        remedy="name a file that `asza store backup` wrote",
    )
