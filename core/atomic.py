"""Write a file so that whoever looks sees the old one whole or the new one whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from core.errors import StoreError

OnStep = Callable[[str], None]
_PREFIX, _SUFFIX = ".asza-", ".new"


def nothing(_step: str) -> None:
    """The listener of a caller that does not listen."""


def write_atomically(
    path: Path, text: str, on_step: OnStep = nothing, *, mode: int | None = None
) -> None:
    """Write next to it, fsync, rename, fsync the folder; StoreError leaves the old one.

    `on_step` hears "written", "synced", "renamed", "settled", in this order. `mode` are
    the file's permissions; without it those of the file that is replaced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text, on_step, mode)
    except OSError as error:
        raise StoreError(
            f"{path.name} cannot be written: {error.strerror or error}",
            where=str(path),
            remedy="free some space, or make the folder writable; nothing was changed",
        ) from error


def remove_leftovers(folder: Path) -> list[Path]:
    """Delete what a killed writer left half-written; the files that were deleted."""
    left = sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}")) if folder.is_dir() else []
    for path in left:
        path.unlink(missing_ok=True)
    return left


def read_text(path: Path) -> str | None:
    """A file's text, None where there is none; StoreError when it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(
            f"{path.name} cannot be read: {error.strerror or error}",
            where=str(path),
            remedy="make it a readable file",
        ) from error


def remove_durably(path: Path) -> None:
    """Delete a file and make the folder remember it; StoreError leaves it there."""
    try:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path.name} cannot be removed: {error.strerror or error}",
            where=str(path),
            remedy="make the folder writable",
        ) from error


def _replace(path: Path, text: str, on_step: OnStep, mode: int | None) -> None:
    handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", errors="surrogateescape"))
            file.flush()
            on_step("written")
            os.fchmod(file.fileno(), _mode(path) if mode is None else mode)
            os.fsync(file.fileno())
        on_step("synced")
        temporary.replace(path)
        on_step("renamed")
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)
    on_step("settled")


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced; a new one is an ordinary file."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o644


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
