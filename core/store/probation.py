"""Probation: a version swapped in after a failure must prove itself, or goes again."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import class_row

from core.errors import NotFound
from core.store.codec import plain
from core.store.connection import Store
from core.store.reflections import Reflections

PASSED, REVERTED, REPLACED = "passed", "reverted", "replaced"


@dataclass(frozen=True)
class Probation:
    """One version on trial. `safe_version` is what runs again if it fails, if any.

    `calls_before` and `failures_before` are what it had lived through when it began.
    """

    id: int
    module: str
    version: int
    safe_version: int | None
    calls_needed: int
    calls_before: int
    failures_before: int
    since: datetime
    state: str
    reason: str
    ended_at: datetime | None


class Lived(NamedTuple):
    """Calls and failures since a probation began."""

    calls: int
    failures: int


COLUMNS = ", ".join(f.name for f in fields(Probation))
SELECT = f"SELECT {COLUMNS} FROM system_logs.probations"  # noqa: S608
START = f"""
INSERT INTO system_logs.probations
    (module, version, safe_version, calls_needed, calls_before, failures_before)
VALUES (%(module)s, %(version)s, %(safe_version)s, %(calls_needed)s, %(calls)s,
        %(failures)s)
RETURNING {COLUMNS}
"""  # noqa: S608  every part is a constant of this file
REPLACE = (
    "UPDATE system_logs.probations SET state = 'replaced', ended_at = clock_timestamp(),"
    " reason = 'version ' || %(version)s::int || ' came after it'"
    " WHERE module = %(module)s AND state = 'running'"
)


class Probations:
    """The door to probations: one runs a module at most."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(
        self, module: str, version: int, *, safe_version: int | None, calls_needed: int
    ) -> Probation:
        """This version is on trial from now on; one that ran before is replaced."""
        lived = Reflections(self._store).stats(module, version)
        values = {
            "module": module,
            "version": version,
            "safe_version": safe_version,
            "calls_needed": calls_needed,
            "calls": lived.calls,
            "failures": lived.failures,
        }
        with self._store.connection("the probation was not begun") as connection:
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 4))", (module,)
            )
            connection.execute(REPLACE, values)
            cursor = connection.cursor(row_factory=class_row(Probation))
            return cursor.execute(START.encode(), values).fetchall()[0]

    def running(self, module: str) -> Probation | None:
        """The module's probation, None if it is on none."""
        found = self._select("module = %s AND state = 'running'", module)
        return found[0] if found else None

    def all_running(self) -> list[Probation]:
        """Every probation that is not over, oldest first."""
        return self._select("state = 'running' ORDER BY id")

    def history(self, module: str) -> list[Probation]:
        """All of a module, oldest first."""
        return self._select("module = %s ORDER BY id", module)

    def lived(self, probation: Probation) -> Lived:
        """What its version has lived through since it began."""
        now = Reflections(self._store).stats(probation.module, probation.version)
        return Lived(
            max(now.calls - probation.calls_before, 0),
            max(now.failures - probation.failures_before, 0),
        )

    def finish(self, probation: int, state: str, reason: str = "") -> bool:
        """It is over, passed or reverted; False when it was already. NotFound without it."""
        done = self._store.execute(
            "UPDATE system_logs.probations SET state = %s, reason = %s,"
            " ended_at = clock_timestamp() WHERE id = %s AND state = 'running'",
            (state, plain(reason), probation),
        )
        if not done and not self._select("id = %s", probation):
            raise NotFound(
                f"there is no probation {probation}",
                field="probation",
                value=probation,
                remedy="the store may have been purged meanwhile",
            )
        return bool(done)

    def _select(self, condition: str, *values: object) -> list[Probation]:
        query = f"{SELECT} WHERE {condition}"
        with self._store.connection("probations were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(Probation))
            return cursor.execute(query.encode(), values).fetchall()
