"""Numbered SQL files, each applied once, in order, by one process at a time.

A file is applied in a transaction of its own together with its line in the `migrations`
table of its schema: after a crash it either happened or did not. A `History` is one such
row of files; others than the store's own are applied by whoever needs their tables.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg import sql

from core.errors import StoreError

LOCK = 4_157_535_841  # any number, the same in every process
NAME = re.compile(r"^(\d{4})_(\w+)\.sql$")
BOOK = (
    "CREATE SCHEMA IF NOT EXISTS {schema};"
    "CREATE TABLE IF NOT EXISTS {book} ("
    " number integer PRIMARY KEY, name text NOT NULL, digest text NOT NULL,"
    " at timestamptz NOT NULL DEFAULT clock_timestamp())"
)
NOTE = "INSERT INTO {book} (number, name, digest) VALUES (%s, %s, %s)"
Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class History:
    """Numbered files in the folder `migrations` of a package, and the schema they make."""

    package: str
    schema: str

    @property
    def book(self) -> sql.Identifier:
        """The table that says which were applied."""
        return sql.Identifier(self.schema, "migrations")


STORE = History("core.store", "system_logs")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """Of the text: a file changed after it was applied is noticed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()[:16]


def migrations(history: History = STORE) -> list[Migration]:
    """The steps this program knows, 1, 2, 3…"""
    folder = files(history.package) / "migrations"
    found = [
        Migration(int(match[1]), match[2], file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if (match := NAME.match(file.name))
    ]
    found.sort(key=lambda step: step.number)
    if [m.number for m in found] != list(range(1, len(found) + 1)):
        raise StoreError(
            "the migration files are not numbered 1, 2, 3…",
            value=[m.number for m in found],
            remedy=f"restore the migrations of {history.package} from the repository",
        )
    return found


def migrate(
    connection: Connection, steps: Sequence[Migration] | None = None
) -> list[int]:
    """Apply what is missing; the numbers applied. Any number of processes may try.

    `connection` must be in autocommit. Raises StoreError when the database is newer than
    this program, or was made by a file that has changed since.
    """
    known = migrations() if steps is None else list(steps)
    if _missing(connection, known, STORE):
        return _apply_under_lock(connection, known)
    return []


def catch_up(connection: Connection, history: History) -> list[int]:
    """Apply what is missing of another history, in the caller's transaction."""
    known = migrations(history)
    if not _missing(connection, known, history):
        return []
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    missing = _missing(
        connection, known, history
    )  # another process may have been first
    for step in missing:
        _apply(connection, step, history)
    return [step.number for step in missing]


def applied(connection: Connection, history: History = STORE) -> dict[int, str]:
    """The steps in the database, number -> digest; empty before the first."""
    name = f"{history.schema}.migrations"
    row = connection.execute("SELECT to_regclass(%s)", (name,)).fetchone()
    if row is None or row[0] is None:
        return {}
    query = sql.SQL("SELECT number, digest FROM {}").format(history.book)
    rows = connection.execute(query)
    return {int(str(number)): str(digest) for number, digest in rows}


def apply_all(
    connection: Connection, steps: Sequence[Migration], history: History = STORE
) -> None:
    """Apply steps inside the caller's transaction; other processes wait for its end."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    for step in steps:
        _apply(connection, step, history)


def _apply_under_lock(connection: Connection, known: list[Migration]) -> list[int]:
    connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        missing = _missing(connection, known, STORE)  # another may have been first
        for step in missing:
            _apply(connection, step, STORE)
        return [step.number for step in missing]
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _apply(connection: Connection, step: Migration, history: History) -> None:
    made = sql.SQL(BOOK).format(
        schema=sql.Identifier(history.schema), book=history.book
    )
    noted = sql.SQL(NOTE).format(book=history.book)
    with connection.transaction():
        connection.execute(made)
        connection.execute(step.sql.encode())
        connection.execute(noted, (step.number, step.name, step.digest))


def _missing(
    connection: Connection, known: list[Migration], history: History
) -> list[Migration]:
    done = applied(connection, history)
    _refuse_newer(done, known)
    changed = [m for m in known if done.get(m.number, m.digest) != m.digest]
    if changed:
        raise StoreError(
            f"migration {changed[0].number:04} was changed after it was applied here",
            field="migrations",
            remedy="restore the file from the repository; a change is a new file",
        )
    return [m for m in known if m.number not in done]


def _refuse_newer(done: dict[int, str], known: list[Migration]) -> None:
    newest = max(done, default=0)
    if newest > len(known):
        raise StoreError(
            f"the database is at version {newest}, this program knows {len(known)}",
            field="migrations",
            value=newest,
            remedy="update ASZA, or point DATABASE_URL or ASZA_HOME at another database",
        )
