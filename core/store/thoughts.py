"""The thought spool: every exchange with a writer, whole, without its secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from core.errors import NotFound
from core.store.codec import plain
from core.store.connection import Store


@dataclass(frozen=True)
class ThoughtRow:
    """One exchange. `cycle` is the request or repair it belongs to, `step` its place in it;
    `error` says why there is no usable answer; costs are USD, times seconds."""

    cycle: str
    step: str
    attempt: int
    role: str
    writer: str
    means: str
    system: str
    prompt: str
    answer: str
    stop: str = "end"
    error: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = field(default_factory=Decimal)
    seconds: float = 0.0
    request_hash: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: int = 0


COLUMNS = [f.name for f in fields(ThoughtRow) if f.name != "id"]
NAMES = ", ".join(COLUMNS)
VALUES = ", ".join(f"%({name})s" for name in COLUMNS)
INSERT = f"INSERT INTO system_logs.thoughts ({NAMES}) VALUES ({VALUES}) RETURNING id"  # noqa: S608
SELECT = f"SELECT {NAMES}, id FROM system_logs.thoughts"  # noqa: S608

ThoughtRows = list[ThoughtRow]
Cycles = list[tuple[str, int, Decimal, datetime]]


class Thoughts:
    """The door to the spool. Secrets are taken out here, so that nobody can forget to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, row: ThoughtRow) -> int:
        """Keep one exchange; its number."""
        found = self._store.row(INSERT, self._clean(row))
        return int(found[0]) if found else 0

    def list(self, cycle: str | None = None, limit: int = 100) -> ThoughtRows:
        """A cycle's exchanges in order; without a cycle the newest ones, newest first."""
        if cycle is None:
            return self._select("ORDER BY id DESC LIMIT %s", (limit,))
        return self._select("WHERE cycle = %s ORDER BY id LIMIT %s", (cycle, limit))

    def cycles(self, limit: int = 20) -> Cycles:
        """The newest cycles: name, exchanges, USD, when it began."""
        rows = self._store.rows(
            "SELECT cycle, count(*), sum(cost_usd), min(at) FROM system_logs.thoughts"
            " GROUP BY cycle ORDER BY max(id) DESC LIMIT %s",
            (limit,),
        )
        return [(str(c), int(n), Decimal(usd), at) for c, n, usd, at in rows]

    def thought(self, cycle: str, step: str, attempt: int | None = None) -> ThoughtRow:
        """One exchange, by default the last attempt; NotFound naming the steps."""
        found = [
            t
            for t in self._select(
                "WHERE cycle = %s AND step = %s ORDER BY id", (cycle, step)
            )
            if attempt in (None, t.attempt)
        ]
        if not found:
            raise self._not_found(cycle, step)
        return found[-1]

    def _clean(self, row: ThoughtRow) -> dict[str, Any]:
        clean = self._store.settings.redacted
        values = {name: getattr(row, name) for name in COLUMNS}
        texts = {n: v for n, v in values.items() if isinstance(v, str)}
        return {**values, **{n: plain(clean(v)) for n, v in texts.items()}}

    def _select(self, rest: str, values: Sequence[Any]) -> ThoughtRows:
        with self._store.connection("the thoughts were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(ThoughtRow))
            return cursor.execute(f"{SELECT} {rest}".encode(), values).fetchall()

    def _not_found(self, cycle: str, step: str) -> NotFound:
        steps = sorted({t.step for t in self.list(cycle)})
        return NotFound(
            f"there is no step {step!r} in cycle {cycle!r}",
            field="step",
            value=step,
            remedy=f"its steps are {', '.join(steps)}"
            if steps
            else "see `asza thoughts`",
        )
