"""Recordings: the reflections a module keeps for replay, few and different."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from core.errors import NotFound
from core.records import Reflection
from core.store.codec import encode, plain
from core.store.connection import Connection, Store

OBSERVED, APPROVED = "observed", "approved"
COLUMNS = (
    *("module", "digest", "call_id", "run_id", "version", "at_ns", "elapsed_ns"),
    *("inputs", "outputs", "calls", "outcome", "remark", "kind", "reason"),
)
_NAMES = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
READ = sql.SQL("SELECT {}, id FROM system_logs.recordings").format(_NAMES)
INSERT = sql.SQL(
    "INSERT INTO system_logs.recordings ({}) VALUES ({}) ON CONFLICT DO NOTHING"
).format(_NAMES, sql.SQL(", ").join([sql.Placeholder()] * len(COLUMNS)))


@dataclass(frozen=True)
class Recording:
    """A reflection kept for replay. `reason` says why this one; `id` 0: not stored yet.

    `digest` is of the inputs and the answers of capabilities: what replaying needs.
    """

    module: str
    digest: str
    call_id: int
    run_id: str
    version: int
    at: int
    elapsed_ns: int
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None
    calls: Sequence[Any]
    outcome: str
    remark: str
    kind: str = OBSERVED
    reason: str = ""
    id: int = 0

    @property
    def approved(self) -> bool:
        """Whether a person said that this is right."""
        return self.kind == APPROVED


Choose = Callable[[Sequence[Recording], Sequence[Recording]], Sequence[Recording]]


def as_recording(
    reflection: Reflection, kind: str = OBSERVED, reason: str = ""
) -> Recording:
    """A reflection as it would be kept."""
    asked = encode([dict(reflection.inputs), list(reflection.calls)])
    digest = hashlib.sha256(asked.encode()).hexdigest()[:32]
    values = reflection._asdict()
    return Recording(**values, digest=digest, kind=kind, reason=reason)


Kept = list[Recording]


class Recordings:
    """The door to recordings."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, module: str, kind: str | None = None) -> Kept:
        """A module's recordings, oldest first."""
        with self._store.connection("recordings were not read") as connection:
            return [r for r in _read(connection, module) if kind in (None, r.kind)]

    def offer(
        self, module: str, reflections: Sequence[Reflection], choose: Choose
    ) -> Kept:
        """Let `choose(kept, offered)` say what stays; those that do.

        Approved recordings always stay. Processes that offer at once wait for each other.
        """
        offered = [as_recording(r) for r in reflections]
        with self._store.connection("recordings were not kept") as connection:
            _lock(connection, module)
            kept = _read(connection, module)
            known = {r.digest for r in kept}
            new = {r.digest: r for r in offered if r.digest not in known}
            chosen = {r.digest for r in choose(kept, list(new.values()))}
            _delete(connection, [r.id for r in kept if not _stays(r, chosen)])
            _insert(connection, [r for r in new.values() if r.digest in chosen])
            return _read(connection, module)

    def approve(self, module: str, recording: int, reason: str = "") -> None:
        """From now on a body must answer this one the same way. NotFound without it."""
        self._set(module, recording, APPROVED, reason)

    def withdraw(self, module: str, recording: int, reason: str = "") -> None:
        """It is no law any more, only what was observed. NotFound without it."""
        self._set(module, recording, OBSERVED, reason)

    def _set(self, module: str, recording: int, kind: str, reason: str) -> None:
        done = self._store.execute(
            "UPDATE system_logs.recordings SET kind = %s, reason = %s"
            " WHERE module = %s AND id = %s",
            (kind, plain(reason), module, recording),
        )
        if not done:
            raise NotFound(
                f"{module} has no recording {recording}",
                field="recording",
                value=recording,
                remedy=f"`asza approve {module}` lists those there are",
            )

    def counts(self) -> dict[str, int]:
        """How many recordings each module keeps."""
        rows = self._store.rows(
            "SELECT module, count(*) FROM system_logs.recordings GROUP BY 1 ORDER BY 1"
        )
        return {str(module): int(count) for module, count in rows}


def _stays(recording: Recording, chosen: set[str]) -> bool:
    return recording.kind == APPROVED or recording.digest in chosen


def _read(connection: Connection, module: str) -> Kept:
    query = sql.SQL("{} WHERE module = %s ORDER BY id").format(READ)
    rows = connection.execute(query, (module,)).fetchall()
    return [Recording(*row) for row in rows]


def _insert(connection: Connection, recordings: Sequence[Recording]) -> None:
    connection.cursor().executemany(INSERT, [_values(r) for r in recordings])


def _delete(connection: Connection, ids: Sequence[int]) -> None:
    connection.execute(
        "DELETE FROM system_logs.recordings WHERE id = ANY(%s)", (list(ids),)
    )


def _lock(connection: Connection, module: str) -> None:
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (module,)
    )


def _values(row: Recording) -> tuple[Any, ...]:
    return (
        plain(row.module),
        row.digest,
        row.call_id,
        plain(row.run_id),
        row.version,
        row.at,
        row.elapsed_ns,
        encode(row.inputs),
        None if row.outputs is None else encode(row.outputs),
        encode(list(row.calls)),
        row.outcome,
        plain(row.remark),
        row.kind,
        plain(row.reason),
    )
