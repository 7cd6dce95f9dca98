"""Orders, fills and positions: what passes between the engine, a venue and the ledger.

Money, prices and quantities are `Decimal`; times are UTC seconds; `symbol` is ccxt's
unified one: BTC/USD is spot, BTC/USD:USD a linear perpetual.
"""

from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct

ZERO = Decimal(0)


class Mode(StrEnum):
    """Whose money it is: each mode has its own ledger rows, keys and account."""

    BACKTEST = "backtest"
    PAPER = "paper"
    LIVE = "live"


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The side that closes what this one opened."""
        return Side.SELL if self is Side.BUY else Side.BUY


class Kind(StrEnum):
    """How an order is filled: a stop and a take-profit become market orders."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    TAKE_PROFIT = "take_profit"


class Purpose(StrEnum):
    """What an order is for. Everything but an entry may only reduce a position."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"
    FLATTEN = "flatten"


class Intent(Struct, frozen=True):
    """An order the engine wants, written down before it is sent.

    `id` is the client order id and is deterministic (`client_id`). `price` is a limit's,
    `trigger` a stop's or take-profit's. `stop` and `target` are the conditional closes
    that an entry asks for once it is filled. `decided_at` is the open of the candle the
    decision was made on, `decision` the decision's id, `expires_at` when an unfilled
    entry is withdrawn.
    """

    id: str
    symbol: str
    side: Side
    kind: Kind
    purpose: Purpose
    quantity: Decimal
    decided_at: int
    price: Decimal | None = None
    trigger: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    leverage: Decimal = Decimal(1)
    expires_at: int | None = None
    decision: str = ""
    reason: str = ""

    @property
    def reduce_only(self) -> bool:
        """Whether it may only make a position smaller."""
        return self.purpose is not Purpose.ENTRY


class Outcome(StrEnum):
    """What became of sending an intent. A timeout is unresolved, never a refusal."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNRESOLVED = "unresolved"


class Receipt(Struct, frozen=True):
    """A venue's answer to an intent, an amendment or a cancellation."""

    id: str
    outcome: Outcome
    at: int
    venue_id: str = ""
    reason: str = ""


class Fill(Struct, frozen=True):
    """One execution. `fee` is in the quote currency, 0 or more; `id` is the venue's.

    `reason` says why it filled where it did: open, limit, stop, target, liquidation.
    """

    id: str
    order: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: int
    maker: bool = False
    reason: str = ""


class Closed(Struct, frozen=True):
    """An order that will fill no further without having been filled whole."""

    order: str
    at: int
    reason: str


class Funding(Struct, frozen=True):
    """Funding of a perpetual position: `amount` is paid, negative when received."""

    symbol: str
    amount: Decimal
    rate: Decimal
    at: int


VenueEvent = Fill | Closed | Funding
"""What can have happened at a venue, in the order in which it did."""


class OpenOrder(Struct, frozen=True):
    """An order that rests at the venue, and how much of it is filled."""

    intent: Intent
    filled: Decimal = ZERO
    venue_id: str = ""

    @property
    def left(self) -> Decimal:
        """What can still be filled."""
        return self.intent.quantity - self.filled


class Position(Struct, frozen=True):
    """What is held: `quantity` is signed, `cost` what the open part was bought for.

    `cost` is signed with the quantity, without fees; `entry_price` is cost / quantity.
    `margin` is the cash set aside for a perpetual, 0 on spot.
    """

    symbol: str
    quantity: Decimal
    cost: Decimal
    opened_at: int
    leverage: Decimal = Decimal(1)
    margin: Decimal = ZERO

    @property
    def entry_price(self) -> Decimal:
        """The average price of the open part."""
        return self.cost / self.quantity

    @property
    def side(self) -> Side:
        """The side that opened it."""
        return Side.BUY if self.quantity > 0 else Side.SELL


def is_futures(symbol: str) -> bool:
    """Whether ccxt's unified symbol names a perpetual."""
    return ":" in symbol


def client_id(mode: Mode, account: str, symbol: str, decided_at: int, part: str) -> str:
    """The client order id of one part of one decision: the same on every run.

    18 characters, which Kraken's `cl_ord_id` and `cliOrdId` both take. `part` tells the
    orders of one decision apart ("entry", "stop", "exit"…).
    """
    text = f"{mode}|{account}|{symbol}|{decided_at}|{part}"
    return "az" + blake2b(text.encode(), digest_size=8).hexdigest()
