"""Executions at a simulated venue: what one order gets, and what follows from a fill.

A fill moves the account's mirror; what follows for other orders is `Following`'s.
"""

from decimal import Decimal

from trading.shell.venue.admission import (
    NO_FUNDS,
    NOTHING_HELD,
    OPPOSING,
    TOO_CHEAP,
    claimed,
    is_opposing,
)
from trading.shell.venue.following import WITH_POSITION, Following, remove
from trading.shell.venue.instruments import against
from trading.shell.venue.live import Book, Live
from trading.shell.venue.mirror import Mirror
from trading.shell.venue.orders import (
    Fill,
    Kind,
    Position,
    Purpose,
    Side,
)
from trading.shell.venue.rules import Rules

FILLED = "filled"
REASONS = {
    Kind.MARKET: "open",
    Kind.LIMIT: "limit",
    Kind.STOP: "stop",
    Kind.TAKE_PROFIT: "target",
}


class Execution(Following):
    """The account and its orders, market by market."""

    def __init__(self, rules: Rules, mirror: Mirror) -> None:
        super().__init__()
        self.rules = rules
        self.mirror = mirror
        self.books: dict[str, Book] = {}

    def free_cash(self, but: Live | None = None) -> Decimal:
        """Cash that no resting entry has claimed, but for one of them."""
        living = (one for book in self.books.values() for one in book.orders())
        return self.mirror.cash - claimed(living, but)

    def execute(
        self,
        book: Book,
        live: Live,
        base: float,
        at: int,
        *,
        maker: bool = False,
        most: Decimal | None = None,
    ) -> None:
        """Fill an order where the market is at `base`, at most `most` of it."""
        price = self._price(book, live, base, maker=maker)
        wanted = live.left if most is None else min(live.left, most)
        if live.closes:
            self._reduce(book, live, price, wanted, at, maker=maker)
        elif is_opposing(live.intent, book.position):
            self.end(book, live, OPPOSING, at)
        elif wanted > 0:
            self._enter(book, live, price, wanted, at, maker=maker)

    def _price(self, book: Book, live: Live, base: float, *, maker: bool) -> Decimal:
        side, limit = live.intent.side, live.intent.price
        found = (
            against(book.instrument, side, Decimal(repr(base)))
            if maker
            else self.rules.executed(live.intent.symbol, side, base)
        )
        if not live.is_limit or limit is None:
            return found
        return min(found, limit) if side is Side.BUY else max(found, limit)

    def _enter(
        self,
        book: Book,
        live: Live,
        price: Decimal,
        wanted: Decimal,
        at: int,
        *,
        maker: bool,
    ) -> None:
        intent, rules, market = live.intent, self.rules, book.instrument
        cash = self.free_cash(live)
        payable = rules.affordable(
            intent.symbol, price, intent.leverage, cash, at, maker=maker
        )
        quantity = min(wanted, payable)
        little = payable < wanted and (
            payable < market.minimum or payable * price < market.least_cost
        )
        if not live.filled and little:
            self.end(book, live, NO_FUNDS, at)
            return
        if not live.filled and live.intent.quantity * price < market.least_cost:
            self.end(book, live, TOO_CHEAP, at)
            return
        if quantity > 0:
            fee = rules.fee(intent.symbol, quantity * price, at, maker=maker)
            self._book(book, live, self._filled(live, quantity, price, fee, at, maker))
        if payable < wanted:
            self.end(book, live, NO_FUNDS, at)

    def _reduce(
        self,
        book: Book,
        live: Live,
        price: Decimal,
        wanted: Decimal,
        at: int,
        *,
        maker: bool,
    ) -> None:
        held = book.position
        if held is None or held.side is live.intent.side:
            self.end(book, live, NOTHING_HELD, at)
            return
        quantity = min(wanted, abs(held.quantity))
        if quantity <= 0:
            return
        rules, symbol = self.rules, live.intent.symbol
        price = rules.no_worse_than_margin(held, quantity, price)
        fee = rules.fee(symbol, quantity * price, at, maker=maker)
        fee = rules.closing_fee(held, quantity, price, fee)
        self._book(book, live, self._filled(live, quantity, price, fee, at, maker))

    def _filled(
        self,
        live: Live,
        quantity: Decimal,
        price: Decimal,
        fee: Decimal,
        at: int,
        maker: bool,
    ) -> Fill:
        """A fill whose id counts the lots that its order has filled with it."""
        intent = live.intent
        live.filled += quantity
        lots = int(live.filled / self.rules.instruments[intent.symbol].lot)
        closing = intent.purpose in (Purpose.STOP, Purpose.TARGET)
        return Fill(
            id=f"{intent.id}-{lots}",
            order=intent.id,
            symbol=intent.symbol,
            side=intent.side,
            quantity=quantity,
            price=price,
            fee=fee,
            at=at,
            maker=maker,
            reason=str(intent.purpose) if closing else REASONS[intent.kind],
        )

    def _book(self, book: Book, live: Live, fill: Fill) -> None:
        self.move(book, fill, live.intent.leverage)
        if live.left <= 0:
            self._finish(book, live, fill.at)
        if not live.closes:
            self.bracket(book, live)
        elif book.position is None:
            self.sweep(book, fill, live.level if live.is_adverse else None)
        elif live.ended:
            self.close_out(book, live, fill.at)

    def move(self, book: Book, fill: Fill, leverage: Decimal) -> None:
        """Book an execution in the account."""
        self.events.append(fill)
        self.hold(book, self.mirror.fill(fill, leverage))

    def hold(self, book: Book, position: Position | None) -> None:
        """Take over what is held, and where it is liquidated."""
        book.position = position
        at = self.rules.liquidation_price(position) if position else None
        book.liquidation = None if at is None else float(at)
        book.funded = at is not None and self.rules.is_funded(book.instrument.symbol)

    def _finish(self, book: Book, live: Live, at: int) -> None:
        """An order that is for no more: filled, or closed with less than was asked."""
        if live.filled < live.asked:
            self.end(book, live, WITH_POSITION, at)
            return
        remove(book, live)
        live.ended = FILLED
