"""What a person is told of an account, and which part of it they asked for."""

from dataclasses import dataclass
from decimal import Decimal

from trading.shell.ledger.events import Decided, Scanned, Signalled
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import Fill

FOREVER = 253_402_300_799  # the last second that there is a date for


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as it stands: `quantity` and `trigger` as amended, `reason` why it was
    wanted, `ended` why it ended or was refused."""

    id: str
    symbol: str
    side: str
    kind: str
    purpose: str
    at: int
    price: Decimal | None
    decision: str
    reason: str
    status: str
    venue_id: str
    quantity: Decimal
    trigger: Decimal | None
    filled: Decimal
    remaining: Decimal
    average_price: Decimal | None
    fees: Decimal
    filled_at: int | None
    ended: str


@dataclass(frozen=True, slots=True)
class ExecutedOrder:
    """An order that was filled whole, at a price, at a time: nothing else is one."""

    id: str
    venue_id: str
    symbol: str
    side: str
    kind: str
    purpose: str
    quantity: Decimal
    price: Decimal
    fees: Decimal
    at: int
    decision: str


@dataclass(frozen=True, slots=True)
class PositionRow:
    """What is held of one symbol; `decision` opened it, `at` is the last event."""

    symbol: str
    quantity: Decimal
    cost: Decimal
    entry_price: Decimal
    opened_at: int
    leverage: Decimal
    margin: Decimal
    decision: str
    at: int


@dataclass(frozen=True, slots=True)
class Balance:
    """An amount of a currency; `set_aside` is the part that is margin."""

    currency: str
    amount: Decimal
    set_aside: Decimal
    at: int


@dataclass(frozen=True, slots=True)
class Which:
    """Which rows: of a symbol, from `since` up to but not including `until`, at most
    `limit`, None being all."""

    symbol: str | None = None
    since: int = 0
    until: int = FOREVER
    limit: int | None = 100


ALL = Which()
EVERY = Which(limit=None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there were: `decisions` are those on a market, one a scan; orders executed
    are filled whole; `entries` those that opened a position; `trades` positions that were
    closed."""

    scans: int
    decisions: int
    acted: int
    rejected: int
    orders: int
    executed: int
    entries: int
    fills: int
    trades: int


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Everything of one symbol, from what was seen to what is open."""

    symbol: str
    evaluations: list[Scanned]
    decisions: list[Decided]
    signals: list[Signalled]
    executed: list[ExecutedOrder]
    fills: list[Fill]
    open_orders: list[OrderRow]
    position: PositionRow | None
    trades: list[Trade]
