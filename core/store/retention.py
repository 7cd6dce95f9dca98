"""What is kept how long, and how large it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.store.connection import Store
from core.store.reflections import ADD_TO_DAY

# Aggregated and deleted by the same statement: a reflection is in one place or the other.
AGGREGATE = f"""
WITH old AS (
    DELETE FROM system_logs.reflections WHERE at < %(before)s
    RETURNING module, version, at, elapsed_ns, outcome
), outcomes AS (
    SELECT module, version, (at AT TIME ZONE 'UTC')::date AS day, outcome,
           count(*) AS calls
    FROM old GROUP BY 1, 2, 3, 4
), days AS (
    SELECT module, version, (at AT TIME ZONE 'UTC')::date AS day, count(*) AS calls,
           count(*) FILTER (WHERE outcome <> 'ok') AS failures,
           sum(elapsed_ns) AS total_ns,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_ns)::bigint AS p50_ns,
           percentile_cont(0.99) WITHIN GROUP (ORDER BY elapsed_ns)::bigint AS p99_ns
    FROM old GROUP BY 1, 2, 3
), written AS (
    INSERT INTO system_logs.reflection_days AS kept
        (module, version, day, calls, failures, total_ns, p50_ns, p99_ns, outcomes)
    SELECT module, version, day, calls, failures, total_ns, p50_ns, p99_ns,
           (SELECT json_object_agg(outcome, o.calls) FROM outcomes o
            WHERE o.module = d.module AND o.version = d.version AND o.day = d.day)
    FROM days d
    {ADD_TO_DAY}
)
SELECT count(*) FROM old
"""  # noqa: S608  every part is a constant of ours
# The newest stay; an approved recording always does.
BOUND = """
DELETE FROM system_logs.recordings WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (
            PARTITION BY module ORDER BY (kind = 'approved') DESC, id DESC
        ) AS place, kind
        FROM system_logs.recordings
    ) ranked WHERE place > %(most)s AND kind <> 'approved'
)
"""
SIZES = """
SELECT n.nspname || '.' || c.relname, greatest(c.reltuples, 0)::bigint,
       pg_total_relation_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('system_logs', 'trading_data') AND c.relkind = 'r'
ORDER BY 3 DESC, 1
"""


@dataclass(frozen=True, slots=True)
class Retained:
    """What retention did: reflections aggregated, recordings let go."""

    aggregated: int
    recordings: int


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table's estimated rows and its bytes on disk, indexes included."""

    name: str
    rows: int
    bytes: int


def retain(store: Store, now: datetime | None = None) -> Retained:
    """Aggregate reflections older than REFLECTION_DAYS, a row a module, version and day;
    bound the recordings. Safe to run at any time, from any number of processes."""
    settings = store.settings
    before = (now or datetime.now(UTC)) - timedelta(days=settings.reflection_days)
    with store.connection("old reflections were not aggregated") as connection:
        connection.execute("SELECT pg_advisory_xact_lock(4157535843)")
        row = connection.execute(AGGREGATE, {"before": before}).fetchone()
        most = {"most": settings.recordings_per_module}
        let_go = connection.execute(BOUND, most).rowcount
    return Retained(int(row[0]) if row else 0, let_go)


def sizes(store: Store) -> list[TableSize]:
    """Our tables, the largest first."""
    return [TableSize(*row) for row in store.rows(SIZES)]


def database_bytes(store: Store) -> int:
    """The size of our tables together."""
    return sum(table.bytes for table in sizes(store))
