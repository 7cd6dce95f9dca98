"""Reflections: written in batches, failures at once; read as statistics and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import sql

from core.records import OK, Reflection
from core.store.codec import encode, plain
from core.store.connection import Connection, Store
from core.tally import Counts

COLUMNS = (
    *("call_id", "run_id", "module", "version", "at", "at_ns", "elapsed_ns"),
    *("inputs", "outputs", "calls", "outcome", "remark"),
)
_NAMES = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
COPY = sql.SQL("COPY system_logs.reflections ({}) FROM STDIN").format(_NAMES)
INSERT = sql.SQL("INSERT INTO system_logs.reflections ({}) VALUES ({})").format(
    _NAMES, sql.SQL(", ").join([sql.Placeholder()] * len(COLUMNS))
)
READ = (
    "SELECT call_id, run_id, module, version, at_ns, elapsed_ns, inputs, outputs,"
    " calls, outcome, remark FROM system_logs.reflections"
)
# Days that were aggregated count their own percentiles, weighted by their calls.
STATS = """
SELECT coalesce(sum(calls), 0), coalesce(sum(failures), 0),
       coalesce(sum(p50 * calls) / nullif(sum(calls), 0), 0),
       coalesce(sum(p99 * calls) / nullif(sum(calls), 0), 0),
       coalesce(sum(total), 0), max(latest)
FROM (
    SELECT count(*) AS calls, count(*) FILTER (WHERE outcome <> 'ok') AS failures,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_ns) AS p50,
           percentile_cont(0.99) WITHIN GROUP (ORDER BY elapsed_ns) AS p99,
           sum(elapsed_ns) AS total, max(at) AS latest
    FROM system_logs.reflections
    WHERE module = %(module)s AND (%(version)s::int IS NULL OR version = %(version)s)
    UNION ALL
    SELECT calls, failures, p50_ns, p99_ns, total_ns, day::timestamp AT TIME ZONE 'UTC'
    FROM system_logs.reflection_days
    WHERE module = %(module)s AND (%(version)s::int IS NULL OR version = %(version)s)
) parts
"""
INPUTS = """
SELECT name, count(*), avg(number), coalesce(stddev_pop(number), 0),
       min(number), max(number)
