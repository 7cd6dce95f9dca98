"""The account as a simulated venue sees it: free cash, and what is held.

Spot: a purchase takes its cost and fee from the cash, a sale gives its proceeds less the
fee. Perpetuals: an entry sets cost / leverage aside as isolated margin and pays its fee
from the cash; a reduction gives back its share of the margin and what was won or lost.
Funding goes to and from the margin. So cash + margins = deposits + realised − fees −
funding on perpetuals, and cash = deposits − cost of what is held + realised − fees on
spot: that is how the ledger can be held against it.

`trading/shell/ledger/holding.py` works the same out again, and shares none of this on
purpose: what a venue and a ledger have in common, neither can show the other to be wrong
about. Nor is it the same arithmetic: the ledger's is exact, a venue's has 28 digits.
"""

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Decimal

from msgspec import Struct

from core.errors import DataError
from trading.shell.changed import changed
from trading.shell.venue.orders import ZERO, Fill, Funding, Position, is_futures

LEAST_MONEY = Decimal("0.00000001")
"""The smallest amount of money a simulated venue knows."""


class Change(Struct, frozen=True):
    """A position after a fill (None when flat), and what the fill does to the cash."""

    position: Position | None
    cash: Decimal


def margin_of(cost: Decimal, leverage: Decimal) -> Decimal:
    """The margin set aside for an entry of that cost, rounded up."""
    return (cost / leverage).quantize(LEAST_MONEY, ROUND_UP)


def after_fill(position: Position | None, fill: Fill, leverage: Decimal) -> Change:
    """What a fill makes of a position; DataError when it would turn it round."""
    if position is None or fill.side is position.side:
        return _grown(position, fill, leverage)
    if fill.quantity > abs(position.quantity):
        raise DataError(
            f"a fill of {fill.quantity} would turn round the position in {fill.symbol}",
            field="quantity",
            value=fill.quantity,
            remedy="only reduce what is held; enter the other way with an order of its own",
        )
    return _shrunk(position, fill)


def _grown(position: Position | None, fill: Fill, leverage: Decimal) -> Change:
    cost = fill.quantity * fill.price
    futures = is_futures(fill.symbol)
    margin = margin_of(cost, leverage) if futures else ZERO
    held = position or Position(fill.symbol, ZERO, ZERO, fill.at)
    grown = Position(
        fill.symbol,
        held.quantity + fill.side.sign * fill.quantity,
        held.cost + fill.side.sign * cost,
        held.opened_at,
        leverage,
        held.margin + margin,
    )
    return Change(grown, -(margin if futures else cost) - fill.fee)


def _shrunk(position: Position, fill: Fill) -> Change:
    left = position.quantity + fill.side.sign * fill.quantity
    cost, margin = _shares(position, fill.quantity)
    proceeds = fill.quantity * fill.price
    if is_futures(fill.symbol):
        won = proceeds * -fill.side.sign - cost
        proceeds = margin + won
    rest = changed(
        position,
        quantity=left,
        cost=position.cost - cost,
        margin=position.margin - margin,
    )
    return Change(rest if left else None, proceeds - fill.fee)


def _shares(position: Position, quantity: Decimal) -> tuple[Decimal, Decimal]:
    """The cost (signed) and margin of a part of a position; the last part is the rest."""
    held = abs(position.quantity)
    if quantity == held:
        return position.cost, position.margin
    cost = (position.cost * quantity / held).quantize(LEAST_MONEY, ROUND_HALF_EVEN)
    return cost, (position.margin * quantity / held).quantize(LEAST_MONEY, ROUND_DOWN)


def worth_closing(position: Position, quantity: Decimal, price: Decimal) -> Decimal:
    """What closing a part of a perpetual at a price gives back, before the fee."""
    cost, margin = _shares(position, quantity)
    return margin + quantity * price * position.side.sign - cost


class Mirror:
    """Cash and positions, moved by fills and funding only."""

    def __init__(self, cash: Decimal, positions: Iterable[Position] = ()) -> None:
        self.cash = cash
        self.positions = {one.symbol: one for one in positions}

    def fill(self, fill: Fill, leverage: Decimal = Decimal(1)) -> Position | None:
        """Book an execution; what is held of its symbol afterwards."""
        change = after_fill(self.positions.get(fill.symbol), fill, leverage)
        self.cash += change.cash
        if change.position is None:
            self.positions.pop(fill.symbol, None)
        else:
            self.positions[fill.symbol] = change.position
        return change.position

    def fund(self, funding: Funding) -> Position:
        """Book funding: it is paid from the position's margin, and received into it."""
        held = self.positions[funding.symbol]
        moved = changed(held, margin=held.margin - funding.amount)
        self.positions[funding.symbol] = moved
        return moved
