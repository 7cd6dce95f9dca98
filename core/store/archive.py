"""The file a backup is: a .tar.gz of a manifest and one COPY file a table."""

import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import StoreError

FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class TableCopy:
    """One table in a backup. `columns` are those with data of their own."""

    name: str
    columns: list[str]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; `migrations` maps numbers to digests."""

    format: int
    at: str
    server: str
    migrations: dict[int, str]
    tables: list[TableCopy]

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
            archive.extractall(folder, filter="data")
        return _manifest(json.loads((folder / MANIFEST).read_text()))
    except FileNotFoundError as error:
        raise _no_backup(path, f"there is no {error.filename}") from error
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        raise _no_backup(path, f"it is damaged ({error})") from error


def _manifest(data: Mapping[str, Any]) -> Manifest:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}, this program reads {FORMAT}")
    tables = [TableCopy(**table) for table in data["tables"]]
    steps = {int(number): str(d) for number, d in data["migrations"].items()}
    return Manifest(FORMAT, str(data["at"]), str(data["server"]), steps, tables)


def _no_backup(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} is not a backup that can be restored: {why}",
        field="path",
        value=str(path),
        remedy="name a file that `asza store backup` wrote",
    )
