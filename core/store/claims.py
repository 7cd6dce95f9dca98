"""One owner across processes: a Postgres lock that dies with the process that holds it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

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


def this_process() -> str:
    """`host:pid:start`: no other process ever has the same."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{started(pid):.0f}"


@contextmanager
def sole_owner(store: Store, what: str) -> Iterator[Connection | None]:
    """The lock on `what`, held on a connection of its own; None if another has it.

    Nobody waits. A killed process frees it, as does a lost connection.
    """
    with _alone(store, what) as connection:
        with store_errors(f"{what} was not locked"):
            row = connection.execute(TRY, (what,)).fetchone()
        yield connection if row and row[0] else None


@contextmanager
def _alone(store: Store, what: str) -> Iterator[Connection]:
    with store_errors(f"{what} was not locked"):
        connection = psycopg.connect(
            store.conninfo,
            autocommit=True,
            client_encoding="utf8",
            connect_timeout=PATIENCE,
        )
        connection.execute(STAY)
    try:
        yield connection
    finally:
        with suppress(psycopg.Error):  # gone already, and its lock with it
            connection.close()