FROM (
    SELECT item.key AS name, (item.value #>> '{}')::float8 AS number
    FROM (
        SELECT inputs FROM system_logs.reflections
        WHERE module = %(module)s AND json_typeof(inputs) = 'object'
        ORDER BY at_ns DESC OFFSET %(offset)s LIMIT %(limit)s
    ) recent, json_each(inputs) item
    WHERE json_typeof(item.value) = 'number'
) numbers
GROUP BY name ORDER BY name
"""


# How the remark of a call begins that was turned away before the body ran.
AT_THE_DOOR = "^(InputsInvalid|AssumptionBroken|Quarantined)"
# What both an aggregated day and calls that were only counted add to a day.
ADD_TO_DAY = """
ON CONFLICT (module, version, day) DO UPDATE SET
    calls = kept.calls + excluded.calls,
    failures = kept.failures + excluded.failures,
    total_ns = kept.total_ns + excluded.total_ns,
    p50_ns = (kept.p50_ns * kept.calls + excluded.p50_ns * excluded.calls)
        / (kept.calls + excluded.calls),
    p99_ns = greatest(kept.p99_ns, excluded.p99_ns),
    outcomes = (
        SELECT json_object_agg(key, total) FROM (
            SELECT key, sum(value::bigint) AS total FROM (
                SELECT * FROM json_each_text(kept.outcomes)
                UNION ALL SELECT * FROM json_each_text(excluded.outcomes)
            ) both_parts GROUP BY key
        ) added
    )
"""
COUNT = f"""
INSERT INTO system_logs.reflection_days AS kept
    (module, version, day, calls, failures, total_ns, p50_ns, p99_ns, outcomes)
VALUES (%(module)s, %(version)s, (now() AT TIME ZONE 'UTC')::date, %(calls)s, 0,
        %(total_ns)s, %(p50_ns)s, %(p99_ns)s, json_build_object('ok', %(calls)s::bigint))
{ADD_TO_DAY}
"""  # noqa: S608  every part is a constant of this file


@dataclass(frozen=True, slots=True)
class Stats:
    """What a module's calls were like; times in nanoseconds."""

    calls: int
    failures: int
    p50_ns: float
    p99_ns: float
    total_ns: int
    latest: datetime | None

    @property
    def failure_rate(self) -> float:
        """Failures a call, 0..1."""
        return self.failures / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class InputStats:
    """One numeric input over a span of calls."""

    name: str
    count: int
    mean: float
    deviation: float
    least: float
    most: float


class Reflections:
    """The door to reflections."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append_batch(self, rows: Sequence[Reflection]) -> None:
        """Many at once, by COPY, all or none."""
        if not rows:
            return
        doing = "reflections were not written"
        with (
            self._store.connection(doing) as connection,
            connection.cursor().copy(COPY) as copy,
        ):
            for row in rows:
                copy.write_row(_values(row))

    def append_failure(self, row: Reflection) -> None:
        """One, durable when this returns."""
        with self._store.connection("a failure was not written") as connection:
            _durably(connection)
            connection.execute(INSERT, _values(row))

    def add_counts(self, counts: Sequence[Counts]) -> None:
        """Calls that went well and are not kept whole, added to today's row."""
        with self._store.connection("calls were not counted") as connection:
            for each in counts:
                connection.execute(COUNT, each._asdict())

    def stats(self, module: str, version: int | None = None) -> Stats:
        """Calls, failures and latency, over what is kept whole and what is aggregated."""
        values = {"module": module, "version": version}
        calls, failed, p50, p99, total, latest = (
            self._store.row(STATS, values) or (0,) * 6
        )
        return Stats(
            int(calls), int(failed), float(p50), float(p99), int(total), latest or None
        )

    def modules(self) -> list[str]:
        """Every module that was ever called."""
        rows = self._store.rows(
            "SELECT module FROM system_logs.reflections UNION"
            " SELECT module FROM system_logs.reflection_days ORDER BY 1"
        )
        return [str(name) for (name,) in rows]

    def last_failures(self, module: str, limit: int = 10) -> list[Reflection]:
        """The newest calls that did not go well, newest first."""
        return self._read(
            "WHERE module = %s AND outcome <> %s ORDER BY id DESC LIMIT %s",
            (module, OK, limit),
        )

    def failures_after(
        self, number: int, limit: int = 2_000
    ) -> list[tuple[int, Reflection]]:
        """Calls that did not go well, recorded after row `number`, oldest first."""
        query = READ.replace("SELECT ", "SELECT id, ", 1)
        rows = self._store.rows(
            f"{query} WHERE outcome <> %s AND id > %s ORDER BY id LIMIT %s",
            (OK, number, limit),
        )
        return [(int(row[0]), Reflection(*row[1:])) for row in rows]

    def own_failures(
        self, module: str, version: int, since: datetime, limit: int = 5_000
    ) -> list[Reflection]:
        """Failures of a version since a time in which its body ran, newest first."""
        return self._read(
            "WHERE module = %s AND version = %s AND at >= %s AND outcome <> %s"
            " AND remark !~ %s ORDER BY id DESC LIMIT %s",
            (module, version, since, OK, AT_THE_DOOR, limit),
        )

    def recent(self, module: str, limit: int = 100) -> list[Reflection]:
        """The newest calls, newest first."""
        return self._read(
            "WHERE module = %s ORDER BY at_ns DESC LIMIT %s", (module, limit)
        )

    def of_run(self, run_id: str) -> list[Reflection]:
        """A run's reflections in the order of time."""
        return self._read("WHERE run_id = %s ORDER BY at_ns, call_id", (run_id,))

    def input_stats(
        self, module: str, limit: int = 1000, offset: int = 0
    ) -> dict[str, InputStats]:
        """The numeric inputs of the newest `limit` calls after skipping `offset`."""
        values = {"module": module, "limit": limit, "offset": offset}
        rows = self._store.rows(INPUTS, values)
        return {str(row[0]): InputStats(*row) for row in rows}

    def outcomes(
        self, module: str, since: timedelta | None = None
    ) -> Mapping[str, int]:
        """How often each outcome was seen among what is kept whole."""
        after = datetime.now(UTC) - since if since else datetime(1970, 1, 1, tzinfo=UTC)
        rows = self._store.rows(
            "SELECT outcome, count(*) FROM system_logs.reflections"
            " WHERE module = %s AND at >= %s GROUP BY outcome ORDER BY 2 DESC, 1",
            (module, after),
        )
        return {str(outcome): int(count) for outcome, count in rows}

    def _read(self, rest: str, values: Sequence[Any]) -> list[Reflection]:
        return [Reflection(*row) for row in self._store.rows(f"{READ} {rest}", values)]


def _values(row: Reflection) -> tuple[Any, ...]:
    outputs = None if row.outputs is None else encode(row.outputs)
    return (
        row.call_id,
        plain(row.run_id),
        plain(row.module),
        row.version,
        datetime.fromtimestamp(row.at / 1e9, UTC),
        row.at,
        row.elapsed_ns,
        encode(row.inputs),
        outputs,
        encode(list(row.calls)),
        row.outcome,
        plain(row.remark),
    )


def _durably(connection: Connection) -> None:
    """Even where an external server was set to be careless."""
    connection.execute("SET LOCAL synchronous_commit = on")
