"""One trader a mode: a database lock on the ledger it writes, which dies with its owner.

A lock in the database and not a file, since what must have one writer is there: it also
keeps out a trader on another machine or with another state folder, and a process that
was killed leaves nothing to clean up.
"""

import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.store import Store
from core.store.claims import Owner, owner_of, sole_owner
from core.store.faults import store_errors
from core.store.lease import SAME
from core.store.process import started
from trading.shell.venue.orders import Mode

if TYPE_CHECKING:
    from core.store.connection import Connection

BYTES = 63
PATIENCE = 10.0  # seconds for the database to notice that an owner is dead
STEP = 0.05


class AlreadyTrading(StoreError):
    """Another trader of this mode runs; the message says which, `by` is its signature."""

    by: str = ""


@dataclass
class Held:
    """The lock of a mode, for as long as its connection lives; `until` closes it."""

    store: Store
    mode: Mode
    connection: "Connection"
    until: ExitStack

    def holds(self) -> bool:
        """Whether it is still ours: a database that was restarted has forgotten it."""
        try:
            with store_errors(f"{lock_name(self.mode)} is no longer locked"):
                self.connection.execute("SELECT 1")
        except StoreError:
            return False
        return True

    def keep(self) -> None:
        """Still be the only trader: a lock that was lost is taken anew.

        AlreadyTrading where another has it by now. While the database is away nobody
        has: nothing can be written either, and it is asked for again.
        """
        if self.holds():
            return
        try:
            self.connection = _taken(self.store, self.mode, self.until, 0)
        except AlreadyTrading as other:
            # Ours or a dead process's, whose end the database has not noticed yet.
            if other.by not in ("", signature()) and not is_dead(Owner(other.by, 0, 0)):
                raise
        except StoreError:
            return


@contextmanager
def only_trader(store: Store, mode: Mode) -> Iterator[Held]:
    """Be the only trader of `mode`; AlreadyTrading names who is instead.

    A dead process's lock is taken over: the database may need a moment to notice.
    """
    with ExitStack() as until:
        yield Held(store, mode, _taken(store, mode, until, PATIENCE), until)


def _taken(store: Store, mode: Mode, until: ExitStack, patience: float) -> "Connection":
    """The connection that holds the lock, to be closed with `until`."""
    what, end = lock_name(mode), time.monotonic() + patience
    while True:
        with ExitStack() as attempt:
            connection = attempt.enter_context(sole_owner(store, what, signature()))
            if connection is not None:
                until.push(attempt.pop_all())
                return connection
        owner = owner_of(store, what)
        late = time.monotonic() > end
        if late or (owner and not is_dead(owner)):
            raise already_trading(mode, owner or Owner("", 0, 0))
        time.sleep(STEP)


def trader(store: Store, mode: Mode) -> Owner | None:
    """Who trades in `mode` now; None when nobody does."""
    return owner_of(store, lock_name(mode))


def lock_name(mode: Mode) -> str:
    """What the lock of a mode is called."""
    return f"trading in {mode} mode"


def signature() -> str:
    """How an owner is told to others: pid, the process's start, host, command."""
    pid = os.getpid()
    host = socket.gethostname().split(".")[0][:16]
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    text = f"{pid} {started(pid):.0f} {host} {command}"
    return text.encode("ascii", "replace")[:BYTES].decode()


def is_dead(owner: Owner) -> bool:
    """Whether the owner was a process of this machine that is gone."""
    pid, since, host, _ = _parts(owner)
    here = socket.gethostname().split(".")[0][:16]
    return host == here and pid.isdigit() and abs(started(int(pid)) - since) > SAME


def told(owner: Owner) -> str:
    """The owner in words."""
    pid, _, host, command = _parts(owner)
    when = datetime.fromtimestamp(owner.since, UTC).strftime("%Y-%m-%d %H:%M:%S")
    cut = "…" if len(owner.name) >= BYTES else ""
    return f"process {pid} on {host} (`{command}{cut}`), since {when} UTC"


def already_trading(mode: Mode, owner: Owner) -> AlreadyTrading:
    """The error for a second trader: who is the first, and what to do."""
    pid, _, host, _ = _parts(owner)
    error = AlreadyTrading(
        f"{mode} is traded already by {told(owner)}",
        field="mode",
        value=mode.value,
        remedy=f"stop it with Ctrl-C or `kill {pid}` on {host}; if that machine is gone, "
        f"run SELECT pg_terminate_backend({owner.backend}) in the database",
    )
    error.by = owner.name
    return error


def _parts(owner: Owner) -> tuple[str, float, str, str]:
    pid, since, host, command = (*owner.name.split(" ", 3), "", "", "", "")[:4]
    number = since.lstrip("-")
    return pid, float(since) if number.isdigit() else -1.0, host, command
