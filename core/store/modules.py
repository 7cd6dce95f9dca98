"""Versions of modules: exactly one live a module, and a counter that says 'look again'."""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from core.errors import NotFound
from core.store.codec import encode, plain
from core.store.connection import Connection, Store

PREPARED, LIVE, RETIRED, UNDONE = "prepared", "live", "retired", "undone"


@dataclass(frozen=True)
class VersionRow:
    """One version of a module. `version` 0 asks `add_version` for the next number.

    `parent` is the version it was made from, `certificate` the gate's verdict as JSON,
    `file_hash` the sha256 of the file at `path` (relative to the project).
    """

    module: str
    version: int
    body: str
    body_hash: str
    spec_text: str
    spec_digest: str
    writer: str
    means: str
    parent: int | None
    cause: str
    cost_usd: Decimal
    certificate: dict[str, Any] | None
    path: str
    file_hash: str
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: str = PREPARED


COLUMNS = ", ".join(f.name for f in fields(VersionRow))
VALUES = ", ".join(f"%({f.name})s" for f in fields(VersionRow))
INSERT = f"INSERT INTO system_logs.versions ({COLUMNS}) VALUES ({VALUES})"  # noqa: S608


class Modules:
    """The door to versions. Every method is one transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_version(self, row: VersionRow) -> VersionRow:
        """Record a version, by default `prepared`; it gets its number here if it has none.

        Writers of one module wait for each other. Raises StoreError for a number twice.
        """
        with self._store.connection("a version was not recorded") as connection:
            _lock(connection, row.module)
            numbered = (
                row if row.version else replace(row, version=_next(connection, row))
            )
            if numbered.state == LIVE:
                _retire(connection, row.module)
            connection.execute(INSERT.encode(), _values(numbered))
            if numbered.state == LIVE:
                _bump(connection)
        return numbered

    def set_live(
        self, module: str, version: int, file: tuple[str, str] | None = None
    ) -> int:
        """Make a version the one that runs; the new generation. NotFound without it.

        `file` is the path and the hash of its file as it stands now; with the swap in
        one transaction, so that no version is live with the hash of another file.
        """
        with self._store.connection("the version was not made live") as connection:
            _lock(connection, module)
            _retire(connection, module)
            _set_state(connection, module, version, LIVE)
            if file is not None:
                _set_file(connection, module, version, *file)
            return _bump(connection)

    def retire(self, module: str) -> int | None:
        """No version of the module runs any more; the new generation, None if none did.

        Its history stays, and `set_live` brings any version back.
        """
        with self._store.connection("the module was not retired") as connection:
            _lock(connection, module)
            return _bump(connection) if _retire(connection, module) else None

    def undo(self, module: str, version: int) -> None:
        """A prepared version never came to be: its file was not written."""
        with self._store.connection("the version was not undone") as connection:
            _lock(connection, module)
            _set_state(connection, module, version, UNDONE)

    def live(self, module: str) -> VersionRow | None:
        """The version that runs, None before the first."""
        found = self._select("module = %s AND state = 'live'", module)
        return found[0] if found else None

    def all_live(self, stack: str | None = None) -> list[VersionRow]:
        """The live versions of a stack, or of all, ordered by module."""
        if stack is None:
            return self._select("state = 'live' ORDER BY module")
        return self._select(
            "state = 'live' AND starts_with(module, %s) ORDER BY module", f"{stack}."
        )

    def version(self, module: str, number: int) -> VersionRow:
        """One version; NotFound naming those there are."""
        found = self._select("module = %s AND version = %s", module, number)
        if not found:
            raise _not_found(module, number, [v.version for v in self.history(module)])
        return found[0]

    def history(self, module: str) -> list[VersionRow]:
        """Every version that was ever prepared, oldest first."""
        return self._select("module = %s ORDER BY version", module)

    def with_body(self, body_hash: str) -> list[VersionRow]:
        """The versions with this very body, newest first."""
        return self._select("body_hash = %s ORDER BY created_at DESC", body_hash)

    def set_certificate(
        self, module: str, version: int, certificate: dict[str, Any]
    ) -> None:
        """Replace a verdict: the gate's strength may be measured after the swap."""
        with self._store.connection("the certificate was not stored") as connection:
            done = connection.execute(
                "UPDATE system_logs.versions SET certificate = %s"
                " WHERE module = %s AND version = %s",
                (encode(certificate), module, version),
            )
            if not done.rowcount:
                raise _not_found(module, version, [])

    def set_file(self, module: str, version: int, path: str, file_hash: str) -> None:
        """Where the version's file is and what it hashes to."""
        with self._store.connection("the file was not recorded") as connection:
            _set_file(connection, module, version, path, file_hash)

    def generation(self) -> int:
        """A number that grows with every swap: read it once a tick."""
        row = self._store.row(
            "SELECT value FROM system_logs.counters WHERE name = 'generation'"
        )
        return int(row[0]) if row else 0

    def bump(self) -> int:
        """Say that something a running stack should reload has changed."""
        with self._store.connection("the generation was not counted") as connection:
            return _bump(connection)

    def _select(self, condition: str, *values: Any) -> list[VersionRow]:
        query = f"SELECT {COLUMNS} FROM system_logs.versions WHERE {condition}"  # noqa: S608
        with self._store.connection("versions were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(VersionRow))
            return cursor.execute(query.encode(), values).fetchall()


def _values(row: VersionRow) -> dict[str, Any]:
    values = {f.name: getattr(row, f.name) for f in fields(row)}
    texts = {n: plain(v) for n, v in values.items() if isinstance(v, str)}
    proof = None if row.certificate is None else encode(row.certificate)
    return {**values, **texts, "certificate": proof}


def _lock(connection: Connection, module: str) -> None:
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (module,)
    )


def _next(connection: Connection, row: VersionRow) -> int:
    found = connection.execute(
        "SELECT coalesce(max(version), 0) + 1 FROM system_logs.versions"
        " WHERE module = %s",
        (row.module,),
    ).fetchone()
    return int(found[0]) if found else 1


def _retire(connection: Connection, module: str) -> bool:
    done = connection.execute(
        "UPDATE system_logs.versions SET state = 'retired'"
        " WHERE module = %s AND state = 'live'",
        (module,),
    )
    return done.rowcount > 0


def _set_file(
    connection: Connection, module: str, version: int, path: str, file_hash: str
) -> None:
    done = connection.execute(
        "UPDATE system_logs.versions SET path = %s, file_hash = %s"
        " WHERE module = %s AND version = %s",
        (path, file_hash, module, version),
    )
    if not done.rowcount:
        raise _not_found(module, version, [])


def _set_state(connection: Connection, module: str, version: int, state: str) -> None:
    done = connection.execute(
        "UPDATE system_logs.versions SET state = %s WHERE module = %s AND version = %s",
        (state, module, version),
    )
    if not done.rowcount:
        raise _not_found(module, version, [])


def _bump(connection: Connection) -> int:
    row = connection.execute(
        "UPDATE system_logs.counters SET value = value + 1"
        " WHERE name = 'generation' RETURNING value"
    ).fetchone()
    return int(row[0]) if row else 0


def _not_found(module: str, version: int, known: list[int]) -> NotFound:
    there = f"it has versions {known}" if known else f"see `asza history {module}`"
    return NotFound(
        f"{module} has no version {version}",
        field="version",
        value=version,
        remedy=there,
    )
