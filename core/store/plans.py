"""Plans as the architect gave them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from core.store.codec import encode, plain
from core.store.connection import Store


@dataclass(frozen=True)
class PlanRow:
    """One plan; `plan` is its JSON."""

    id: int
    stack: str
    request: str
    plan: dict[str, Any]
    architect: str
    cost_usd: Decimal
    at: datetime


PlanRows = list[PlanRow]


class Plans:
    """The door to plans."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(
        self,
        stack: str,
        request: str,
        plan: Mapping[str, Any],
        architect: str,
        cost_usd: Decimal = Decimal(0),
    ) -> int:
        """Keep a plan, without our secrets; its number."""
        clean = self._store.settings.redacted
        row = self._store.row(
            "INSERT INTO system_logs.plans (stack, request, plan, architect, cost_usd)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (
                stack,
                plain(clean(request)),
                encode(clean(dict(plan))),
                plain(architect),
                cost_usd,
            ),
        )
        return int(row[0]) if row else 0

    def latest(self, stack: str) -> PlanRow | None:
        """The newest plan of a stack."""
        found = self._select("WHERE stack = %s ORDER BY id DESC LIMIT 1", stack)
        return found[0] if found else None

    def list(self, limit: int = 50) -> PlanRows:
        """The newest plans, newest first."""
        return self._select("ORDER BY id DESC LIMIT %s", limit)

    def _select(self, rest: str, value: Any) -> PlanRows:
        query = f"SELECT * FROM system_logs.plans {rest}"  # noqa: S608
        with self._store.connection("the plans were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(PlanRow))
            return cursor.execute(query.encode(), (value,)).fetchall()
