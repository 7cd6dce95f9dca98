"""One owner across processes: a Postgres lock that dies with the process that holds it."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import psycopg

from core.store.connection import PATIENCE, Connection, Store
from core.store.faults import store_errors
from core.store.process import started

# A server may end idle sessions, and with one its lock. Before 14 none does.
STAY = (
    "SELECT set_config(name, '0', false) FROM pg_settings"
    " WHERE name = 'idle_session_timeout'"
)
TRY = "SELECT pg_try_advisory_lock(hashtextextended(%s, 3))"
FREE = "SELECT pg_advisory_unlock_all()"
NAME = "SELECT set_config('application_name', %s, false)"
HOLDER = (
    "SELECT a.application_name, extract(epoch FROM a.backend_start)::bigint, a.pid"
    " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(%s, 3)"
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds a lock: the name it gave, since when (UTC seconds), and the database's
    own process for it, which `pg_terminate_backend` ends."""

    name: str
    since: int
    backend: int


def this_process() -> str:
    """`host:pid:start`: no other process ever has the same."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{started(pid):.0f}"


@contextmanager
def sole_owner(store: Store, what: str, name: str = "") -> Iterator[Connection | None]:
    """The lock on `what`, held on a connection of its own; None if another has it.

    Nobody waits. A killed process frees it, as does a lost connection. `name` (63 bytes)
    is what `owner_of` tells others.
    """
    with _alone(store, what) as connection:
        with store_errors(f"{what} was not locked"):
            if name:
                connection.execute(NAME, (name,))
            row = connection.execute(TRY, (what,)).fetchone()
        yield connection if row and row[0] else None


def owner_of(store: Store, what: str) -> Owner | None:
    """Who holds the lock on `what`; None where nobody does."""
    row = store.row(HOLDER, (what,))
    return Owner(str(row[0] or ""), int(row[1]), int(row[2])) if row else None


@contextmanager
def _alone(store: Store, what: str) -> Iterator[Connection]:
    with store_errors(f"{what} was not locked"):
        connection = psycopg.connect(
            store.conninfo,
            autocommit=True,
            client_encoding="utf8",
            connect_timeout=PATIENCE,
            keepalives_idle=PATIENCE,
            keepalives_interval=PATIENCE,
            keepalives_count=2,
            tcp_user_timeout=1000 * PATIENCE,  # a server that is silent is gone
        )
        connection.execute(STAY)
    with closing(connection):
        try:
            yield connection
        finally:
            # A server ends a closed session in its own time: until then it is locked.
            with suppress(psycopg.Error):  # gone already, and its lock with it
                connection.execute(FREE)
