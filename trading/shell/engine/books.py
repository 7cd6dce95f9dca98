"""The engine's hand on the ledger: what is written, and in which order.

An intent is durable before it is sent. What a venue says has happened is a fact: it is
added up at once, and kept for the journal where the database is away.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.errors import StoreError
from core.store.runs import State
from trading.shell.engine.account import AccountView
from trading.shell.law import Standing
from trading.shell.law.counting import standing
from trading.shell.ledger import Journal
from trading.shell.ledger.events import (
    Amended,
    Answered,
    Ended,
    Filled,
    FundingPaid,
    Intended,
    LedgerEvent,
)
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.brackets import close_ids
from trading.shell.venue.orders import (
    Closed,
    Fill,
    Funding,
    Outcome,
    Receipt,
    VenueEvent,
)

NEVER_FILLED = "its entry never filled"
NEVER_WRITTEN = "never sent: the database was away"


@dataclass
class Books:
    """One account's state, its journal and its figures. `lost` says why nothing is kept.

    `summed` means that `state` is the journal's own, which adds up what it keeps.
    `states` gives the modules' state, which is kept with a candle's decisions. `before`
    hears of each event that is booked before it is added up.
    """

    state: LedgerState
    journal: Journal
    view: AccountView
    summed: bool = False
    states: Callable[[], State] | None = None
    before: Callable[[LedgerEvent], None] | None = None
    waiting: list[LedgerEvent] = field(default_factory=list)
    lost: str = ""
    written: int = 0

    def marks(self, others: Iterable[str] = ()) -> dict[str, Decimal]:
        """The newest close of every symbol that is held or ordered, and of `others`."""
        wanted = {*self.state.holdings, *others}
        wanted |= {order.intent.symbol for order in self.state.working.values()}
        return {one: self._mark(one) for one in wanted}

    def _mark(self, symbol: str) -> Decimal:
        close = self.view.holder(symbol).close
        if close:
            return Decimal(repr(close))
        return self.state.holdings[symbol].position().entry_price

    def standing(
        self, symbol: str, now: int, state: LedgerState | None = None
    ) -> Standing:
        """How the account stands before an order in `symbol`; of `state`, where another
        than the account's own is asked about."""
        cost = Decimal(repr(self.view.rates.round_trip(symbol, now)))
        marks = self.marks((symbol,))
        return standing(state or self.state, symbol, now, marks, round_trip=cost)

    def write(self, events: Sequence[LedgerEvent]) -> None:
        """Keep events, then add them up. StoreError: they were not kept, nor added up."""
        self._keep(events)
        self._add(events)

    def give_up(self, intended: Sequence[Intended]) -> None:
        """Orders that could not be written down are not sent: whether or not their rows
        are there when the database is back, they have ended then."""
        ends = [Ended(Closed(one.intent.id, one.at, NEVER_WRITTEN)) for one in intended]
        given_up: list[LedgerEvent] = [*intended, *ends]
        self._add(given_up)
        self.waiting += given_up

    def book(
        self,
        events: Iterable[LedgerEvent],
        then: Callable[[], LedgerEvent] | None = None,
    ) -> None:
        """Add up what has happened whether or not it can be kept just now.

        `then` makes one more event of what they add up to: all are kept together.
        """
        happened = list(events)
        happened += list(self._unfilled_closes(happened))
        happened += list(self._placed_closes(happened))
        if self.summed:
            self._write_each(happened)
            if then is not None:
                self.write([then()])
            return
        self._add(happened)
        if then is not None:
            happened.append(then())
            self._add(happened[-1:])
        self._kept(happened)

    def _write_each(self, events: Sequence[LedgerEvent]) -> None:
        """Write events that the journal adds up, and tell of each before it does."""
        if self.before is None:
            return self.write(events)
        for event in events:
            self._tell(event)
            self._keep([event])
        return self._add(events)

    def _tell(self, event: LedgerEvent) -> None:
        if self.before is not None:
            self.before(event)

    def _unfilled_closes(
        self, happened: Sequence[LedgerEvent]
    ) -> Iterator[LedgerEvent]:
        """The ends of the stops and targets whose entry has ended without a fill: they
        were written down with it, and no venue will ever place them."""
        ended = [one.closed for one in happened if isinstance(one, Ended)]
        if not ended:
            return
        filled = {one.fill.order for one in happened if isinstance(one, Filled)}
        said = {one.order for one in ended}
        for one in ended:
            for name in self._closes_of(one.order) if one.order not in filled else ():
                if name not in said:
                    yield Ended(Closed(name, one.at, NEVER_FILLED))

    def _placed_closes(self, happened: Sequence[LedgerEvent]) -> Iterator[LedgerEvent]:
        """That the stops and targets of an entry rest from its first fill on: the venue
        places them then, and sends no word of it."""
        for event in happened:
            if isinstance(event, Filled):
                for name in self._closes_of(event.fill.order):
                    yield Answered(Receipt(name, Outcome.CONFIRMED, event.fill.at))

    def _closes_of(self, name: str) -> Iterator[str]:
        """The closes at work of an entry that has filled nothing so far."""
        entry = self.state.order(name)
        if entry is None or entry.filled or not entry.is_entry:
            return
        for close in close_ids(entry.intent):
            if close in self.state.working:
                yield close

    def complete(self, events: Sequence[LedgerEvent]) -> None:
        """A candle's decisions, with the state of the modules that made them."""
        self._add(events)
        self._kept(events, self.states() if self.states else None)

    def _kept(self, events: Sequence[LedgerEvent], states: State | None = None) -> None:
        """Keep what has been added up, now or when the database is back."""
        try:
            self._keep(events, states)
        except StoreError as error:
            self.lost = str(error)
            self.waiting += events

    def catch_up(self) -> bool:
        """Keep what waits, if the database is back; whether nothing waits any more."""
        if not self.lost:
            return True
        try:
            self._keep((), self.states() if self.states else None)
        except StoreError as error:
            self.lost = str(error)
        return not self.lost

    def _keep(self, events: Sequence[LedgerEvent], states: State | None = None) -> None:
        self.journal.append([*self.waiting, *events], states)
        self.waiting.clear()
        self.lost = ""

    def _add(self, events: Sequence[LedgerEvent]) -> None:
        self.written += len(events)
        touched = {symbol for event in events if (symbol := self._apply(event))}
        for symbol in touched:
            self.view.refresh(symbol)

    def _apply(self, event: LedgerEvent) -> str:
        """Add one event; the symbol whose figures it changes, or ""."""
        if not self.summed:
            self._tell(event)
            self.state.apply(event)
        if isinstance(event, Filled):
            return event.fill.symbol
        if isinstance(event, FundingPaid):
            return event.funding.symbol
        if isinstance(event, Ended):
            return self._symbol_of(event.closed.order)
        return self._symbol_of(event.order) if isinstance(event, Amended) else ""

    def _symbol_of(self, name: str) -> str:
        order = self.state.order(name)
        return order.intent.symbol if order else ""


def booked(event: VenueEvent) -> LedgerEvent:
    """A venue's event as the ledger writes it."""
    if isinstance(event, Fill):
        return Filled(event)
    return FundingPaid(event) if isinstance(event, Funding) else Ended(event)
