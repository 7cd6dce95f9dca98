"""Runs of a stack: what was decided by which versions, and the state it left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from core.store.codec import encode, plain
from core.store.connection import Connection, Store

State = Mapping[
    str, Mapping[str, Any]
]  # symbol (or "" for the portfolio) -> name -> value
INSERT = (
    "INSERT INTO system_logs.decisions"
    " (run_id, at, phase, key, proceed, reason, outputs, versions)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
UPSERT = (
    "INSERT INTO system_logs.states (stack, mode, key, name, value)"
    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (stack, mode, key, name)"
    " DO UPDATE SET value = excluded.value, at = clock_timestamp()"
)


@dataclass(frozen=True)
class RunRow:
    """One run of a stack; `detail` is what it was started with."""

    run_id: str
    stack: str
    mode: str
    detail: dict[str, Any]
    summary: dict[str, Any] | None
    state: str
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class DecisionRow:
    """What one phase decided for one symbol (key "" is the portfolio), and who did."""

    run_id: str
    at: datetime
    phase: str
    key: str
    proceed: bool
    reason: str
    outputs: Mapping[str, Any]
    versions: Mapping[str, Any]


RunRows = list[RunRow]


class Runs:
    """The door to runs, decisions and state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(
        self, run_id: str, stack: str, mode: str, detail: Mapping[str, Any]
    ) -> None:
        """A run begins."""
        self._store.execute(
            "INSERT INTO system_logs.runs (run_id, stack, mode, detail)"
            " VALUES (%s, %s, %s, %s)",
            (run_id, stack, mode, encode(dict(detail))),
        )

    def finish(
        self, run_id: str, summary: Mapping[str, Any], *, failed: bool = False
    ) -> None:
        """A run ends, well or not."""
        self._store.execute(
            "UPDATE system_logs.runs SET summary = %s, state = %s,"
            " finished_at = clock_timestamp() WHERE run_id = %s",
            (encode(dict(summary)), "failed" if failed else "finished", run_id),
        )

    def detail(self, run_id: str) -> dict[str, Any]:
        """What a run was started with; {} where it is not known."""
        row = self._store.row(
            "SELECT detail FROM system_logs.runs WHERE run_id = %s", (run_id,)
        )
        return dict(row[0]) if row else {}

    def commit(
        self,
        decisions: Sequence[DecisionRow],
        *,
        stack: str,
        mode: str,
        state: State | None = None,
    ) -> None:
        """Decisions and the state that goes with them: both or neither."""
        with self._store.connection("the decisions were not kept") as connection:
            connection.cursor().executemany(INSERT, [_values(d) for d in decisions])
            save_state(connection, stack, mode, state or {})

    def state(self, stack: str, mode: str) -> dict[str, dict[str, Any]]:
        """The last committed state, by symbol and name."""
        rows = self._store.rows(
            "SELECT key, name, value FROM system_logs.states"
            " WHERE stack = %s AND mode = %s ORDER BY key, name",
            (stack, mode),
        )
        found: dict[str, dict[str, Any]] = {}
        for key, name, value in rows:
            found.setdefault(key, {})[name] = value
        return found

    def decisions(self, run_id: str, limit: int = 10_000) -> list[DecisionRow]:
        """What a run decided, in order."""
        query = (
            "SELECT run_id, at, phase, key, proceed, reason, outputs, versions"
            " FROM system_logs.decisions WHERE run_id = %s ORDER BY id LIMIT %s"
        )
        with self._store.connection("the decisions were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(DecisionRow))
            return cursor.execute(query, (run_id, limit)).fetchall()

    def newest(self, mode: str, name: str, value: str) -> RunRow | None:
        """The newest run of a mode in whose detail a name has this value."""
        query = (
            "SELECT * FROM system_logs.runs WHERE mode = %s AND detail->>%s = %s"
            " ORDER BY started_at DESC LIMIT 1"
        )
        with self._store.connection("the runs were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(RunRow))
            return cursor.execute(query, (mode, name, value)).fetchone()

    def list(self, stack: str | None = None, limit: int = 20) -> RunRows:
        """The newest runs, newest first."""
        query = (
            "SELECT * FROM system_logs.runs WHERE %(stack)s::text IS NULL"
            " OR stack = %(stack)s ORDER BY started_at DESC LIMIT %(limit)s"
        )
        with self._store.connection("the runs were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(RunRow))
            return cursor.execute(query, {"stack": stack, "limit": limit}).fetchall()


def _values(row: DecisionRow) -> tuple[Any, ...]:
    return (
        row.run_id,
        row.at,
        row.phase,
        row.key,
        row.proceed,
        plain(row.reason),
        encode(dict(row.outputs)),
        encode(dict(row.versions)),
    )


def save_state(connection: Connection, stack: str, mode: str, state: State) -> None:
    """Keep module state in the caller's transaction."""
    rows = [
        (stack, mode, key, name, encode(value))
        for key, values in state.items()
        for name, value in values.items()
    ]
    connection.cursor().executemany(UPSERT, rows)
