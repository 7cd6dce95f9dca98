"""How far something has been read: one mark for all that watch this database."""

from core.store.connection import Store

FAILURES = "failures read"
ADVANCE = (
    "INSERT INTO system_logs.counters (name, value) VALUES (%s, %s)"
    " ON CONFLICT (name) DO UPDATE"
    " SET value = greatest(counters.value, excluded.value)"
)


class Mark:
    """The door to a mark by its name: the number of the last row that was looked at."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name

    def last(self) -> int:
        """0 before the first."""
        row = self._store.row(
            "SELECT value FROM system_logs.counters WHERE name = %s", (self._name,)
        )
        return int(row[0]) if row else 0

    def advance(self, number: int) -> None:
        """Never back: another process may have read further."""
        self._store.execute(ADVANCE, (self._name, number))


class FailuresRead(Mark):
    """The mark of the last reflection."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, FAILURES)
