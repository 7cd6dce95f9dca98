"""Migrations: from empty and from the version before, once, whatever happens at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from core.errors import StoreError
from core.settings import Settings
from core.store import Store, open_store
from core.store.backup import drop_schemas
from core.store.migrate import Migration, applied, migrate, migrations

ALL = [m.number for m in migrations()]
TABLES = (
    "SELECT table_schema, table_name, column_name, data_type, is_nullable"
    " FROM information_schema.columns"
    " WHERE table_schema IN ('system_logs', 'trading_data') ORDER BY 1, 2, 3"
)
BROKEN = Migration(
    len(ALL) + 1, "broken", "CREATE TABLE system_logs.half (x int); SELECT 1 / 0;"
)


@pytest.fixture
def connection(servers: Settings) -> Iterator[psycopg.Connection]:
    """A database without our schemas; whole again afterwards."""
    with (
        open_store(servers) as store,
        psycopg.connect(store.conninfo, autocommit=True) as opened,
    ):
        drop_schemas(opened)
        yield opened
        drop_schemas(opened)
        migrate(opened)


def test_an_empty_database_gets_every_migration_once(
    connection: psycopg.Connection,
) -> None:
    assert migrate(connection) == ALL
    assert migrate(connection) == []
    assert list(applied(connection)) == ALL


def test_both_schemas_are_there(connection: psycopg.Connection) -> None:
    migrate(connection)
    rows = connection.execute(
        "SELECT nspname FROM pg_namespace"
        " WHERE nspname IN ('trading_data', 'system_logs') ORDER BY 1"
    ).fetchall()
    assert rows == [("system_logs",), ("trading_data",)]


@pytest.mark.parametrize("step", ALL)
def test_from_each_version_before_it_ends_at_the_same_schema(
    connection: psycopg.Connection, step: int
) -> None:
    migrate(connection)
    expected = connection.execute(TABLES).fetchall()
    drop_schemas(connection)
    migrate(connection, migrations()[: step - 1])
    assert migrate(connection) == ALL[step - 1 :]
    assert connection.execute(TABLES).fetchall() == expected


def test_rows_written_at_the_version_before_are_still_there(
    connection: psycopg.Connection,
) -> None:
    migrate(connection, migrations()[:1])
    connection.execute(
        "INSERT INTO system_logs.plans (stack, request, plan, architect)"
        " VALUES ('demo', 'buy', '{}', 'offline')"
    )
    migrate(connection)
    assert connection.execute("SELECT stack FROM system_logs.plans").fetchall() == [
        ("demo",)
    ]


def test_processes_that_migrate_at_once_apply_each_step_once(
    connection: psycopg.Connection, servers: Settings
) -> None:
    def start(_: int) -> None:
        open_store(servers).close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(start, range(4)))
    assert list(applied(connection)) == ALL


def test_a_step_that_fails_leaves_nothing_of_itself(
    connection: psycopg.Connection,
) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(connection, [*migrations(), BROKEN])
    assert list(applied(connection)) == ALL
    half = connection.execute("SELECT to_regclass('system_logs.half')").fetchone()
    assert half == (None,)


def test_a_newer_database_is_refused(connection: psycopg.Connection) -> None:
    migrate(connection, [*migrations(), replace(BROKEN, sql="SELECT 1")])
    with pytest.raises(StoreError, match=f"program knows {len(ALL)}") as caught:
        migrate(connection)
    assert "update" in caught.value.remedy


def test_a_migration_changed_after_the_fact_is_refused(
    connection: psycopg.Connection,
) -> None:
    migrate(connection)
    first, *rest = migrations()
    with pytest.raises(StoreError, match="0001 was changed"):
        migrate(connection, [replace(first, sql=f"{first.sql} "), *rest])


def test_an_open_store_is_migrated(store: Store) -> None:
    [count] = store.row("SELECT count(*) FROM system_logs.migrations") or [0]
    assert count == len(ALL)
