"""The ledger against the matching model: two accounts of the same events, kept apart.

A market of two symbols is played candle by candle; whatever is ordered, amended or
cancelled, the ledger that hears of it and the venue that did it must agree.
"""

from decimal import Decimal
from itertools import chain
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.trading.venue.market import PERP, SPOT, STEP, D, candle, order
from tests.trading.venue.test_matching_holds import amounts, cents, venue
from trading.shell.engine.books import booked
from trading.shell.ledger.events import (
    Amended,
    Answered,
    Deposited,
    Intended,
    LedgerEvent,
)
from trading.shell.ledger.memory import MemoryJournal, summed
from trading.shell.ledger.proof import prove
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.orders import Fill, Intent, Outcome, Purpose, VenueEvent

DEPOSIT = D(1000)
CENT = D("0.01")
KINDS = ["market", "limit", "stop", "take_profit"]
PURPOSES = [Purpose.ENTRY] * 3 + list(Purpose)


class LedgerAndVenue(RuleBasedStateMachine):
    """`journal` only hears what a venue says; `matching` is the venue."""

    @initialize()
    def deposit(self) -> None:
        self.journal = MemoryJournal()
        self.matching = venue()
        self.number = 0
        self.marks = {SPOT: D(100), PERP: D(100)}
        self.closing: set[str] = set()
        self.held: dict[str, Decimal] = {SPOT: D(0), PERP: D(0)}
        self.journal.append([Deposited(DEPOSIT, 0)])

    @rule(
        symbol=st.sampled_from([SPOT, PERP]),
        kind=st.sampled_from(KINDS),
        side=st.sampled_from(["buy", "sell"]),
        purpose=st.sampled_from(PURPOSES),
        quantity=amounts,
        level=cents,
        stop=st.none() | cents,
        goal=st.none() | cents,
        leverage=st.integers(1, 10),
    )
    def place(
        self,
        symbol: str,
        kind: str,
        level: Decimal,
        goal: Decimal | None,
        leverage: int,
        **more: Any,
    ) -> None:
        self.number += 1
        levels = {} if kind == "market" else {"trigger": level}
        if kind == "limit":
            levels = {"price": level}
        intent = order(
            kind,
            target=goal,
            id=f"order{self.number}",
            symbol=symbol,
            decided_at=self.matching.now,
            leverage=leverage if symbol == PERP else 1,
            **levels,
            **more,
        )
        self._send(intent)

    def _send(self, intent: Intent) -> None:
        self.journal.append([Intended(intent, self.matching.now)])
        self.journal.append([Answered(self.matching.place(intent))])

    @precondition(lambda self: self.matching.open_orders())
    @rule(which=st.integers(0, 50))
    def cancel(self, which: int) -> None:
        open_orders = self.matching.open_orders()
        name = open_orders[which % len(open_orders)].intent.id
        self.journal.append([Answered(self.matching.cancel(name))])
        self._hear()

    @precondition(lambda self: self._untouched())
    @rule(which=st.integers(0, 50), quantity=amounts)
    def amend(self, which: int, quantity: Decimal) -> None:
        untouched = self._untouched()
        name = untouched[which % len(untouched)]
        receipt = self.matching.amend(name, quantity, None)
        self.journal.append([Answered(receipt)])
        if receipt.outcome is Outcome.CONFIRMED:
            self.journal.append([Amended(name, quantity, None, receipt.at)])

    def _untouched(self) -> list[str]:
        """Orders without a fill, whose closes are not yet placed."""
        return [one.intent.id for one in self.matching.open_orders() if not one.filled]

    @rule(
        prices=st.lists(cents, min_size=8, max_size=8),
        volume=st.none() | st.integers(0, 400).map(float),
    )
    def candle(self, prices: list[Decimal], volume: float | None) -> None:
        number = self.matching.now // STEP + 1
        for symbol, some in ((SPOT, prices[:4]), (PERP, prices[4:])):
            low, open_, close, high = sorted(some)
            bar = candle(number, (open_, high, low, close), volume, symbol)
            self.matching.begin(symbol, bar.time, bar.open)
            self.matching.finish(bar)
            self.marks[symbol] = close
        self._hear()
        self._snapshot()

    def _hear(self) -> None:
        told = list(chain.from_iterable(map(self._told, self.matching.take_events())))
        self.journal.append(told)
        self.journal.append(told)  # a venue may say it twice

    def _told(self, event: VenueEvent) -> list[LedgerEvent]:
        """With the closes that the venue places when an entry first fills."""
        if not isinstance(event, Fill):
            return [booked(event)]
        self.held[event.symbol] += event.side.sign * event.quantity
        order = self.journal.state.order(event.order)
        if order is None or not order.is_entry or event.order in self.closing:
            return [booked(event)]
        self.closing.add(event.order)
        closes = conditional_closes(order.intent)
        return [booked(event), *(Intended(one, event.at) for one in closes)]

    def _snapshot(self) -> None:
        snapshot = self.journal.state.snapshot(self.matching.now, self.marks)
        self.journal.append([snapshot])

    @invariant()
    def positions_are_the_signed_fills_and_the_venues(self) -> None:
        held = {p.symbol: p for p in self.journal.state.positions()}
        assert held == self.matching.mirror.positions
        signed = {symbol: q for symbol, q in self.held.items() if q}
        assert {symbol: p.quantity for symbol, p in held.items()} == signed

    @invariant()
    def cash_is_the_venues_and_never_negative(self) -> None:
        state = self.journal.state
        assert state.available == self.matching.mirror.cash
        assert state.available >= 0
        assert state.cash >= 0

    @invariant()
    def equity_is_the_sum_of_its_parts(self) -> None:
        state = self.journal.state
        parts = state.deposits + state.realised + state.unrealised(self.marks)
        equity = state.equity(self.marks)
        assert equity == parts - state.fees - state.funding
        assert equity.quantize(CENT) == (parts - state.fees - state.funding).quantize(
            CENT
        )

    @invariant()
    def open_orders_are_the_venues(self) -> None:
        resting = {one.intent.id for one in self.matching.open_orders()}
        assert self.journal.state.working.keys() == resting

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            events = self.journal.events()
            assert summed(events) == self.journal.state
            assert prove(events, self.marks) is None


TestLedgerAndVenue = LedgerAndVenue.TestCase
TestLedgerAndVenue.settings = settings(
    max_examples=40,
    stateful_step_count=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
