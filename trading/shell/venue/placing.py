"""Orders placed, changed and withdrawn at a simulated venue, and what is known of them."""

from collections.abc import Iterable
from decimal import Decimal

from trading.shell.changed import changed
from trading.shell.venue.admission import (
    BAD_LEVERAGE,
    BAD_PRICE,
    BAD_VOLUME,
    TOO_MUCH_LEVERAGE,
    UNKNOWN_MARKET,
    UNKNOWN_ORDER,
    why_malformed,
    why_unfit,
)
from trading.shell.venue.execution import Execution
from trading.shell.venue.live import Book, Live, level_of, living
from trading.shell.venue.mirror import Mirror
from trading.shell.venue.orders import (
    Intent,
    Kind,
    OpenOrder,
    Outcome,
    Position,
    Receipt,
)
from trading.shell.venue.rules import Rules

CANCELLED = "cancelled"


class Placing:
    """One account's orders under `rules`; `now` is the venue's UTC second."""

    def __init__(self, rules: Rules, cash: Decimal) -> None:
        self.rules = rules
        self.mirror = Mirror(cash)
        self.now = 0
        self._run = Execution(rules, self.mirror)
        self._orders = self._run.orders
        self._books = self._run.books
        self._books.update({one: Book(how) for one, how in rules.instruments.items()})
        self._busy: set[str] = set()
        self._leverage: dict[str, Decimal] = {}

    def place(self, intent: Intent) -> Receipt:
        """Take an order; the same id again is the same order, with the same receipt."""
        known = self._orders.get(intent.id)
        over = known.receipt if known else self._run.over.get(intent.id)
        if over is not None:
            return over
        self.now = at = max(self.now, intent.decided_at + self.rules.step)
        instrument = self.rules.instruments.get(intent.symbol)
        if instrument is None:
            return self._refused(intent, UNKNOWN_MARKET, at)
        book = self._books[intent.symbol]
        why = why_malformed(intent, instrument) or why_unfit(
            intent, book, self._run.free_cash(), self._leverage.get(intent.symbol)
        )
        if why:
            return self._refused(intent, why, at)
        live = living(intent, _confirmed(intent.id, at))
        self._add(book, live)
        return live.receipt

    def _refused(self, intent: Intent, why: str, at: int) -> Receipt:
        receipt = Receipt(intent.id, Outcome.REFUSED, at, reason=why)
        live = living(intent, receipt)
        live.ended = why
        self._orders[intent.id] = live
        return receipt

    def _add(self, book: Book, live: Live) -> None:
        self._orders[live.intent.id] = live
        market = live.intent.kind is Kind.MARKET
        (book.waiting if market else book.resting).append(live)
        self._settle(book)

    def cancel(self, order: str) -> Receipt:
        """Withdraw a living order; one that has ended is not known any more."""
        live = self._orders.get(order)
        if live is None or live.ended:
            return Receipt(order, Outcome.REFUSED, self.now, reason=UNKNOWN_ORDER)
        book = self._books[live.intent.symbol]
        self._run.end(book, live, CANCELLED, self.now)
        self._settle(book)
        return _confirmed(order, self.now)

    def amend(
        self, order: str, quantity: Decimal | None, trigger: Decimal | None
    ) -> Receipt:
        """Change a living order's quantity, or the level at which it fires."""
        live = self._orders.get(order)
        why = UNKNOWN_ORDER if live is None or live.ended else ""
        if live is None or (why := why or self._why_not(live, quantity, trigger)):
            return Receipt(order, Outcome.REFUSED, self.now, reason=why)
        self._change(live, quantity, trigger)
        return _confirmed(order, self.now)

    def _why_not(
        self, live: Live, quantity: Decimal | None, trigger: Decimal | None
    ) -> str:
        """Why a living order cannot be amended so, or ""."""
        if trigger is not None and level_of(live.intent) is None:
            return BAD_PRICE
        instrument = self.rules.instruments[live.intent.symbol]
        amended = _amended(live.intent, quantity, trigger)
        why = why_malformed(amended, instrument)
        return why or (BAD_VOLUME if amended.quantity <= live.filled else "")

    def _change(
        self, live: Live, quantity: Decimal | None, trigger: Decimal | None
    ) -> None:
        live.intent = _amended(live.intent, quantity, trigger)
        live.asked = live.asked if quantity is None else quantity
        level = level_of(live.intent)
        live.level = live.level if level is None else float(level)
        self._settle(self._books[live.intent.symbol])

    def set_leverage(self, symbol: str, leverage: Decimal) -> Receipt:
        """The leverage that entries of `symbol` must have from now on."""
        why = self._why_not_levered(symbol, leverage)
        if why:
            return Receipt(symbol, Outcome.REFUSED, self.now, reason=why)
        self._leverage[symbol] = leverage
        return _confirmed(symbol, self.now)

    def _why_not_levered(self, symbol: str, leverage: Decimal) -> str:
        instrument = self.rules.instruments.get(symbol)
        if instrument is None:
            return UNKNOWN_MARKET
        if not leverage.is_finite() or leverage < 1:
            return BAD_LEVERAGE
        return "" if leverage <= instrument.most_leverage else TOO_MUCH_LEVERAGE

    def find(self, order: str) -> Receipt | None:
        """The order's receipt, its reason saying how it ended; None if never placed."""
        live = self._orders.get(order)
        if live is None:
            return self._run.over.get(order)
        return changed(live.receipt, reason=live.ended)

    def open_orders(self) -> list[OpenOrder]:
        """What waits or rests, market by market in the order of their first order."""
        return [
            live.as_open() for book in self._books.values() for live in book.orders()
        ]

    def restore(
        self,
        positions: Iterable[Position],
        orders: Iterable[OpenOrder],
        ended: Iterable[Receipt] = (),
        filled: Iterable[OpenOrder] = (),
    ) -> None:
        """Take over what there was before a restart.

        `ended` are the last receipts of orders that are over: placed again, they are
        not new. An entry that has filled in part gets the closes that it lacks. `filled`
        are entries that are over: what closes one is for what it has filled.
        """
        self._run.over.update({one.id: one for one in ended})
        for position in positions:
            self.mirror.positions[position.symbol] = position
            self._run.hold(self._books[position.symbol], position)
        for order in orders:
            self._restore(order)
        for live in list(self._orders.values()):
            self._run.bracket(self._books[live.intent.symbol], live)
        for entry in filled:
            if book := self._books.get(entry.intent.symbol):  # else traded no more
                self._run.size_closes(book, entry)
        for book in self._books.values():
            self._settle(book)

    def _restore(self, order: OpenOrder) -> None:
        live = living(order.intent, _confirmed(order.intent.id, self.now), order.filled)
        live.began = order.intent.decided_at + self.rules.step
        self._add(self._books[order.intent.symbol], live)

    def _settle(self, book: Book) -> None:
        book.measure()
        symbol = book.instrument.symbol
        if book.is_idle:
            self._busy.discard(symbol)
        else:
            self._busy.add(symbol)


def _amended(
    intent: Intent, quantity: Decimal | None, trigger: Decimal | None
) -> Intent:
    """The intent with another quantity or level; a limit's level is its price."""
    size = intent.quantity if quantity is None else quantity
    if trigger is None:
        return changed(intent, quantity=size)
    if intent.kind is Kind.LIMIT:
        return changed(intent, quantity=size, price=trigger)
    return changed(intent, quantity=size, trigger=trigger)


def _confirmed(order: str, at: int) -> Receipt:
    return Receipt(order, Outcome.CONFIRMED, at, venue_id=f"SIM-{order}")
