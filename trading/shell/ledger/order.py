"""One order's life, from intended to done. Every step gives what is new, or raises."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct

from trading.shell.changed import changed
from trading.shell.ledger.events import Amended, Answered, Ended, Filled, Intended
from trading.shell.ledger.exact import average, impossible, usable
from trading.shell.venue.orders import ZERO, Intent, OpenOrder, Outcome, Purpose


class OrderStatus(StrEnum):
    """Where an order stands. Filled, ended and refused orders are done."""

    INTENDED = "intended"
    CONFIRMED = "confirmed"
    UNRESOLVED = "unresolved"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    ENDED = "ended"
    REFUSED = "refused"

    @property
    def done(self) -> bool:
        """Whether nothing more will come of it."""
        return self in DONE


DONE = frozenset({OrderStatus.FILLED, OrderStatus.ENDED, OrderStatus.REFUSED})
UNSETTLED = frozenset({OrderStatus.INTENDED, OrderStatus.UNRESOLVED})
SETTLES = {
    Outcome.CONFIRMED: OrderStatus.CONFIRMED,
    Outcome.REFUSED: OrderStatus.REFUSED,
    Outcome.UNRESOLVED: OrderStatus.UNRESOLVED,
}


News = dict[str, Any]
"""Fields of an order and what they are from now on."""


class Order(Struct, frozen=True):
    """An order as it now is: `intent` with what was amended, `value` the sum of
    quantity × price of its fills, `at` when it was intended, `updated_at` its last event;
    `heard` is what it was told beside its fills, so that nothing counts twice.
    """

    intent: Intent
    at: int
    updated_at: int
    status: OrderStatus = OrderStatus.INTENDED
    filled: Decimal = ZERO
    value: Decimal = ZERO
    fees: Decimal = ZERO
    filled_at: int | None = None
    venue_id: str = ""
    reason: str = ""
    heard: tuple[tuple[object, ...], ...] = ()

    @property
    def left(self) -> Decimal:
        """What can still be filled; 0 once it is done."""
        return ZERO if self.status.done else self.intent.quantity - self.filled

    @property
    def average_price(self) -> Decimal | None:
        """The average price of what was filled."""
        return average(self.value, self.filled) if self.filled else None

    @property
    def is_entry(self) -> bool:
        """Whether it opens a position."""
        return self.intent.purpose is Purpose.ENTRY

    @property
    def came_to_nothing(self) -> bool:
        """Whether it is done without a fill."""
        return self.status.done and not self.filled

    def open_order(self) -> OpenOrder:
        """The same as a venue tells it."""
        return OpenOrder(self.intent, self.filled, self.venue_id)


def intended(event: Intended) -> Order:
    """The first step of every order."""
    intent = event.intent
    if not (usable(intent.quantity) and intent.quantity > 0):
        raise impossible(event, "an order needs a quantity above 0")
    if not (usable(intent.leverage) and intent.leverage > 0):
        raise impossible(event, "an order needs a leverage above 0")
    return Order(intent, event.at, event.at)


def answered(order: Order, event: Answered) -> News:
    """A receipt settles an intent once; later ones are about amending or cancelling."""
    receipt = event.receipt
    news: dict[str, object] = {}
    if order.status in UNSETTLED:
        news = {"status": SETTLES[receipt.outcome], "reason": receipt.reason}
    elif order.status is OrderStatus.REFUSED and receipt.outcome is Outcome.CONFIRMED:
        raise impossible(event, "a refused order cannot be confirmed")
    venue_id = order.venue_id or receipt.venue_id
    return {"updated_at": receipt.at, "venue_id": venue_id, **news}


def amended(order: Order, event: Amended) -> News:
    """Another quantity or trigger. A quantity that is already filled makes it done."""
    if order.status.done:
        raise impossible(event, "an order that is done cannot be amended")
    quantity = order.intent.quantity if event.quantity is None else event.quantity
    if not (usable(quantity) and quantity > 0 and quantity >= order.filled):
        raise impossible(event, f"{order.filled} of the order is filled already")
    trigger = order.intent.trigger if event.trigger is None else event.trigger
    intent = changed(order.intent, quantity=quantity, trigger=trigger)
    whole = quantity == order.filled
    status = OrderStatus.FILLED if whole else order.status
    return {"intent": intent, "status": status, "updated_at": event.at}


def filled(order: Order, event: Filled) -> Order:
    """One more execution. An order that ended may be filled by what happened before."""
    fill, intent = event.fill, order.intent
    if (fill.symbol, fill.side) != (intent.symbol, intent.side):
        raise impossible(event, f"the order is to {intent.side} {intent.symbol}")
    if order.status is OrderStatus.REFUSED:
        raise impossible(event, "a refused order cannot be filled")
    if order.status is OrderStatus.ENDED and fill.at > order.updated_at:
        raise impossible(event, f"the order ended before, at {order.updated_at}")
    total = order.filled + fill.quantity
    if total > intent.quantity:
        raise impossible(event, f"more than the {intent.quantity} that were ordered")
    return changed(
        order,
        filled=total,
        value=order.value + fill.quantity * fill.price,
        fees=order.fees + fill.fee,
        filled_at=fill.at,
        updated_at=max(fill.at, order.updated_at),
        status=_after_fill(order, whole=total == intent.quantity),
    )


def _after_fill(order: Order, *, whole: bool) -> OrderStatus:
    if whole:
        return OrderStatus.FILLED
    ended = order.status is OrderStatus.ENDED
    return OrderStatus.ENDED if ended else OrderStatus.PARTLY_FILLED


def ended(order: Order, event: Ended) -> News:
    """It fills no further."""
    if order.status.done:
        raise impossible(event, f"the order is {order.status} already")
    closed = event.closed
    return {
        "status": OrderStatus.ENDED,
        "updated_at": closed.at,
        "reason": closed.reason,
    }
