"""Taking a session up again where its ledger left it: nothing lost, nothing twice.

A candle is played and marked in one write, and decided in another that ends it. So what
is on record says exactly where a killed process stood.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading.shell.engine.acting import receipt_of
from trading.shell.engine.columns import Columns
from trading.shell.engine.engine import Engine
from trading.shell.engine.settling import (
    LEGS,
    answer,
    settle_order,
    unanswered,
)
from trading.shell.engine.timeline import Row
from trading.shell.law import Policy
from trading.shell.ledger.order import UNSETTLED, Order
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.orders import OpenOrder
from trading.shell.venue.simulated import PaperVenue


@dataclass(frozen=True)
class Stood:
    """Where a session stood: the newest candle that was played, and the newest decided.

    Both are the UTC second of a candle's open; -1 where there was none.
    """

    played: int
    decided: int

    @property
    def undecided(self) -> bool:
        """Whether a candle was played and its decision never finished."""
        return self.decided < self.played

    @property
    def after(self) -> int:
        """Candles after this one have not been dealt with."""
        return min(self.played, self.decided) if self.undecided else self.played


def stood(state: LedgerState, step: int, decided: int | None) -> Stood:
    """Where the ledger says the session stood."""
    played = state.curve.at - step if state.curve.at else -1
    return Stood(played, -1 if decided is None else decided)


def restore(venue: PaperVenue, state: LedgerState) -> None:
    """Give a simulated venue what it held: positions, orders that it knew, receipts."""
    known = [one for one in state.working.values() if one.status not in UNSETTLED]
    venue.restore(
        positions=state.positions(),
        orders=[*map(Order.open_order, known), *_legs_at_work(state)],
        ended=[receipt_of(one) for one in state.finished.values()],
        filled=[one.open_order() for one in _entries_over(state)],
        now=state.clock,
    )


def _entries_over(state: LedgerState) -> Iterable[Order]:
    return (o for o in state.finished.values() if o.is_entry and o.filled)


def _legs_at_work(state: LedgerState) -> Iterable[OpenOrder]:
    """The stops and targets of what is held that no receipt was written for: they rest."""
    for order in state.working.values():
        unknown = order.intent.purpose in LEGS and order.status in UNSETTLED
        held = order.intent.symbol in state.holdings
        if unknown and held and _entry_filled(state, order):
            yield order.open_order()


def _entry_filled(state: LedgerState, leg: Order) -> bool:
    """Whether the entry that this leg closes has filled at all."""
    orders = (*state.working.values(), *state.finished.values())
    return any(
        leg.intent.id == close.id
        for entry in orders
        if entry.is_entry and entry.filled
        for close in conditional_closes(entry.intent)
    )


async def settle(
    engine: Engine, *, newest: int | None, now: int, policy: Policy | None
) -> list[str]:
    """Settle orders that were written down and never answered; what was done, in words.

    The venue is asked for each. One that never arrived is sent now, as it was written,
    if it was decided on `newest`, the candle that may still be acted on, and if the law
    allows it still; else it and its closes are withdrawn. So is every entry in a halt.
    What the venue cannot say is looked up again at the next candle.
    """
    books, venue, told = engine.broker.books, engine.broker.venue, []
    for order in unanswered(books.state):
        intent = order.intent
        receipt = await answer(venue.find(intent.id), intent.id, now)
        halted = policy is not None and order.is_entry
        fresh = intent.decided_at == newest and not halted
        if receipt is None and fresh and _still_allowed(engine, order, now):
            receipt = await answer(venue.place(intent), intent.id, now)
        done = "settled" if receipt else "withdrawn"
        if not settle_order(books, order, receipt, now):
            done = "unresolved"
        told.append(f"{intent.id} ({intent.purpose} {intent.symbol}) {done}")
    return told


def _still_allowed(engine: Engine, order: Order, now: int) -> bool:
    close = engine.broker.books.view.holder(order.intent.symbol).close
    return engine.broker.still_allowed(order.intent, now, Decimal(repr(close)))


def recall(engine: Engine, columns: Sequence[Columns], until: int) -> None:
    """Let the account see the candles up to `until` again, and what they were to it."""
    view = engine.broker.books.view
    for market in columns:
        rows = [row for row in market.rows() if row[0] <= until]
        if not rows:  # a long pause: the first price there is comes nearest
            rows = [next(iter(market.rows()))]
        one = view.holder(market.symbol)
        time, high, low, close = (rows[-1][at] for at in (0, 2, 3, 4))
        one.see(time, high, low, close)
        if one.quantity:
            one.recall(*_extremes(rows, one.entry_bar))
    view.measure()


def _extremes(rows: Sequence[Row], since: int) -> tuple[float, float]:
    held = [row for row in rows if row[0] >= since] or list(rows[-1:])
    return max(row[2] for row in held), min(row[3] for row in held)
