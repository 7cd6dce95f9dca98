"""What each kind of event does to a `LedgerState`: everything is checked before anything
is changed. A step returns False for an event that was added before."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from trading.shell.changed import changed
from trading.shell.ledger import order as orders
from trading.shell.ledger.events import (
    RESUMED,
    Amended,
    Answered,
    Decided,
    Deposited,
    Ended,
    Filled,
    FundingPaid,
    Halted,
    Intended,
    Snapshot,
)
from trading.shell.ledger.exact import impossible, usable
from trading.shell.ledger.fills import filled
from trading.shell.ledger.order import News, Order
from trading.shell.venue.orders import is_futures

if TYPE_CHECKING:
    from trading.shell.ledger.state import LedgerState

ENTER = "enter"
E = TypeVar("E")


def deposited(state: "LedgerState", event: Deposited) -> bool:
    """Money in, or out. The same amount and remark at the same second is one deposit."""
    if not usable(event.amount):
        raise impossible(event, "no amount of money")
    if not _first_time(state, event, event.at, (event.at, event.amount, event.remark)):
        return False
    state.cash += event.amount
    state.deposits += event.amount
    state.curve.deposit(event.amount)
    return True


def intended(state: "LedgerState", event: Intended) -> bool:
    """An order begins. The same id is the same order."""
    if known := state.order(event.intent.id):
        if (known.at, known.intent.symbol) != (event.at, event.intent.symbol):
            raise impossible(event, "another order has this id")
        return False
    order = orders.intended(event)
    state.advance(event, event.at)
    if order.is_entry:
        state.entries.add(order.intent.symbol, event.at, 1)
    state.working[order.intent.id] = order
    return True


def answered(state: "LedgerState", event: Answered) -> bool:
    """What the venue said."""
    receipt = event.receipt
    key = ("answered", receipt.outcome, receipt.at)
    return _change(state, event, receipt.id, receipt.at, key, orders.answered)


def amended(state: "LedgerState", event: Amended) -> bool:
    """Another quantity or trigger."""
    key = ("amended", event.quantity, event.trigger, event.at)
    return _change(state, event, event.order, event.at, key, orders.amended)


def ended(state: "LedgerState", event: Ended) -> bool:
    """An order fills no further."""
    closed = event.closed
    return _change(state, event, closed.order, closed.at, ("ended",), orders.ended)


def funding_paid(state: "LedgerState", event: FundingPaid) -> bool:
    """Funding, once a symbol and second."""
    paid = event.funding
    if not (is_futures(paid.symbol) and usable(paid.amount)):
        raise impossible(event, "funding is money paid on a perpetual")
    if not _first_time(state, event, paid.at, (paid.symbol, paid.at)):
        return False
    state.cash -= paid.amount
    state.funding += paid.amount
    if held := state.holdings.get(paid.symbol):
        state.holdings[paid.symbol] = held.charged(paid.amount)
    return True


def snapshot(state: "LedgerState", event: Snapshot) -> bool:
    """Equity at a candle's close; one at or before the newest adds nothing."""
    if event.at <= state.curve.at:
        return False
    if not usable(event.equity):
        raise impossible(event, "no amount of money")
    state.advance(event, event.at)
    state.curve.observe(event.at, event.equity)
    return True


def halted(state: "LedgerState", event: Halted) -> bool:
    """Halted, or resumed. Who resumed from a drawdown or from losses in a row looked at
    them: the risk law counts anew from here. The same halt at the same second counts
    again once it was resumed from: only one that is still in force, or that a later
    resumption has ended, is known already."""
    key = ("halt", event.at, event.cause, event.detail, event.by)
    if key in state.seen and not _is_new(state, event):
        return False
    state.advance(event, event.at)
    state.seen.add(key)
    if event.cause != RESUMED:
        state.halts.setdefault(event.cause, event)
        return True
    for cause in event.ended:
        state.halts.pop(cause, None)
    if "drawdown" in event.ended:
        state.curve.forgive()
    if "consecutive_losses" in event.ended:
        state.forgiven = state.consecutive_losses
    return True


def _is_new(state: "LedgerState", event: Halted) -> bool:
    """Whether an event like one before changes which halts are in force."""
    if event.cause == RESUMED:
        ending = (state.halts[c] for c in event.ended if c in state.halts)
        return any(one.at <= event.at for one in ending)
    later = (key for key in state.seen if key[:1] == ("halt",) and key[2] == RESUMED)
    ended_later = any(isinstance(at, int) and at > event.at for _, at, *_ in later)
    return event.cause not in state.halts and not ended_later


def decided(state: "LedgerState", event: Decided) -> bool:
    """The regime an entry was decided in is that of its trade."""
    if event.action == ENTER:
        state.regimes[event.id] = event.regime
    return True


def _change(
    state: "LedgerState",
    event: E,
    name: str,
    at: int,
    key: tuple[object, ...],
    step: Callable[[Order, E], News],
) -> bool:
    order = state.order(name)
    if order is None:
        raise impossible(event, "about an order that nobody intended")
    if key in order.heard:
        return False
    new = changed(order, **step(order, event), heard=(*order.heard, key))
    state.advance(event, at)
    if new.came_to_nothing and not order.status.done:
        state.entries.add(order.intent.symbol, order.at, -int(order.is_entry))
    state.keep(new)
    return True


def _first_time(
    state: "LedgerState", event: object, at: int, key: tuple[object, ...]
) -> bool:
    if key in state.seen:
        return False
    state.advance(event, at)
    state.seen.add(key)
    return True


STEPS: Mapping[type, Callable[["LedgerState", Any], bool]] = {
    Amended: amended,
    Answered: answered,
    Decided: decided,
    Deposited: deposited,
    Ended: ended,
    Filled: filled,
    FundingPaid: funding_paid,
    Halted: halted,
    Intended: intended,
    Snapshot: snapshot,
}
