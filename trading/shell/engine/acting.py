"""From what a tick asks for to orders: proposal, grid, risk law, journal, venue.

An intent is written down before it is sent, and what came back is written down after.
Whatever a module returned, no order passes here that the law has not judged.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import StoreError
from trading.shell.engine.books import Books
from trading.shell.engine.signalling import (
    TRAILING,
    VENUE,
    Moment,
    signal,
    told_of,
    unmoved,
)
from trading.shell.engine.wants import Raw, Wants
from trading.shell.law import Standing, Verdict
from trading.shell.law.case import shown
from trading.shell.law.checks import judge
from trading.shell.law.limits import Limits
from trading.shell.law.proposals import (
    LEAST,
    MOST,
    Proposal,
    Refusal,
    from_module,
)
from trading.shell.ledger import Account
from trading.shell.ledger.events import (
    Amended,
    Answered,
    Ended,
    Intended,
    LedgerEvent,
    Signalled,
)
from trading.shell.ledger.order import Order, OrderStatus
from trading.shell.venue import Instrument, Venue
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.instruments import level_on, on_grid
from trading.shell.venue.orders import (
    Closed,
    Intent,
    Kind,
    Outcome,
    Purpose,
    Receipt,
    Side,
    client_id,
)


@dataclass(frozen=True)
class Broker:
    """Places what a decision asks for; `expires` is seconds until an entry is withdrawn."""

    account: Account
    books: Books
    venue: Venue
    limits: Limits
    instruments: Mapping[str, Instrument]
    expires: int

    async def act(self, wants: Wants, moment: Moment) -> list[Signalled]:
        """Exit, move the stop, enter: in that order. What became of the signal: where an
        entry is several orders, one that was sent speaks for all; the ledger is told of
        every refusal."""
        if wants.exit:
            await self.exit(moment, wants.exit, wants.purpose)
        elif wants.trail is not None:
            await self.trail(moment, wants.trail)
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
        verdict = self._judged(intent, moment.now, moment.price)
        if not verdict.allowed:
            return signal(moment, intent, verdict)
        allowed = verdict.applied(intent)
        legs = conditional_closes(allowed)
        receipt = await self._send(allowed, moment, legs)
        return signal(moment, allowed, verdict, receipt)

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
            stop=_level(wants.stop),
            target=_level(wants.target),
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
        """Close what is held of a symbol at the market; entries that wait are withdrawn."""
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
        verdict, receipt = self._judged(intent, moment.now, moment.price), None
        if verdict.allowed:
            receipt = await self._send(verdict.applied(intent), moment)
        told = signal(moment, intent, verdict, receipt, action=purpose.value)
        if not told.acted:
            self.books.book([moment.decision, told])
        return receipt

    async def withdraw(self, symbols: Container[str]) -> None:
        """Cancel these symbols' entries that are not filled yet."""
        waiting = [
            order.intent.id
            for order in self.books.state.working.values()
            if order.is_entry and order.intent.symbol in symbols
        ]
        for name in waiting:
            receipt = await self.venue.cancel(name)
            if receipt.outcome is Outcome.CONFIRMED:
                ended = Closed(name, receipt.at, "cancelled")
                self.books.book([Answered(receipt), Ended(ended)])

    async def trail(self, moment: Moment, raw: Any) -> None:
        """Move a symbol's stops to a tighter level; never to a looser one."""
        held = self.books.state.position(moment.symbol)
        if held is None:
            return
        level = _level(raw)
        if level is None:
            why = f"the stop {shown(raw)} is no price"
            self._unmoved(moment, TRAILING, why, shown(raw))
            return
        instrument, side = self.instruments[moment.symbol], held.side
        trigger = level_on(instrument, side.opposite, Kind.STOP, level, reduces=True)
        if why := self._why_unmovable(moment, trigger, side):
            self._unmoved(moment, TRAILING, why, trigger)
            return
        for name in self._looser(moment.symbol, trigger, side):
            await self._move(moment, name, trigger)

    async def _move(self, moment: Moment, name: str, trigger: Decimal) -> None:
        receipt = await self.venue.amend(name, quantity=None, trigger=trigger)
        if receipt.outcome is Outcome.CONFIRMED:  # else the stop is what it was
            amended = Amended(name, None, trigger, moment.now)
            self.books.book([Answered(receipt), amended])
        else:
            self._unmoved(moment, VENUE, receipt.reason, trigger)

    def _unmoved(self, moment: Moment, by: str, why: str, level: Any) -> None:
        self.books.book([moment.decision, unmoved(moment, by, why, level)])

    def _why_unmovable(self, moment: Moment, trigger: Decimal, side: Side) -> str:
        """Why no stop may be moved to `trigger`, or ""."""
        if side.sign * (moment.price - trigger) <= 0:
            return f"a stop at {trigger:f} would fire at once"
        return "" if self._stops(moment.symbol) else "no stop rests that could be moved"

    def _looser(self, symbol: str, trigger: Decimal, side: Side) -> list[str]:
        """The stops that `trigger` would tighten."""
        return [
            one.id
            for one in self._stops(symbol)
            if one.trigger is None or side.sign * (trigger - one.trigger) > 0
        ]

    def _stops(self, symbol: str) -> list[Intent]:
        orders = (order.intent for order in self.books.state.working.values())
        return [
            one
            for one in orders
            if one.symbol == symbol and one.purpose is Purpose.STOP
        ]

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
        receipt = await self.venue.place(intent)
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


def _level(raw: Any) -> Decimal | None:
    """A price within measure, or None: the law refuses an entry that lacks its stop."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int) and abs(raw) > MOST:
        return None
    level = Decimal(str(raw))
    return level if level.is_finite() and LEAST <= level <= MOST else None
