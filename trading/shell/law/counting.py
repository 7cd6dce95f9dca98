"""The account's standing, counted from the ledger at every order.

No counter is kept here: the day's entries, the peak and the losses in a row are sums of
ledger events, so after a restart they are what they were before it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from core.errors import LedgerError
from trading.shell.law import Part, Standing
from trading.shell.law.halts import halts_of, told
from trading.shell.ledger.exact import exactly
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.brackets import close_ids
from trading.shell.venue.orders import (
    ZERO,
    Intent,
    Kind,
    OpenOrder,
    Position,
    Purpose,
    is_futures,
)

Marks = Mapping[str, Decimal]


class _Held(Struct, frozen=True):
    """What one position, or one entry that may still fill, adds to the standing."""

    symbol: str
    worth: Decimal
    risk: Decimal
    reserved: Decimal = ZERO


def standing(
    state: LedgerState,
    symbol: str,
    at: int,
    marks: Marks,
    *,
    round_trip: Decimal = ZERO,
    permitted: bool = True,
    reduce_only: bool = False,
) -> Standing:
    """How the account stands before an order in `symbol`.

    `marks` are the last prices of every symbol that is held or ordered; LedgerError
    where one is missing. `round_trip` is a share of the price: half of it is kept back
    for what is ordered. `permitted` and `reduce_only` are the mode's and the lease's.
    """
    with exactly():
        held = _held(state, marks, round_trip)
        own = [one for one in held if one.symbol == symbol]
        position = state.position(symbol)
        return Standing(
            at=at,
            equity=state.equity(marks),
            cash=state.available - sum((one.reserved for one in held), ZERO),
            exposure=sum((one.worth for one in held), ZERO),
            open_risk=sum((one.risk for one in held), ZERO),
            positions=len({one.symbol for one in held}),
            holds_symbol=bool(own),
            held=position.quantity if position else ZERO,
            symbol_exposure=sum((one.worth for one in own), ZERO),
            trades_today=state.trades_today(at),
            symbol_trades_today=state.symbol_trades_today(symbol, at),
            day_start_equity=state.day_start_equity(at),
            peak_equity=state.curve.base,
            consecutive_losses=state.losses_to_answer,
            trades=len(state.trades),
            halted=told(halts_of(state.halts.values())),
            permitted=permitted,
            reduce_only=reduce_only,
            leaving=_leaving(state, symbol),
            parts=tuple(_parts(state, symbol, marks, round_trip)),
        )


def open_risk(position: Position, stops: Iterable[OpenOrder], mark: Decimal) -> Decimal:
    """What a position loses from `mark` if the stops that rest for it are hit.

    What no stop covers may be lost whole. The worst stops count first.
    """
    sign = position.side.sign
    left = abs(position.quantity)
    lost = ZERO
    for trigger, quantity in sorted(_levels(stops), key=lambda one: one[0] * sign):
        covered = min(left, quantity)
        lost += covered * max((mark - trigger) * sign, ZERO)
        left -= covered
    return lost + left * mark


def _leaving(state: LedgerState, symbol: str) -> Decimal:
    """What exits at the market that are under way close of a symbol."""
    ways_out = (
        order.left
        for order in state.open_orders()
        if order.intent.symbol == symbol
        and order.intent.reduce_only
        and order.intent.kind is Kind.MARKET
    )
    return sum(ways_out, ZERO)


def _parts(
    state: LedgerState, symbol: str, marks: Marks, round_trip: Decimal
) -> Iterator[Part]:
    """What shares a perpetual's margin with an entry that is yet to come."""
    if not is_futures(symbol):
        return
    position, orders = state.position(symbol), state.open_orders()
    if position and _leaving(state, symbol) < abs(position.quantity):
        yield _held_part(position, _stops_of(position, _placed(orders)))
    for order in orders:
        intent = order.intent
        if intent.symbol == symbol and not intent.reduce_only and order.left > 0:
            yield _waiting_part(intent, order.left, _mark(marks, symbol), round_trip)


def _held_part(position: Position, stops: Sequence[OpenOrder]) -> Part:
    sign = position.side.sign
    levels = _levels(stops)
    covered = sum((quantity for _, quantity in levels), ZERO)
    whole = covered >= abs(position.quantity)
    stop = min((level for level, _ in levels), key=lambda one: one * sign, default=None)
    broke = (position.cost - position.margin) / position.quantity
    return Part(position.quantity, broke, stop if whole else None)


def _waiting_part(
    intent: Intent, left: Decimal, mark: Decimal, round_trip: Decimal
) -> Part:
    sign = intent.side.sign
    prices = [one for one in (mark, intent.price, intent.trigger) if one is not None]
    fill = max(prices, key=lambda one: one * sign) * (1 + sign * round_trip / 2)
    return Part(sign * left, fill * (1 - sign / intent.leverage), intent.stop)


def _held(state: LedgerState, marks: Marks, round_trip: Decimal) -> list[_Held]:
    orders = state.open_orders()
    placed = _placed(orders)
    return [
        *(
            _of_position(one, placed, _mark(marks, one.symbol))
            for one in state.positions()
        ),
        *(
            _of_entry(one, marks, round_trip)
            for one in orders
            if not one.intent.reduce_only and one.left > 0
        ),
    ]


def _placed(orders: Sequence[OpenOrder]) -> list[OpenOrder]:
    """The orders but for the closes of entries that nothing has filled."""
    unplaced = _unplaced(orders)
    return [one for one in orders if one.intent.id not in unplaced]


def _unplaced(orders: Iterable[OpenOrder]) -> set[str]:
    """The closes of entries that nothing has filled: they rest nowhere, and guard no
    position that is there already."""
    return {
        name
        for one in orders
        if not one.intent.reduce_only and not one.filled
        for name in close_ids(one.intent)
    }


def _of_position(
    position: Position, orders: Iterable[OpenOrder], mark: Decimal
) -> _Held:
    worth = abs(position.quantity) * mark
    risk = open_risk(position, _stops_of(position, orders), mark)
    return _Held(position.symbol, worth, risk)


def _stops_of(position: Position, orders: Iterable[OpenOrder]) -> list[OpenOrder]:
    return [
        order
        for order in orders
        if order.intent.symbol == position.symbol
        and order.intent.purpose is Purpose.STOP
    ]


def _of_entry(order: OpenOrder, marks: Marks, round_trip: Decimal) -> _Held:
    """An entry that may still fill, as if it had, at the dearest of its prices."""
    intent = order.intent
    prices = (_mark(marks, intent.symbol), intent.price, intent.trigger)
    price = max(one for one in prices if one is not None)
    loss = price if intent.stop is None else abs(price - intent.stop)
    leverage = intent.leverage if is_futures(intent.symbol) else Decimal(1)
    reserved = price * (1 / leverage + round_trip / 2)
    return _Held(
        intent.symbol, order.left * price, order.left * loss, order.left * reserved
    )


def _levels(stops: Iterable[OpenOrder]) -> list[tuple[Decimal, Decimal]]:
    """Trigger and quantity of the stops that have a trigger."""
    return [
        (order.intent.trigger, order.left)
        for order in stops
        if order.intent.trigger is not None
    ]


def _mark(marks: Marks, symbol: str) -> Decimal:
    if (mark := marks.get(symbol)) is not None:
        return mark
    raise LedgerError(
        f"there is no price for {symbol}, which is held or ordered",
        field="marks",
        value=symbol,
        remedy="give the last price there was",
    )
