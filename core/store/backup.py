"""Back up our two schemas to one file, and put them back: into any server we support.

A backup is a .tar.gz of a manifest and one COPY file a table, taken in one snapshot. The
schema itself is not in it: the manifest says which migrations it stood at, and restoring
replays them. So a backup of Postgres 18 goes into Postgres 13, of the embedded server into
an external one, and no `pg_dump` has to be installed. Redis is not in it: it holds nothing
that is not told again.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path

from psycopg import sql

from core.errors import StoreError
from core.home import PRIVATE, state_folder
from core.store.archive import FORMAT, Manifest, TableCopy, pack, unpack
from core.store.connection import Connection, Store
from core.store.faults import store_errors
from core.store.migrate import applied, apply_all, migrations

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


def restore(store: Store, path: Path) -> Manifest:
    """Replace everything in our schemas by a backup, whole or not at all.

    Raises StoreError: no backup, damaged, made by a newer program.
    """
    with store_errors("the backup was not restored"), _scratch() as draft:
        manifest = unpack(path, draft)
        with store.connection() as connection:
            _replace(connection, manifest, draft)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What a backup holds, without restoring it."""
    with store_errors("the backup was not read"), _scratch() as draft:
        return unpack(path, draft)


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


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="asza-restore-") as folder:
        yield Path(folder)


def _dump(store: Store, folder: Path) -> Manifest:
    with store.connection() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = [
            _copy_out(connection, folder, name, columns)
            for name, columns in _tables(connection).items()
        ]
        return Manifest(
            FORMAT,
            datetime.now(UTC).isoformat(),
            connection.info.parameter_status("server_version") or "",
            applied(connection),
            tables,
        )


def _tables(connection: Connection) -> dict[str, list[str]]:
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
    query = sql.SQL("COPY {} ({}) TO STDOUT").format(_name(table), _names(columns))
    cursor = connection.cursor()
    with (folder / f"{table}.copy").open("wb") as file, cursor.copy(query) as copy:
        for block in copy:
            file.write(block)
    return TableCopy(table, list(columns), max(cursor.rowcount, 0))


def _replace(connection: Connection, manifest: Manifest, folder: Path) -> None:
    steps = migrations()
    _refuse_others(manifest, {m.number: m.digest for m in steps})
    generation = _generation(connection)
    drop_schemas(connection)
    apply_all(connection, [m for m in steps if m.number in manifest.migrations])
    _refuse_strangers(manifest, _tables(connection))
    for table in reversed(manifest.tables):
        connection.execute(sql.SQL("DELETE FROM {}").format(_name(table.name)))
    for table in manifest.tables:
        _copy_in(connection, folder, table)
    apply_all(connection, [m for m in steps if m.number not in manifest.migrations])
    connection.execute(
        "UPDATE system_logs.counters SET value = greatest(value, %s) + 1", (generation,)
    )


def _generation(connection: Connection) -> int:
    """So that a running stack notices: after restoring, the counter has moved on."""
    there = connection.execute("SELECT to_regclass('system_logs.counters')").fetchone()
    if not there or there[0] is None:
        return 0
    row = connection.execute("SELECT max(value) FROM system_logs.counters").fetchone()
    return int(row[0] or 0) if row else 0


def _refuse_others(manifest: Manifest, known: Mapping[int, str]) -> None:
    for number, digest in manifest.migrations.items():
        if known.get(number) != digest:
            raise StoreError(
                f"the backup was made at migration {number:04}, which this program "
                "does not know in that form",
                field="migrations",
                value=number,
                remedy="restore it with the version of ASZA that made it, or update",
            )


def _refuse_strangers(manifest: Manifest, ours: Mapping[str, Sequence[str]]) -> None:
    """A backup is a file from anywhere: it names our tables and columns, each once."""
    names = [table.name for table in manifest.tables]
    wrong = [name for name in names if name not in ours or names.count(name) > 1]
    wrong += [
        f"{table.name}.{column}"
        for table in manifest.tables
        for column in table.columns
        if column not in ours.get(table.name, ()) or table.columns.count(column) > 1
    ]
    if wrong:
        raise StoreError(
            f"the backup names {wrong[0]}, which is not ASZA's, or names it twice",
            field="tables",
            value=wrong[0],
            remedy="the file was changed; restore one that `asza store backup` wrote",
        )


def _copy_in(connection: Connection, folder: Path, table: TableCopy) -> None:
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(
        _name(table.name), _names(table.columns)
    )
    cursor = connection.cursor()
    with (folder / f"{table.name}.copy").open("rb") as file, cursor.copy(query) as copy:
        while block := file.read(1 << 16):
            copy.write(block)
    if cursor.rowcount != table.rows:
        raise StoreError(
            f"{table.name} has {cursor.rowcount} rows in the backup, not {table.rows}",
            remedy="the file is damaged; use another backup",
        )
    for column in table.columns:
        _continue_counting(connection, table.name, column)


def _continue_counting(connection: Connection, table: str, column: str) -> None:
    """A counted column goes on after the largest number that was restored."""
    found = connection.execute(
        "SELECT pg_get_serial_sequence(%s, %s)", (table, column)
    ).fetchone()
    if found and found[0]:
        query = sql.SQL("SELECT setval(%s, max({0})) FROM {1} HAVING max({0}) > 0")
        named = query.format(sql.Identifier(column), _name(table))
        connection.execute(named, (found[0],))


def _dependents(connection: Connection) -> list[str]:
    """Views and tables outside our schemas that stand on something inside."""
    rows = connection.execute(DEPENDENTS, {"ours": list(SCHEMAS)})
    return [str(name) for (name,) in rows]


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split(".", 1))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
