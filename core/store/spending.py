"""The ledger of model money: worst cases reserved under one lock, then what was spent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.budget import Limits, Totals, check
from core.errors import NotFound
from core.store.codec import plain
from core.store.connection import Connection, Store

LOCK = 4_157_535_842
# A reservation that was never settled counts whole: nobody knows that it was not billed.
TOTALS = """
SELECT coalesce(sum(amount) FILTER (WHERE cycle = %(cycle)s), 0),
       coalesce(sum(amount) FILTER (WHERE at >= %(day)s AND at < %(tomorrow)s), 0),
       coalesce(sum(amount) FILTER (WHERE at >= %(month)s AND at < %(next_month)s), 0)
FROM (
    SELECT cycle, at, coalesce(spent, reserved) AS amount FROM system_logs.spending
    WHERE cycle = %(cycle)s OR (at >= %(month)s AND at < %(next_month)s)
) counted
"""


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """What one cycle cost: settled, and reserved but not settled (USD)."""

    cycle: str
    calls: int
    spent: Decimal
    reserved: Decimal
    latest: datetime


class BudgetLedger:
    """The door to spending; a `core.budget.Ledger` that all processes share."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reserve(self, cycle: str, amount: Decimal, limits: Limits, at: datetime) -> int:
        """Check the limits and add a reservation in one step; its number.

        Raises BudgetError when a limit would be passed.
        """
        with self._store.connection("the budget was not reserved") as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            check(limits, _totals(connection, cycle, at), amount)
            row = connection.execute(
                "INSERT INTO system_logs.spending (cycle, reserved, at)"
                " VALUES (%s, %s, %s) RETURNING id",
                (plain(cycle), amount, at),
            ).fetchone()
            return int(row[0]) if row else 0

    def settle(self, reservation: int, spent: Decimal) -> None:
        """Replace a reservation by what was spent. NotFound for an unknown number."""
        done = self._store.execute(
            "UPDATE system_logs.spending SET spent = %s, settled_at = clock_timestamp()"
            " WHERE id = %s",
            (spent, reservation),
        )
        if not done:
            raise NotFound(
                f"there is no reservation {reservation}",
                field="reservation",
                value=reservation,
                remedy="the store may have been purged meanwhile",
            )

    def totals(self, cycle: str = "", at: datetime | None = None) -> Totals:
        """What counts against each limit at a moment (default: now)."""
        with self._store.connection("the budget was not read") as connection:
            return _totals(connection, cycle, at or datetime.now(UTC))

    def cycles(self, limit: int = 20) -> list[SpendingRow]:
        """The newest cycles and what they cost."""
        rows = self._store.rows(
            "SELECT cycle, count(*), coalesce(sum(spent), 0),"
            " coalesce(sum(reserved) FILTER (WHERE spent IS NULL), 0), max(at)"
            " FROM system_logs.spending GROUP BY cycle ORDER BY max(id) DESC LIMIT %s",
            (limit,),
        )
        return [SpendingRow(*row) for row in rows]


def _totals(connection: Connection, cycle: str, at: datetime) -> Totals:
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    values = {
        "cycle": plain(cycle),
        "day": day,
        "tomorrow": day + timedelta(days=1),
        "month": month,
        "next_month": (month + timedelta(days=32)).replace(day=1),
    }
    row = connection.execute(TOTALS.encode(), values).fetchone()
    return Totals(*map(Decimal, row)) if row else Totals()
