"""Put a backup back: everything in our schemas is replaced by it, whole or not at all.

The file may come from anywhere, so it decides nothing: the tables are made by migrations
that this program knows, and it must name these tables and columns and no others.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from core.errors import StoreError
from core.store.archive import Manifest, TableCopy, unpack
from core.store.backup import column_list, drop_schemas, table_name, tables
from core.store.connection import Connection, Store
from core.store.faults import store_errors
from core.store.migrate import STORE, History, apply_all, migrations


def restore(store: Store, path: Path, also: Sequence[History] = ()) -> Manifest:
    """Replace everything in our schemas by a backup, whole or not at all.

    `also` are the histories, beside the store's own, whose tables it may hold. Raises
    StoreError: no backup, damaged, made by a newer program.
    """
    with store_errors("the backup was not restored"), _scratch() as draft:
        manifest = unpack(path, draft)
        with store.connection() as connection:
            _replace(connection, manifest, draft, (STORE, *also))
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What a backup holds, without restoring it."""
    with store_errors("the backup was not read"), _scratch() as draft:
        return unpack(path, draft)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="asza-restore-") as folder:
        yield Path(folder)


def _replace(
    connection: Connection,
    manifest: Manifest,
    folder: Path,
    histories: Sequence[History],
) -> None:
    known = {history: migrations(history) for history in histories}
    done = {history: _done(manifest, history) for history in histories}
    _refuse_unknown(manifest, histories)
    for history in histories:
        digests = {m.number: m.digest for m in known[history]}
        _refuse_others(done[history], digests)
    generation = _generation(connection)
    drop_schemas(connection)
    for history in histories:
        steps = [m for m in known[history] if m.number in done[history]]
        apply_all(connection, steps, history)
    _refuse_strangers(manifest, tables(connection))
    for table in reversed(manifest.tables):
        connection.execute(sql.SQL("DELETE FROM {}").format(table_name(table.name)))
    for table in manifest.tables:
        _copy_in(connection, folder, table)
    for history in histories:
        steps = [m for m in known[history] if m.number not in done[history]]
        apply_all(connection, steps, history)
    connection.execute(
        "UPDATE system_logs.counters SET value = greatest(value, %s) + 1", (generation,)
    )


def _done(manifest: Manifest, history: History) -> dict[int, str]:
    if history == STORE:
        return manifest.migrations
    return manifest.beside.get(history.schema, {})


def _refuse_unknown(manifest: Manifest, histories: Sequence[History]) -> None:
    ours = {history.schema for history in histories}
    if beside := sorted(set(manifest.beside) - ours):
        raise StoreError(
            f"the backup holds tables of {beside[0]}, which nothing here knows",
            field="beside",
            value=beside[0],
            remedy="restore it with `asza store restore`",
        )


def _generation(connection: Connection) -> int:
    """So that a running stack notices: after restoring, the counter has moved on."""
    there = connection.execute("SELECT to_regclass('system_logs.counters')").fetchone()
    if not there or there[0] is None:
        return 0
    row = connection.execute("SELECT max(value) FROM system_logs.counters").fetchone()
    return int(row[0] or 0) if row else 0


def _refuse_others(done: Mapping[int, str], known: Mapping[int, str]) -> None:
    for number, digest in done.items():
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
        table_name(table.name), column_list(table.columns)
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
        named = query.format(sql.Identifier(column), table_name(table))
        connection.execute(named, (found[0],))
