"""What follows at a simulated venue when an order fills or ends.

An entry's conditional closes are placed and sized to what it has filled. When one of
them has filled, or nothing is held any more, what has lost its purpose is withdrawn.
"""

from collections.abc import Iterable

from trading.shell.changed import changed
from trading.shell.venue.brackets import PARTS, close_id, conditional_closes
from trading.shell.venue.live import Book, Live, living
from trading.shell.venue.orders import (
    Closed,
    Fill,
    Intent,
    OpenOrder,
    Outcome,
    Receipt,
    Side,
    VenueEvent,
)

WITH_POSITION = "closed with its position"
WITH_ENTRY = "closed with its entry"
AFTER_POSITION = "its decision's position was closed"


class Following:
    """An account's orders, and what happened since last asked (`events`).

    `over` are the last receipts of orders that ended before a restart.
    """

    def __init__(self) -> None:
        self.orders: dict[str, Live] = {}
        self.over: dict[str, Receipt] = {}
        self.events: list[VenueEvent] = []

    def end(self, book: Book, live: Live, reason: str, at: int) -> None:
        """An order that fills no further without having been filled whole."""
        remove(book, live)
        live.ended = reason
        self.events.append(Closed(live.intent.id, at, reason))

    def bracket(self, book: Book, entry: Live) -> None:
        """Place the entry's conditional closes, or bring them to what is filled."""
        if not entry.filled or entry.closes:
            return
        book.decisions.add(entry.intent.decision)
        for close in conditional_closes(entry.intent, entry.filled):
            if close.id in self.orders:
                self._size(close, entry.intent.id)
            elif close.id not in self.over:
                self._rest(book, living(close, _accepted(close.id)), entry)

    def size_closes(self, book: Book, entry: OpenOrder) -> None:
        """Bring an entry's conditional closes to what it has filled."""
        book.decisions.add(entry.intent.decision)
        for close in conditional_closes(entry.intent, entry.filled):
            self._size(close, entry.intent.id)

    def _size(self, close: Intent, entry: str) -> None:
        live = self.orders.get(close.id)
        if live is not None and not live.ended:
            live.entry = entry
            live.intent = changed(live.intent, quantity=close.quantity)

    def _rest(self, book: Book, live: Live, entry: Live) -> None:
        live.asked, live.began = entry.asked, entry.began
        live.entry = entry.intent.id
        self.orders[live.intent.id] = live
        book.resting.append(live)

    def close_out(self, book: Book, close: Live, at: int) -> None:
        """One of an entry's closes has filled whole, and others' positions are still
        held: withdraw its other close, and what is left of the entry."""
        if not close.entry:
            return
        names = (close.entry, *(close_id(close.entry, part) for part in PARTS))
        for live in map(self.orders.get, names):
            if live is not None and not live.ended:
                self.end(book, live, WITH_ENTRY, at)

    def sweep(self, book: Book, fill: Fill, level: float | None = None) -> None:
        """The position is flat: withdraw what would close it, and what is left of it.

        The decisions it came from have nothing more to enter. Where a stop closed it,
        what lies beyond its `level` goes at once; the price may have met the others
        first, so they go when the stretch of prices is over (`leave`).
        """
        for live in list(book.orders()):
            if live.intent.side is fill.side if live.closes else live.filled:
                self.end(book, live, WITH_POSITION, fill.at)
            elif not live.closes and live.intent.decision in book.decisions:
                book.leaving.append(live)
        book.decisions.clear()
        if level is not None:
            falls = fill.side is Side.SELL
            past = [one for one in book.leaving if one.is_past(level, falls=falls)]
            self._withdraw(book, past, fill.at)

    def leave(self, book: Book, at: int) -> None:
        """Withdraw what was to leave, but for what has filled meanwhile."""
        self._withdraw(book, book.leaving, at)
        book.leaving.clear()

    def _withdraw(self, book: Book, orders: Iterable[Live], at: int) -> None:
        for live in orders:
            if not live.filled and not live.ended:
                self.end(book, live, AFTER_POSITION, at)


def remove(book: Book, live: Live) -> None:
    """Take an order off the book, wherever it is."""
    for orders in (book.waiting, book.resting):
        if live in orders:
            orders.remove(live)


def _accepted(order: str) -> Receipt:
    return Receipt(order, Outcome.CONFIRMED, 0, venue_id=f"SIM-{order}")
