"""The statements of the ledger, made of its own names of tables and columns."""

from collections.abc import Sequence

SCHEMA = "trading_data"
OPEN = (
    "INSERT INTO trading_data.accounts (mode, name, quote) VALUES (%s, %s, %s)"
    " ON CONFLICT (mode, name) DO NOTHING"
)
LAST = (
    "SELECT last_seq, writer FROM trading_data.accounts WHERE mode = %s AND name = %s"
)
# Two writers cannot both move it from the same number: the later one touches no row.
MOVE = (
    "UPDATE trading_data.accounts SET last_seq = %s, writer = %s"
    " WHERE mode = %s AND name = %s AND last_seq = %s"
)
CLOSE = "DELETE FROM trading_data.accounts WHERE mode = %s AND name = %s"
FLAT = (
    "DELETE FROM trading_data.positions"
    " WHERE mode = %s AND account = %s AND symbol = ANY(%s)"
)


def insert(table: str, columns: Sequence[str]) -> str:
    """Insert rows; one that is there already stays as it is."""
    return f"{_insert(table, columns)} ON CONFLICT DO NOTHING"


def upsert(table: str, columns: Sequence[str]) -> str:
    """Insert rows, or replace those with their key, the third of `columns`."""
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns[3:])
    conflict = f"ON CONFLICT (mode, account, {columns[2]}) DO UPDATE SET {sets}"
    return f"{_insert(table, columns)} {conflict}"


def copy(table: str, columns: Sequence[str]) -> bytes:
    """Take rows in bulk."""
    return f"COPY {SCHEMA}.{table} ({', '.join(columns)}) FROM STDIN".encode()


def select(table: str, columns: Sequence[str], where: str = "") -> bytes:
    """The rows of an account, in the order they were appended."""
    found = f"SELECT seq, {', '.join(columns)} FROM {SCHEMA}.{table}"  # noqa: S608
    return f"{found} WHERE mode = %s AND account = %s {where} ORDER BY seq".encode()


def _insert(table: str, columns: Sequence[str]) -> str:
    names, full = ", ".join(columns), f"{SCHEMA}.{table}"
    rows = f"json_populate_recordset(NULL::{full}, %s::json)"
    return f"INSERT INTO {full} ({names}) SELECT {names} FROM {rows}"  # noqa: S608
