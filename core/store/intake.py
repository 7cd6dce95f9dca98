"""How far the failures have been read: one mark for all that watch this database."""

from core.store.connection import Store

MARK = "failures read"
ADVANCE = (
    "INSERT INTO system_logs.counters (name, value) VALUES (%s, %s)"
    " ON CONFLICT (name) DO UPDATE"
    " SET value = greatest(counters.value, excluded.value)"
)


class FailuresRead:
    """The door to that mark: the number of the last reflection that was looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last(self) -> int:
        """0 before the first."""
        row = self._store.row(
            "SELECT value FROM system_logs.counters WHERE name = %s", (MARK,)
        )
        return int(row[0]) if row else 0

    def advance(self, number: int) -> None:
        """Never back: another process may have read further."""
        self._store.execute(ADVANCE, (MARK, number))
