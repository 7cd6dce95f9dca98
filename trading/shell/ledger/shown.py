"""Rows that are shown: what is read from the derived tables, and how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from trading.shell.ledger import derived
from trading.shell.ledger.events import (
    Decided,
    Filled,
    FundingPaid,
    Halted,
    LedgerEvent,
    Scanned,
    Signalled,
    Snapshot,
)
from trading.shell.ledger.row import Row, seconds
from trading.shell.ledger.rows import TABLES
from trading.shell.ledger.told import Balance, ExecutedOrder, OrderRow, PositionRow
from trading.shell.ledger.trades import Trade

T = TypeVar("T")
E = TypeVar("E", bound=LedgerEvent)


@dataclass(frozen=True, slots=True)
class Shown(Generic[T]):
    """What is read: `columns` of `source`, ordered by `time` and then `key`."""

    source: str
    columns: tuple[str, ...]
    time: str
    read: Callable[[Row], T]
    key: str = "seq"


def _event(kind: type[E], key: str = "seq") -> Shown[E]:
    table = TABLES[kind]
    return Shown(f"trading_data.{table.name}", table.columns, "at", table.read, key)


def _order(row: Row) -> OrderRow:
    return OrderRow(*_plain(row))


def _executed(row: Row) -> ExecutedOrder:
    return ExecutedOrder(*_plain(row))


def _trade(row: Row) -> Trade:
    values = _plain(row)
    net = derived.TRADES.columns.index("net")  # it is the sum of others
    return Trade(*values[:net], *values[net + 1 :])


def _position(row: Row) -> PositionRow:
    return PositionRow(*_plain(row))


def _balance(row: Row) -> Balance:
    return Balance(*_plain(row))


def _plain(row: Row) -> list[Any]:
    return [seconds(v) if isinstance(v, datetime) else v for v in row]


STANDING = (
    "(SELECT o.mode, o.account, o.seq, o.id, o.symbol, o.side, o.kind, o.purpose, o.at,"
    " o.price, o.decision, o.reason, s.status, s.venue_id, s.quantity, s.trigger,"
    " s.filled, s.remaining, s.average_price, s.fees, s.filled_at, s.reason AS ended"
    " FROM trading_data.orders o"
    " JOIN trading_data.order_standing s USING (mode, account, id)) standing"
)
ORDER_COLUMNS = tuple(
    "id symbol side kind purpose at price decision reason status venue_id quantity "
    "trigger filled remaining average_price fees filled_at ended".split()
)
EXECUTED_COLUMNS = tuple(
    "order_id venue_id symbol side kind purpose fill_quantity fill_price fees filled_at "
    "decision".split()
)
ORDERS = Shown(STANDING, ORDER_COLUMNS, "at", _order)
EXECUTED = Shown(
    "trading_data.executed_orders",
    EXECUTED_COLUMNS,
    "filled_at",
    _executed,
    "order_id",
)
TRADES = Shown("trading_data.trades", derived.TRADES.columns, "closed_at", _trade, "id")
POSITIONS = Shown(
    "trading_data.positions",
    derived.POSITIONS.columns,
    "opened_at",
    _position,
    "symbol",
)
BALANCES = Shown(
    "trading_data.balances", derived.BALANCES.columns, "at", _balance, "currency"
)
FILLS = _event(Filled)
FUNDING = _event(FundingPaid)
SNAPSHOTS = _event(Snapshot)
HALTS = _event(Halted)
DECISIONS = _event(Decided)
SCANS = _event(Scanned, "symbol")
SIGNALS = _event(Signalled, "symbol")


def page(shown: Shown[Any], equal: Sequence[str], *, oldest_first: bool) -> str:
    """The query for some rows of an account: named values mode, account, since, until,
    limit, and one for each column that must be equal."""
    wanted = "".join(f" AND {name} = %({name})s" for name in equal)
    way = "ASC" if oldest_first else "DESC"
    return (
        f"SELECT {', '.join(shown.columns)} FROM {shown.source}"  # noqa: S608
        " WHERE mode = %(mode)s AND account = %(account)s"
        f" AND {shown.time} >= %(since)s AND {shown.time} < %(until)s{wanted}"
        f" ORDER BY {shown.time} {way}, {shown.key} {way} LIMIT %(limit)s"
    )
