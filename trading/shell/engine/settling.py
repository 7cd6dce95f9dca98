"""Orders that the venue has not answered for: looked up by their client id, never sent
again blind.

A timeout is no refusal. Until the venue says what became of an order it stands in the
ledger as unresolved, and nothing is sent in its place.
"""

from collections.abc import Awaitable
from typing import TypeVar

from core.errors import VenueError
from trading.shell.changed import changed
from trading.shell.engine.books import NEVER_WRITTEN, Books
from trading.shell.ledger.events import Answered, Ended, LedgerEvent
from trading.shell.ledger.order import UNSETTLED, Order, OrderStatus
from trading.shell.ledger.state import LedgerState
from trading.shell.venue import Venue
from trading.shell.venue.brackets import close_ids
from trading.shell.venue.orders import Closed, Intent, Outcome, Purpose, Receipt

LEGS = (Purpose.STOP, Purpose.TARGET)
WAYS_OUT = (Purpose.EXIT, Purpose.FLATTEN)
NEVER_SENT = "the trader stopped before it was sent"
NEVER_ARRIVED = "it never arrived at the venue"

T = TypeVar("T")


async def answer(asked: Awaitable[T], order: str, now: int) -> T | Receipt:
    """What the venue says about an order; unresolved where it cannot be asked."""
    try:
        return await asked
    except VenueError as error:
        return Receipt(order, Outcome.UNRESOLVED, now, reason=error.message)


def is_unanswered(order: Order) -> bool:
    """Whether an order was written down and the venue has not answered for it.

    Stops and targets are placed by the venue: nobody is asked about them.
    """
    return order.status in UNSETTLED and order.intent.purpose not in LEGS


def unanswered(state: LedgerState) -> list[Order]:
    """The orders that the venue has not answered for, oldest first."""
    return [one for one in state.working.values() if is_unanswered(one)]


async def look_up(books: Books, venue: Venue, now: int) -> None:
    """Ask about every unanswered order, and book what the venue says."""
    for order in unanswered(books.state):
        name = order.intent.id
        settle_order(books, order, await answer(venue.find(name), name, now), now)


def settle_order(books: Books, order: Order, known: Receipt | None, now: int) -> bool:
    """Book what the venue knows of an unanswered order; whether it is settled by that.

    None is an order that never arrived: it and its closes have ended. What was filled,
    or ended, the venue's events say.
    """
    if known is None:
        books.book(_withdrawn(books, order, now))
        return True
    lasting = known.outcome is Outcome.UNRESOLVED
    if not lasting or order.status is OrderStatus.INTENDED:
        heard = changed(known, at=max(known.at, now))
        books.book([Answered(heard), *_without_entry(books, order, heard)])
    return not lasting


def _withdrawn(books: Books, order: Order, now: int) -> list[LedgerEvent]:
    sent = order.status is OrderStatus.UNRESOLVED
    why = NEVER_ARRIVED if sent else NEVER_SENT
    names = (order.intent.id, *_legs(books, order))
    return [Ended(Closed(name, now, why)) for name in names]


def _without_entry(books: Books, order: Order, receipt: Receipt) -> list[LedgerEvent]:
    """The ends of the closes of an entry that was refused."""
    names = _legs(books, order) if receipt.outcome is Outcome.REFUSED else ()
    return [Ended(Closed(name, receipt.at, "entry refused")) for name in names]


def _legs(books: Books, order: Order) -> list[str]:
    return [one for one in close_ids(order.intent) if one in books.state.working]


def owed(state: LedgerState) -> dict[str, Intent]:
    """The exits that are still to be sent, by symbol: the newest of what is held, where
    it never reached the venue."""
    newest: dict[str, Order] = {}
    for order in state.finished.values():
        held = state.holdings.get(order.intent.symbol)
        if held and order.at >= held.opened_at and order.intent.purpose in WAYS_OUT:
            newest[order.intent.symbol] = order
    lost = (NEVER_SENT, NEVER_ARRIVED, NEVER_WRITTEN)
    return {name: one.intent for name, one in newest.items() if one.reason in lost}
