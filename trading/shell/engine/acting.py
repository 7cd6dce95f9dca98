"""From what a tick asks for to orders: proposal, grid, risk law, journal, venue.

An intent is written down before it is sent, and what came back is written down after.
Whatever a module returned, no order passes here that the law has not judged.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.errors import StoreError
from trading.shell.changed import changed
from trading.shell.engine.books import Books
from trading.shell.engine.settling import (
    WAYS_OUT,
    answer,
    is_unanswered,
    look_up,
    unanswered,
)
from trading.shell.engine.signalling import (
    NO_ANSWER,
    TRAILING,
    VENUE,
    Moment,
    held_back,
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
from trading.shell.ledger.steps import ENTER
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
    """Places what a decision asks for; `expires` is seconds until an entry is withdrawn.

    `unanswered` has every order that the venue has not answered for, by its client id,
    `moving` by symbol a stop as it was to be, of which nobody knows whether it is.
    """

    account: Account
    books: Books
    venue: Venue
    limits: Limits
    instruments: Mapping[str, Instrument]
    expires: int
    unanswered: set[str] = field(default_factory=set)
    moving: dict[str, Intent] = field(default_factory=dict)

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
            self._tell(moment, held_back(moment, purpose.value, why))
            return None
        verdict, receipt = self._judged(intent, moment.now, moment.price), None
        if verdict.allowed:
            receipt = await self._send(verdict.applied(intent), moment)
        told = signal(moment, intent, verdict, receipt, action=purpose.value)
        if not told.acted:
            self._tell(moment, told)
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

    async def trail(self, moment: Moment, raw: Any) -> None:
        """Move a symbol's stops to a tighter level; never to a looser one, nor to one
        looser than where they may stand already."""
        held = self.books.state.position(moment.symbol)
        if held is None:
            return
        level = _level(raw)
        if level is None:
            why = f"the stop {shown(raw)} is no price"
            self._unmoved(moment, TRAILING, why, shown(raw))
            return
        side = held.side
        trigger = self._tightest(moment.symbol, level, side)
        self.moving.pop(moment.symbol, None)
        if why := self._why_unmovable(moment, trigger, side):
            self._unmoved(moment, TRAILING, why, trigger)
            return
        for stop in self._looser(moment.symbol, trigger, side):
            await self._move(moment, stop, trigger)

    def _tightest(self, symbol: str, level: Decimal, side: Side) -> Decimal:
        """A level on the grid; or where a stop may stand already, if that is tighter."""
        instrument = self.instruments[symbol]
        found = level_on(instrument, side.opposite, Kind.STOP, level, reduces=True)
        before = self.moving_to(symbol)
        levels = (found, found if before is None else before)
        return max(levels, key=lambda one: one * side.sign)

    def moving_to(self, symbol: str) -> Decimal | None:
        """Where a stop of a symbol may stand that the ledger has at a looser level."""
        stop = self.moving.get(symbol)
        if stop is not None and stop.id not in self.books.state.working:
            del self.moving[symbol]
            return None
        return stop.trigger if stop else None

    async def _move(self, moment: Moment, stop: Intent, trigger: Decimal) -> None:
        name, now = stop.id, moment.now
        asked = self.venue.amend(name, quantity=None, trigger=trigger)
        receipt = await answer(asked, name, now)
        if receipt.outcome is Outcome.CONFIRMED:  # else the ledger's is what it was
            amended = Amended(name, None, trigger, now)
            self.books.book([Answered(receipt), amended])
        elif receipt.outcome is Outcome.UNRESOLVED:
            self.moving[moment.symbol] = changed(stop, trigger=trigger)
            why = f"no answer: the stop may stand at {stop.trigger} or at {trigger}"
            self._unmoved(moment, NO_ANSWER, why, trigger)
        else:
            self._unmoved(moment, VENUE, receipt.reason, trigger)

    def _unmoved(self, moment: Moment, by: str, why: str, level: Any) -> None:
        self._tell(moment, unmoved(moment, by, why, level))

    def _tell(self, moment: Moment, told: Signalled) -> None:
        self.books.book([moment.decision, told])

    def _why_unmovable(self, moment: Moment, trigger: Decimal, side: Side) -> str:
        """Why no stop may be moved to `trigger`, or ""."""
        if side.sign * (moment.price - trigger) <= 0:
            return f"a stop at {trigger:f} would fire at once"
        return "" if self._stops(moment.symbol) else "no stop rests that could be moved"

    def _looser(self, symbol: str, trigger: Decimal, side: Side) -> list[Intent]:
        """The stops that `trigger` would tighten."""
        return [
            one
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


def _level(raw: Any) -> Decimal | None:
    """A price within measure, or None: the law refuses an entry that lacks its stop."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int) and abs(raw) > MOST:
        return None
    level = Decimal(str(raw))
    return level if level.is_finite() and LEAST <= level <= MOST else None
