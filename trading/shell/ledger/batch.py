"""One append as one statement: what the database is asked costs more than what it does.

Every table's rows are one parameter, a JSON text that the server reads by its columns'
types. Money and times go as text and floats as they print, so nothing is rounded; text
goes as Postgres can store it, whoever wrote it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import Any

from core.store.codec import plain
from trading.shell.ledger import sql
from trading.shell.ledger.derived import Derived
from trading.shell.ledger.row import Row, Table

JSON_COLUMNS = {"figures", "versions", "faults", "trace"}  # JSON text already


class Batch:
    """Rows of several tables, each table once: inserted, or replaced where derived."""

    def __init__(self) -> None:
        self._rows: dict[Table | Derived, list[Row]] = {}

    def add(self, table: Table | Derived, rows: Iterable[Row]) -> None:
        """More rows of a table; none is no mention of it."""
        some = list(rows)
        if some:
            self._rows.setdefault(table, []).extend(some)

    def statement(self) -> tuple[bytes, list[str]]:
        """The statement that moves the account's number and writes everything, and its
        values after those of the number; it gives a row unless another writer was first.
        """
        values = [as_json(t.all_columns, rows) for t, rows in self._rows.items()]
        return _statement(tuple(self._rows)), values


@cache
def _statement(tables: tuple[Table | Derived, ...]) -> bytes:
    parts = [f"moved AS ({sql.MOVE} RETURNING 1)"]
    for number, table in enumerate(tables):
        make = sql.upsert if isinstance(table, Derived) else sql.insert
        parts.append(f"part{number} AS ({make(table.name, table.all_columns)})")
    return f"WITH {', '.join(parts)} SELECT 1 FROM moved".encode()  # noqa: S608


def as_json(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Rows as a JSON array of objects."""
    keys = [(f'"{name}":', name in JSON_COLUMNS) for name in columns]
    return f"[{','.join(_object(keys, row) for row in rows)}]"


def _object(keys: Sequence[tuple[str, bool]], row: Row) -> str:
    parts = (
        key + (value if is_json else _text(value))
        for (key, is_json), value in zip(keys, row, strict=True)
    )
    return f"{{{','.join(parts)}}}"


def _text(value: Any) -> str:
    return WRITERS.get(type(value), json.dumps)(value)


def _float(value: float) -> str:
    return repr(value) if isfinite(value) else f'"{value}"'


WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: lambda value: json.encoder.encode_basestring_ascii(plain(value)),
    Decimal: lambda value: f'"{value}"',
    datetime: lambda value: f'"{value.isoformat()}"',
    float: _float,
    int: repr,
}
