"""From what a tick asks for to orders: proposal, grid, risk law, journal, venue.

An intent is written down before it is sent, and what came back is written down after.
Whatever a module returned, no order passes here that the law has not judged.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from core.errors import StoreError
from trading.shell.engine.books import Books
from trading.shell.engine.settling import (
    WAYS_OUT,
    answer,
    is_unanswered,
    look_up,
    unanswered,
)
from trading.shell.engine.signalling import (
    Moment,
    held_back,
    signal,
    tell,
    told_of,
)
from trading.shell.engine.trailing import Trailer
from trading.shell.engine.wants import Raw, Wants
from trading.shell.law import Standing, Verdict
from trading.shell.law.checks import judge
from trading.shell.law.limits import Limits
from trading.shell.law.proposals import (
    Proposal,
    Refusal,
    from_module,
    price_of,
)
from trading.shell.ledger import Account
from trading.shell.ledger.events import (
    Answered,
    Ended,
    Intended,
    LedgerEvent,
    Signalled,
)
from trading.shell.ledger.order import Order, OrderStatus
from trading.shell.ledger.steps import ENTER
from trading.shell.venue import Instrument, Venue
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.instruments import on_grid
from trading.shell.venue.orders import (
    Closed,
    Intent,
    Kind,
    Outcome,
    Purpose,
    Receipt,
    client_id,
)


@dataclass(frozen=True)
class Broker:
    """Places what a decision asks for; `expires` is seconds until an entry is withdrawn.

    `unanswered` has every order that the venue has not answered for, by its client id.
    """

    account: Account
    books: Books
    venue: Venue
    limits: Limits
    instruments: Mapping[str, Instrument]
    expires: int
    unanswered: set[str] = field(default_factory=set)

    @cached_property
    def trailer(self) -> Trailer:
        """Moves the stops of what is held."""
        return Trailer(self.books, self.venue, self.instruments)

    async def look_up(self, now: int) -> None:
        """Ask about every order that the venue has not answered for."""
        await look_up(self.books, self.venue, now)
        left = (order.intent.id for order in unanswered(self.books.state))
        self.unanswered.intersection_update(left)

    async def act(self, wants: Wants, moment: Moment) -> list[Signalled]:
        """Exit, move the stop, enter: in that order. What became of the signal: where an
        entry is several orders, one that was sent speaks for all; the ledger is told of
        every refusal."""
        if wants.exit:
            await self.exit(moment, wants.exit, wants.purpose)
        elif wants.trail is not None:
            await self.trailer.trail(moment, wants.trail)
        signals = [
            await self.enter(raw, number, wants, moment)
            for number, raw in enumerate(wants.entries)
        ]
        told, others = told_of(signals)
        if told:
            self.books.book([moment.decision, *told, *others])
        return told

    # -- entries ----------------------------------------------------------------------------

    async def enter(
        self, raw: Raw, number: int, wants: Wants, moment: Moment
    ) -> Signalled:
        """One entry through the law to the venue."""
        proposal = from_module(raw)
        if isinstance(proposal, Refusal):
            return signal(moment, proposal=str(proposal))
        intent = self._intent(proposal, number, wants, moment)
        if known := self.books.state.order(intent.id):  # decided again after a restart
            return signal(moment, known.intent, receipt=receipt_of(known))
        if waits := self._unanswered_of(moment.symbol):
            return held_back(moment, ENTER, f"the order {waits} may be at work")
        verdict = self._judged(intent, moment.now, moment.price)
        if not verdict.allowed:
            return signal(moment, intent, verdict)
        allowed = verdict.applied(intent)
        legs = conditional_closes(allowed)
        receipt = await self._send(allowed, moment, legs)
        return signal(moment, allowed, verdict, receipt)

    def _unanswered_of(self, symbol: str) -> str:
        """An order of the symbol that the venue has not answered for, or "": an entry
        beside a way out that may be at work would be sold with the rest, or be left."""
        known = (self.books.state.working.get(name) for name in self.unanswered)
        return next(
            (
                one.intent.id
                for one in known
                if one and one.intent.symbol == symbol and is_unanswered(one)
            ),
            "",
        )

    def _intent(
        self, proposal: Proposal, number: int, wants: Wants, moment: Moment
    ) -> Intent:
        price = proposal.price or moment.price
        part = f"entry{number or ''}"
        instrument = self.instruments[moment.symbol]
        intent = Intent(
            id=self._id(moment, part),
            symbol=moment.symbol,
            side=proposal.side,
            kind=proposal.kind,
            purpose=Purpose.ENTRY,
            quantity=proposal.quantity(price),
            decided_at=moment.time,
            price=proposal.price if proposal.kind is Kind.LIMIT else None,
            trigger=None
            if proposal.kind in (Kind.MARKET, Kind.LIMIT)
            else proposal.price,
            stop=price_of(wants.stop),
            target=price_of(wants.target),
            leverage=proposal.leverage,
            expires_at=moment.now + self.expires,
            decision=moment.decision.id,
            reason=moment.decision.reason,
        )
        return on_grid(intent, instrument)

    def _judged(
        self, intent: Intent, now: int, price: Decimal, stands: Standing | None = None
    ) -> Verdict:
        symbol, rates = intent.symbol, self.books.view.rates
        return judge(
            self.limits,
            stands or self.books.standing(symbol, now),
            intent,
            self.instruments[symbol],
            price,
            Decimal(repr(rates.round_trip(symbol, intent.decided_at))),
        )

    def still_allowed(self, intent: Intent, now: int, price: Decimal) -> bool:
        """Whether an order that was written down and never sent would be again."""
        without = self.books.state.without(intent.id, now)
        stands = self.books.standing(intent.symbol, now, without)
        verdict = self._judged(intent, now, price, stands)
        return verdict.allowed and verdict.applied(intent) == intent

    # -- exits ------------------------------------------------------------------------------

    async def exit(
        self, moment: Moment, reason: str, purpose: Purpose
    ) -> Receipt | None:
        """Close what is held of a symbol at the market; entries that wait are withdrawn.

        While an exit is at work, or may be, no other is sent: it would be sold twice.
        """
        await self.withdraw((moment.symbol,))
        held = self.books.state.position(moment.symbol)
        if held is None:
            return None
        intent = Intent(
            id=self._id(moment, purpose.value),
            symbol=moment.symbol,
            side=held.side.opposite,
            kind=Kind.MARKET,
            purpose=purpose,
            quantity=abs(held.quantity),
            decided_at=moment.time,
            leverage=held.leverage,
            decision=moment.decision.id,
            reason=reason,
        )
        if self.books.state.order(intent.id):
            return None
        if leaves := self._exit_at_work(moment.symbol):
            why = f"the exit {leaves} may be at work"
            tell(self.books, moment, held_back(moment, purpose.value, why))
            return None
        verdict, receipt = self._judged(intent, moment.now, moment.price), None
        if verdict.allowed:
            receipt = await self._send(verdict.applied(intent), moment)
        told = signal(moment, intent, verdict, receipt, action=purpose.value)
        if not told.acted:
            tell(self.books, moment, told)
        return receipt

    def _exit_at_work(self, symbol: str) -> str:
        """The symbol's exit that is not done, or ""."""
        orders = (order.intent for order in self.books.state.working.values())
        ways_out = (o for o in orders if o.symbol == symbol and o.purpose in WAYS_OUT)
        return next((one.id for one in ways_out), "")

    async def withdraw(self, symbols: Container[str]) -> None:
        """Cancel these symbols' entries that are not filled yet."""
        waiting = [
            order.intent.id
            for order in self.books.state.working.values()
            if order.is_entry and order.intent.symbol in symbols
        ]
        for name in waiting:
            now = self.books.state.clock
            receipt = await answer(self.venue.cancel(name), name, now)
            if receipt.outcome is Outcome.CONFIRMED:
                ended = Closed(name, receipt.at, "cancelled")
                self.books.book([Answered(receipt), Ended(ended)])

    # -- sending ----------------------------------------------------------------------------

    async def _send(
        self, intent: Intent, moment: Moment, legs: tuple[Intent, ...] = ()
    ) -> Receipt:
        """Write the intent and its closes down, send it, write down what was said."""
        intended = [Intended(one, moment.now) for one in (intent, *legs)]
        try:
            self.books.write([moment.decision, *intended])
        except StoreError:  # the answer may be lost, not the rows
            self.books.give_up(intended)
            raise
        receipt = await answer(self.venue.place(intent), intent.id, moment.now)
        if receipt.outcome is Outcome.UNRESOLVED:
            self.unanswered.add(intent.id)
        told: list[LedgerEvent] = [Answered(receipt)]
        if receipt.outcome is Outcome.REFUSED:
            told += [Ended(Closed(leg.id, receipt.at, "entry refused")) for leg in legs]
        self.books.book(told)
        return receipt

    def _id(self, moment: Moment, part: str) -> str:
        account = self.account
        return client_id(account.mode, account.name, moment.symbol, moment.time, part)


def receipt_of(order: Order) -> Receipt:
    """What the ledger knows of a venue's answer to an order."""
    refused = order.status is OrderStatus.REFUSED
    outcome = Outcome.REFUSED if refused else Outcome.CONFIRMED
    return Receipt(
        order.intent.id, outcome, order.updated_at, order.venue_id, order.reason
    )
