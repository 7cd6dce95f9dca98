"""What a fill does to a `LedgerState`: order, cash, position, and a trade when it is flat.

Everything is checked before anything is changed.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from trading.shell.ledger import order as orders
from trading.shell.ledger.events import Filled
from trading.shell.ledger.exact import impossible, usable
from trading.shell.ledger.holding import (
    LIQUIDATION,
    Holding,
    closed,
    increased,
    opened,
    reduced,
    split,
)
from trading.shell.ledger.order import Order
from trading.shell.venue.orders import ZERO, Fill, Intent, is_futures

if TYPE_CHECKING:
    from trading.shell.ledger.state import LedgerState


def filled(state: "LedgerState", event: Filled) -> bool:
    """An execution: the order, the position, the cash, and a trade when it ends flat."""
    fill = event.fill
    if fill.id in state.fills:
        return False
    _check_amounts(event)
    order = _order_of(state, event)
    changed = orders.filled(order, event) if order else None
    intent = order.intent if order else None
    before = state.holdings.get(fill.symbol)
    _check_direction(event, intent, before)
    state.advance(event, fill.at)
    state.fills.add(fill.id)
    if changed:
        state.keep(changed)
    _book_cash(state, fill)
    _book_position(state, fill, intent, before)
    return True


def _check_amounts(event: Filled) -> None:
    fill = event.fill
    if not all(map(usable, (fill.quantity, fill.price, fill.fee))):
        raise impossible(event, "no amounts")
    if fill.quantity <= 0 or fill.price <= 0 or fill.fee < 0:
        raise impossible(event, "a quantity and price above 0 and a fee of 0 or more")


def _order_of(state: "LedgerState", event: Filled) -> Order | None:
    """A liquidation is the venue's own order; every other fill is of one of ours."""
    order = state.order(event.fill.order)
    if order is None and event.fill.reason != LIQUIDATION:
        raise impossible(event, "a fill for an order that nobody intended")
    return order


def _check_direction(
    event: Filled, intent: Intent | None, before: Holding | None
) -> None:
    """Spot cannot be short, and what may only reduce cannot open."""
    fill = event.fill
    held = before.quantity if before else ZERO
    after = held + fill.side.sign * fill.quantity
    if not is_futures(fill.symbol) and after < 0:
        raise impossible(event, f"sold more than the {held} that are held")
    reduces = abs(after) < abs(held) and after * held >= 0
    if not reduces and (intent is None or intent.reduce_only):
        raise impossible(event, f"may only reduce the position, which is {held}")


def _book_cash(state: "LedgerState", fill: Fill) -> None:
    state.fees += fill.fee
    state.cash -= fill.fee
    if not is_futures(fill.symbol):
        state.cash -= fill.side.sign * fill.quantity * fill.price


def _book_position(
    state: "LedgerState", fill: Fill, intent: Intent | None, before: Holding | None
) -> None:
    rest: Fill | None = fill
    if before and before.quantity * fill.side.sign < 0:
        closing, rest = split(fill, abs(before.quantity))
        _reduce(state, closing, intent, before)
        before = None
    if rest and intent:
        held = before or opened(fill, intent, state.regimes.get(intent.decision, ""))
        state.holdings[fill.symbol] = increased(held, rest, intent)


def _reduce(
    state: "LedgerState", fill: Fill, intent: Intent | None, before: Holding
) -> None:
    after = reduced(before, fill)
    _realise(state, fill.symbol, after.gross - before.gross)
    state.holdings[fill.symbol] = after
    if not after.quantity:
        del state.holdings[fill.symbol]
        state.closed_at[fill.symbol] = fill.at
        state.record(closed(after, fill, intent))


def _realise(state: "LedgerState", symbol: str, amount: Decimal) -> None:
    """On spot the cash has moved with the sale; on a perpetual this is what moves it."""
    state.realised += amount
    if is_futures(symbol):
        state.cash += amount
