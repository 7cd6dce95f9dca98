"""Orders that live at a simulated venue, and one market's book of them.

Levels are floats beside the Decimal orders: a candle is compared with them, and only a
fill is worked out in Decimal.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from math import inf

from trading.shell.venue import Instrument
from trading.shell.venue.instruments import rises
from trading.shell.venue.orders import (
    ZERO,
    Intent,
    Kind,
    OpenOrder,
    Position,
    Receipt,
)


@dataclass(slots=True, eq=False)
class Live:
    """An order and how it stands. `ended` says why it fills no further, "" while it may.

    `asked` is the quantity it was placed with or amended to; `intent.quantity` can be
    less for a conditional close, which is for what its entry has filled. `began` is the
    open of the first candle that began after it was placed. A limit (`is_limit`) must
    be passed and never pays more; `closes` may only reduce; `is_adverse` is a stop that
    closes, which comes first inside a candle. `entry` is the id of the entry that a
    conditional close was placed for, "" for any other order.
    """

    intent: Intent
    receipt: Receipt
    asked: Decimal
    level: float
    rises: bool
    is_limit: bool
    closes: bool
    is_adverse: bool
    filled: Decimal = ZERO
    began: int | None = None
    ended: str = ""
    entry: str = ""

    @property
    def left(self) -> Decimal:
        """What can still be filled."""
        return self.intent.quantity - self.filled

    def is_reached(self, low: float, high: float) -> bool:
        """Whether a stretch of prices fires it: a limit must be passed, not touched."""
        if self.is_limit:
            return high > self.level if self.rises else low < self.level
        return high >= self.level if self.rises else low <= self.level

    def is_past(self, level: float, *, falls: bool) -> bool:
        """Whether a price on its way to `level` comes to this order only after it."""
        if self.rises is falls:
            return False
        return self.level < level if falls else self.level > level

    def base(self, reference: float) -> float:
        """Where it fires when the price comes from `reference`, gaps included."""
        if self.rises:
            return max(self.level, reference)
        return min(self.level, reference)

    def as_open(self) -> OpenOrder:
        """The order as the venue shows it."""
        return OpenOrder(self.intent, self.filled, self.receipt.venue_id)


def level_of(intent: Intent) -> Decimal | None:
    """The price at which an order fires; None for a market order."""
    return intent.price if intent.kind is Kind.LIMIT else intent.trigger


def living(intent: Intent, receipt: Receipt, filled: Decimal = ZERO) -> Live:
    """A new order, or one restored with what it had filled."""
    level, closes = level_of(intent), intent.reduce_only
    return Live(
        intent=intent,
        receipt=receipt,
        asked=intent.quantity,
        level=inf if level is None else float(level),
        rises=rises(intent.side, intent.kind),
        is_limit=intent.kind is Kind.LIMIT,
        closes=closes,
        is_adverse=closes and intent.kind is Kind.STOP,
        filled=filled,
    )


@dataclass(slots=True, eq=False)
class Book:
    """One market: orders that wait for the next open, orders that rest, the position.

    Nothing fires inside a candle whose low is above `floor` and whose high is below
    `ceiling`. `funded` says whether what is held owes funding. `expires` is the earliest expiry, `liquidation` the position's.
    `decisions` are those that what is held came from, `leaving` entries of theirs that
    nothing has filled and that go when it is flat.
    """

    instrument: Instrument
    waiting: list[Live] = field(default_factory=list)
    resting: list[Live] = field(default_factory=list)
    position: Position | None = None
    liquidation: float | None = None
    floor: float = -inf
    ceiling: float = inf
    expires: float = inf
    arrivals: bool = False
    funded: bool = False
    mark: float | None = None
    marked_at: int = 0
    taken: Decimal = ZERO
    decisions: set[str] = field(default_factory=set)
    leaving: list[Live] = field(default_factory=list)

    def orders(self) -> Iterator[Live]:
        """All orders, oldest of a kind first."""
        yield from self.waiting
        yield from self.resting

    @property
    def is_idle(self) -> bool:
        """Whether no candle can change anything here."""
        return not (self.waiting or self.resting or self.position)

    def measure(self) -> None:
        """Work out floor, ceiling, expiry and what has arrived anew."""
        floor, ceiling = self._liquidations()
        expires, arrivals = inf, False
        for live in self.resting:
            if not live.rises:
                floor = max(floor, live.level)
            else:
                ceiling = min(ceiling, live.level)
            arrivals = arrivals or live.began is None
        for live in self.orders():
            if live.intent.expires_at is not None:
                expires = min(expires, live.intent.expires_at)
        self.floor, self.ceiling = floor, ceiling
        self.expires, self.arrivals = expires, arrivals

    def _liquidations(self) -> tuple[float, float]:
        """The liquidation as a floor and a ceiling."""
        if self.liquidation is None or self.position is None:
            return -inf, inf
        short = self.position.quantity < 0
        return (-inf, self.liquidation) if short else (self.liquidation, inf)
