"""Who is using an embedded server: first in starts it, last out stops it.

The list of holders is a JSON file beside the server, changed only under a file lock that
the kernel releases when its owner dies. A holder is a pid *and* the time that process
started: one that was killed with -9 is recognised and struck off by whoever comes next,
even when its number was given away again.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from filelock import FileLock, Timeout

from core.errors import StoreError
from core.store.process import started

# Seconds: a clock that is set meanwhile moves by whole ones what is told of a start.
SAME = 2.5
Holder = tuple[int, float, str]  # pid, start of that process, one use of the server


class Server(Protocol):
    """An embedded server that several processes share."""

    folder: Path

    def ensure(self) -> str:
        """Start it unless it runs; where to reach it."""
        ...

    def stop(self) -> None:
        """Stop it, if it runs."""
        ...


class Lease:
    """One use of a shared server, from `enter` to `leave`."""

    def __init__(self, server: Server, patience: float = 90.0) -> None:
        self._server = server
        self._patience = patience
        self._mine: Holder = (os.getpid(), started(os.getpid()), uuid4().hex)

    def enter(self) -> str:
        """Start the server if need be and sign the list; where to reach it."""
        with self._list() as holders:
            address = self._server.ensure()
            self._write([*holders, self._mine])
        return address

    def leave(self) -> None:
        """Sign off; stop the server when nobody is left. A forked child has no lease."""
        if os.getpid() != self._mine[0]:
            return
        with self._list() as holders:
            left = [h for h in holders if h != self._mine]
            self._write(left)
            if not left:
                self._server.stop()

    def reap(self) -> bool:
        """Stop a server that only dead processes hold; whether nobody holds it."""
        with self._list() as holders:
            self._write(holders)
            if not holders:
                self._server.stop()
            return not holders

    def holders(self) -> list[Holder]:
        """The living users of the server."""
        return [h for h in self._read() if alive(h)]

    @property
    def _file(self) -> Path:
        return self._server.folder / "holders.json"

    @contextmanager
    def _list(self) -> Iterator[list[Holder]]:
        lock = FileLock(self._server.folder / "holders.lock", timeout=self._patience)
        try:
            with lock:
                yield self.holders()
        except Timeout as error:
            raise StoreError(
                f"another process has been starting or stopping the server in "
                f"{self._server.folder} for {self._patience:.0f} s",
                remedy="look for a hanging asza process (`ps`), end it and try again",
            ) from error

    def _read(self) -> list[Holder]:
        try:
            rows = json.loads(self._file.read_text())
            return [(int(pid), float(since), str(use)) for pid, since, use in rows]
        except (OSError, ValueError, TypeError):
            return []  # absent, or cut short by a full disk: nobody we know of

    def _write(self, holders: list[Holder]) -> None:
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(holders))
        draft.replace(self._file)


def alive(holder: Holder) -> bool:
    """Whether the process that signed is still the one with this number."""
    return abs(started(holder[0]) - holder[1]) < SAME
