"""A spool of JSON lines in the state folder: what could not reach the database yet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock

from core.atomic import read_text
from core.errors import StoreError
from core.home import state_folder
from core.records import Reflection
from core.store.codec import decode, encode

_LIMIT = 64 * 2**20  # bytes after which only failures are taken
_PATIENCE = 10.0


class Spool:
    """One file that any process appends to, and any process empties.

    Delivery is at least once: a crash between taking rows and removing the file gives
    them again.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "spool" / "reflections.jsonl"

    def append(self, rows: Sequence[Reflection], *, always: bool = False) -> int:
        """Write rows and fsync; how many. Past the limit only with `always`."""
        if not rows or (not always and self.size() > _LIMIT):
            return 0
        lines = "".join(map(_line, rows))
        with self._turn(), self.path.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
        return len(rows)

    def drain(self, take: Callable[[list[Reflection]], None]) -> int:
        """Give every row to `take` and empty the file; how many.

        A line that a crash cut short is left out. What `take` raises leaves the file.
        """
        if not self.size():
            return 0
        with self._turn():
            rows = list(_parsed(read_text(self.path) or ""))
            take(rows)
            self.path.unlink(missing_ok=True)
        return len(rows)

    def size(self) -> int:
        """Bytes waiting."""
        return self.path.stat().st_size if self.path.exists() else 0

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            state_folder(self.path.parent.parent, self.path.parent.name)
            with filelock.FileLock(self.path.with_suffix(".lock"), timeout=_PATIENCE):
                yield
        except (OSError, filelock.Timeout) as error:
            raise StoreError(
                f"a reflection can be written neither to the database nor to the "
                f"spool: {error}",
                where=str(self.path),
                remedy="free some space on the disk, or start the database",
            ) from error


def _line(row: Reflection) -> str:
    return f"[{','.join(map(encode, row))}]\n"


def _parsed(text: str) -> Iterator[Reflection]:
    for line in text.splitlines():
        try:
            yield Reflection(*decode(line))
        except (json.JSONDecodeError, TypeError):
            continue
