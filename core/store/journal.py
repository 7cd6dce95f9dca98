"""What was begun: entries opened before a file is touched, closed when it is whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from core.store.codec import encode, plain
from core.store.connection import Store


@dataclass(frozen=True)
class JournalEntry:
    """One piece of work; `detail` is whatever completing or undoing it needs."""

    id: int
    kind: str
    module: str
    version: int | None
    detail: dict[str, Any]
    state: str
    remark: str
    opened_at: datetime
    closed_at: datetime | None


class Journal:
    """The door to the journal. An entry is durable when `open` returns."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(
        self,
        kind: str,
        module: str,
        detail: Mapping[str, Any],
        version: int | None = None,
    ) -> int:
        """Say what is about to be done; the entry's number."""
        row = self._store.row(
            "INSERT INTO system_logs.journal (kind, module, version, detail)"
            " VALUES (%s, %s, %s, %s) RETURNING id",
            (kind, module, version, encode(dict(detail))),
        )
        return int(row[0]) if row else 0

    def complete(self, entry: int, remark: str = "") -> None:
        """It is done."""
        self._close(entry, "completed", remark)

    def undo(self, entry: int, remark: str = "") -> None:
        """It was taken back."""
        self._close(entry, "undone", remark)

    def pending(self, module: str | None = None) -> list[JournalEntry]:
        """What was begun and neither completed nor undone, oldest first."""
        mine = "" if module is None else " AND module = %(module)s"
        query = (
            f"SELECT * FROM system_logs.journal WHERE state = 'open'{mine} ORDER BY id"  # noqa: S608
        )
        with self._store.connection("the journal was not read") as connection:
            cursor = connection.cursor(row_factory=class_row(JournalEntry))
            return cursor.execute(query.encode(), {"module": module}).fetchall()

    def completed(self, kind: str, module: str) -> list[JournalEntry]:
        """What was done of one kind for a module or a stack, newest first."""
        query = (
            "SELECT * FROM system_logs.journal WHERE state = 'completed'"
            " AND kind = %s AND module = %s ORDER BY id DESC LIMIT 50"
        )
        with self._store.connection("the journal was not read") as connection:
            cursor = connection.cursor(row_factory=class_row(JournalEntry))
            return cursor.execute(query, (kind, module)).fetchall()

    def _close(self, entry: int, state: str, remark: str) -> None:
        self._store.execute(
            "UPDATE system_logs.journal SET state = %s, remark = %s,"
            " closed_at = clock_timestamp() WHERE id = %s AND state = 'open'",
            (state, plain(remark), entry),
        )
