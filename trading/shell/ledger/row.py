"""How events become rows of `trading_data`: times, figures, and what a table needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.store.codec import encode

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Where one kind of event is kept. `write` and `read` work on `columns`, in order,
    which come after mode, account and, where `sequenced`, seq."""

    name: str
    columns: tuple[str, ...]
    write: Callable[[Any], Row]
    read: Callable[[Row], Any]
    sequenced: bool = True

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Every column of a row that is written."""
        return ("mode", "account", *(("seq",) if self.sequenced else ()), *self.columns)


def moment(at: int) -> datetime:
    """UTC seconds as Postgres takes them."""
    return datetime.fromtimestamp(at, UTC)


def maybe_moment(at: int | None) -> datetime | None:
    """The same of a time that need not be."""
    return None if at is None else moment(at)


def seconds(at: datetime) -> int:
    """UTC seconds of what Postgres gives."""
    return int(at.timestamp())


def maybe_seconds(at: datetime | None) -> int | None:
    """The same of a time that need not be."""
    return None if at is None else seconds(at)


def figures(values: Mapping[str, Any]) -> str:
    """JSON of named values; money as text, which is exact."""
    shown = {k: str(v) if isinstance(v, Decimal) else v for k, v in values.items()}
    return encode(shown)
