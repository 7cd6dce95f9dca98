"""Back up our two schemas to one file, which `restore` puts into any server we support.

A backup is a .tar.gz of a manifest and one COPY file a table, taken in one snapshot. The
schema itself is not in it: the manifest says which migrations it stood at, and restoring
replays them. So a backup of Postgres 18 goes into Postgres 13, of the embedded server into
an external one, and no `pg_dump` has to be installed. Redis is not in it: it holds nothing
that is not told again.
"""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path

from psycopg import sql

from core.errors import StoreError
from core.home import PRIVATE, state_folder
from core.store.archive import FORMAT, Manifest, TableCopy, pack
from core.store.connection import Connection, Store
from core.store.faults import store_errors
from core.store.migrate import STORE, History, applied

SCHEMAS = ("system_logs", "trading_data")
TABLES = """
SELECT table_schema || '.' || table_name, column_name::text
FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = ANY(%s) AND table_name <> 'migrations'
  AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
ORDER BY 1, ordinal_position
"""
REFERENCES = """
SELECT n.nspname || '.' || t.relname, m.nspname || '.' || u.relname
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class u ON u.oid = c.confrelid JOIN pg_namespace m ON m.oid = u.relnamespace
WHERE c.contype = 'f'
"""
DEPENDENTS = """
SELECT DISTINCT n.nspname || '.' || c.relname
FROM pg_depend d
LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
LEFT JOIN pg_constraint k
  ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'f'
JOIN pg_class c ON c.oid = coalesce(r.ev_class, k.conrelid)
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid
JOIN pg_namespace m ON m.oid = t.relnamespace
WHERE m.nspname = ANY(%(ours)s) AND n.nspname <> ALL(%(ours)s)
ORDER BY 1
"""


def backup(store: Store, path: Path | None = None) -> tuple[Path, Manifest]:
    """Write a backup, whole or not at all; its path (default: <home>/backups/…).

    Raises StoreError: database gone, disk full, no such folder.
    """
    target = path or default_path(store)
    with store_errors("the backup was not written"):
        if path is None:
            state_folder(store.settings.home, target.parent.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as draft:
            manifest = _dump(store, Path(draft))
            packed = pack(Path(draft), manifest)
            packed.chmod(PRIVATE)
            packed.replace(target)
    return target, manifest


def default_path(store: Store) -> Path:
    """<home>/backups/asza-<UTC time>.tar.gz"""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return store.settings.home / "backups" / f"asza-{now}.tar.gz"


def drop_schemas(connection: Connection) -> None:
    """Drop our two schemas; StoreError when something of others' depends on them."""
    if strangers := _dependents(connection):
        raise StoreError(
            f"other objects depend on ASZA's tables: {', '.join(strangers)}",
            value=strangers,
            remedy="drop these first; ASZA drops only what is its own",
        )
    names = sql.SQL(", ").join(map(sql.Identifier, SCHEMAS))
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(names))


def _dump(store: Store, folder: Path) -> Manifest:
    with store.connection() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        copies = [
            _copy_out(connection, folder, name, columns)
            for name, columns in tables(connection).items()
        ]
        return Manifest(
            FORMAT,
            datetime.now(UTC).isoformat(),
            connection.info.parameter_status("server_version") or "",
            applied(connection),
            copies,
            _applied_beside(connection),
        )


def _applied_beside(connection: Connection) -> dict[str, dict[int, str]]:
    """What other histories than the store's own have been applied, by schema."""
    beside = {name: applied(connection, History("", name)) for name in SCHEMAS}
    return {
        name: done for name, done in beside.items() if done and name != STORE.schema
    }


def tables(connection: Connection) -> dict[str, list[str]]:
    """Tables and their columns, a referenced table before those that refer to it."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(TABLES, (list(SCHEMAS),)):
        found.setdefault(table, []).append(column)
    order = TopologicalSorter({table: set[str]() for table in found})
    for table, needed in connection.execute(REFERENCES):
        if table in found and needed in found and table != needed:
            order.add(table, needed)
    return {table: found[table] for table in order.static_order()}


def _copy_out(
    connection: Connection, folder: Path, table: str, columns: Sequence[str]
) -> TableCopy:
    query = sql.SQL("COPY {} ({}) TO STDOUT").format(
        table_name(table), column_list(columns)
    )
    cursor = connection.cursor()
    with (folder / f"{table}.copy").open("wb") as file, cursor.copy(query) as copy:
        for block in copy:
            file.write(block)
    return TableCopy(table, list(columns), max(cursor.rowcount, 0))


def _dependents(connection: Connection) -> list[str]:
    """Views and tables outside our schemas that stand on something inside."""
    rows = connection.execute(DEPENDENTS, {"ours": list(SCHEMAS)})
    return [str(name) for (name,) in rows]


def table_name(table: str) -> sql.Identifier:
    """schema.table, quoted."""
    return sql.Identifier(*table.split(".", 1))


def column_list(columns: Sequence[str]) -> sql.Composed:
    """Columns, quoted, between commas."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))
