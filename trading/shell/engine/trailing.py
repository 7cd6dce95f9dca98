"""Stops that follow the market: moved to a tighter level, never to a looser one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trading.shell.changed import changed
from trading.shell.engine.books import Books
from trading.shell.engine.settling import answer
from trading.shell.engine.signalling import (
    NO_ANSWER,
    TRAILING,
    VENUE,
    Moment,
    tell,
    unmoved,
)
from trading.shell.law.case import shown
from trading.shell.law.proposals import price_of
from trading.shell.ledger.events import Amended, Answered
from trading.shell.venue import Instrument, Venue
from trading.shell.venue.instruments import level_on
from trading.shell.venue.orders import Intent, Kind, Outcome, Purpose, Side


@dataclass(frozen=True)
class Trailer:
    """Moves the stops of what is held. `moving` has by symbol a stop as it was to be, of
    which nobody knows whether it is."""

    books: Books
    venue: Venue
    instruments: Mapping[str, Instrument]
    moving: dict[str, Intent] = field(default_factory=dict)

    async def trail(self, moment: Moment, raw: Any) -> None:
        """Move a symbol's stops to a tighter level; never to a looser one, nor to one
        looser than where they may stand already."""
        held = self.books.state.position(moment.symbol)
        if held is None:
            return
        level = price_of(raw)
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
        tell(self.books, moment, unmoved(moment, by, why, level))

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
