"""What the tables say beside the events: orders' standing, positions, balances, trades.

It can all be rebuilt from the events, and is rewritten in the same transaction as them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading.shell.ledger.events import (
    Amended,
    Answered,
    Ended,
    Filled,
    FundingPaid,
    Intended,
    LedgerEvent,
)
from trading.shell.ledger.exact import average
from trading.shell.ledger.holding import Holding
from trading.shell.ledger.order import Order
from trading.shell.ledger.row import Row, maybe_moment, moment
from trading.shell.ledger.state import LedgerState
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import ZERO, is_futures


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived table; the first of its columns is the key within an account."""

    name: str
    columns: tuple[str, ...]

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Every column of a row that is written."""
        return ("mode", "account", *self.columns)


STANDING = Derived(
    "order_standing",
    tuple(
        "id status venue_id quantity trigger filled remaining average_price fees "
        "filled_at reason updated_at".split()
    ),
)
TRADES = Derived(
    "trades",
    tuple(
        "id symbol side quantity opened_at entry_price closed_at exit_price gross fees "
        "funding net reason strategy_regime decision exit_decision stop target".split()
    ),
)
POSITIONS = Derived(
    "positions",
    tuple(
        "symbol quantity cost entry_price opened_at leverage margin decision at".split()
    ),
)
BALANCES = Derived("balances", ("currency", "amount", "set_aside", "at"))


def touched_orders(events: Iterable[LedgerEvent]) -> set[str]:
    """The ids of the orders that events are about."""
    return {name for event in events if (name := _order_of(event))}


def touched_symbols(events: Iterable[LedgerEvent]) -> set[str]:
    """The symbols whose positions events may have changed."""
    fills = {event.fill.symbol for event in events if isinstance(event, Filled)}
    paid = {e.funding.symbol for e in events if isinstance(e, FundingPaid)}
    return fills | paid


def _order_of(event: LedgerEvent) -> str:
    match event:
        case Intended():
            return event.intent.id
        case Answered():
            return event.receipt.id
        case Amended():
            return event.order
        case Filled():
            return event.fill.order
        case Ended():
            return event.closed.order
    return ""


def standing(order: Order) -> Row:
    """An order as it now is."""
    return (
        order.intent.id,
        order.status.value,
        order.venue_id,
        order.intent.quantity,
        order.intent.trigger,
        order.filled,
        order.intent.quantity - order.filled,
        order.average_price,
        order.fees,
        maybe_moment(order.filled_at),
        order.reason,
        moment(order.updated_at),
    )


def trade(one: Trade) -> Row:
    """A closed position."""
    return (
        one.id,
        one.symbol,
        one.side,
        one.quantity,
        moment(one.opened_at),
        one.entry_price,
        moment(one.closed_at),
        one.exit_price,
        one.gross,
        one.fees,
        one.funding,
        one.net,
        one.reason,
        one.regime,
        one.decision,
        one.exit_decision,
        one.stop,
        one.target,
    )


def position(held: Holding, at: int) -> Row:
    """What is held of one symbol."""
    return (
        held.symbol,
        held.quantity,
        held.cost,
        average(held.cost, held.quantity),
        moment(held.opened_at),
        held.leverage,
        held.margin,
        held.decision,
        moment(at),
    )


def balances(state: LedgerState, quote: str, symbols: Iterable[str]) -> list[Row]:
    """The quote currency, and the coins of some spot symbols: 0 where none are left."""
    at = moment(state.clock)
    coins = {symbol.split("/")[0] for symbol in symbols if not is_futures(symbol)}
    rows: list[Row] = [(quote, state.cash, state.margin, at)]
    rows += [(coin, _coins(state, coin), ZERO, at) for coin in sorted(coins)]
    return rows


def _coins(state: LedgerState, coin: str) -> Decimal:
    held: Sequence[Holding] = [
        h
        for symbol, h in state.holdings.items()
        if not is_futures(symbol) and symbol.split("/")[0] == coin
    ]
    return sum((h.quantity for h in held), ZERO)
