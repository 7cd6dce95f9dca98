"""One position from flat to flat: its cost, and what has gone in and out of it.

Cost basis is the average: closing a part takes its share of the cost, and what stays is
the cost less that share, so that nothing is lost to rounding.
"""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from msgspec import Struct

from trading.shell.changed import changed
from trading.shell.ledger.exact import STEP, average, share
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import (
    ZERO,
    Fill,
    Intent,
    Position,
    Purpose,
    is_futures,
)

LIQUIDATION = "liquidation"
RESTING = {Purpose.STOP: "stop", Purpose.TARGET: "target"}


class Holding(Struct, frozen=True):
    """An open position. `quantity` and `cost` are signed; `entered` and `exited` are the
    quantities that went in and out, `entry_value` and `exit_value` what they were worth.
    `margin` is the cash set aside for a perpetual: cost / leverage of what went in, less
    the share of what went out and the funding paid. It is 0 on spot.
    """

    id: str
    symbol: str
    quantity: Decimal
    cost: Decimal
    opened_at: int
    leverage: Decimal
    decision: str
    regime: str
    stop: Decimal | None
    target: Decimal | None
    entered: Decimal = ZERO
    entry_value: Decimal = ZERO
    exited: Decimal = ZERO
    exit_value: Decimal = ZERO
    gross: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    margin: Decimal = ZERO

    def position(self) -> Position:
        """The same as a venue tells it."""
        return Position(
            self.symbol,
            self.quantity,
            self.cost,
            self.opened_at,
            self.leverage,
            self.margin,
        )

    def charged(self, funding: Decimal) -> "Holding":
        """The same with funding paid on it."""
        return changed(
            self, funding=self.funding + funding, margin=self.margin - funding
        )

    def unrealised(self, mark: Decimal) -> Decimal:
        """What closing it at `mark` would realise, before fees."""
        return self.quantity * mark - self.cost


def opened(fill: Fill, intent: Intent, regime: str) -> Holding:
    """A position begins, with nothing in it yet."""
    return Holding(
        fill.id,
        fill.symbol,
        ZERO,
        ZERO,
        fill.at,
        intent.leverage,
        intent.decision,
        regime,
        intent.stop,
        intent.target,
    )


def increased(held: Holding, fill: Fill, intent: Intent) -> Holding:
    """More of it, in its own direction (or the first of it)."""
    value = fill.quantity * fill.price
    return changed(
        held,
        quantity=held.quantity + fill.side.sign * fill.quantity,
        cost=held.cost + fill.side.sign * value,
        leverage=intent.leverage,
        margin=held.margin + _margin(fill.symbol, value, intent.leverage),
        entered=held.entered + fill.quantity,
        entry_value=held.entry_value + value,
        fees=held.fees + fill.fee,
    )


def reduced(held: Holding, fill: Fill) -> Holding:
    """Less of it; the fill closes no more than is held. What it realised is in `gross`."""
    value = fill.quantity * fill.price
    part, whole = fill.quantity, abs(held.quantity)
    portion = share(held.cost, part, whole)
    return changed(
        held,
        quantity=held.quantity + fill.side.sign * fill.quantity,
        cost=held.cost - portion,
        margin=held.margin - share(held.margin, part, whole, ROUND_DOWN),
        exited=held.exited + fill.quantity,
        exit_value=held.exit_value + value,
        gross=held.gross - fill.side.sign * value - portion,
        fees=held.fees + fill.fee,
    )


def _margin(symbol: str, value: Decimal, leverage: Decimal) -> Decimal:
    if not is_futures(symbol):
        return ZERO
    return (value / leverage).quantize(STEP, ROUND_UP)


def split(fill: Fill, held: Decimal) -> tuple[Fill, Fill | None]:
    """A fill that goes through flat: what closes `held`, and what opens anew."""
    if fill.quantity <= held:
        return fill, None
    fee = share(fill.fee, held, fill.quantity)
    left = fill.quantity - held
    return (
        changed(fill, quantity=held, fee=fee),
        changed(fill, quantity=left, fee=fill.fee - fee),
    )


def closed(held: Holding, fill: Fill, intent: Intent | None) -> Trade:
    """The trade that a flat position was."""
    by_decision = intent is not None and intent.purpose not in RESTING
    return Trade(
        id=held.id,
        symbol=held.symbol,
        side="short" if fill.side.sign > 0 else "long",
        quantity=held.entered,
        opened_at=held.opened_at,
        entry_price=average(held.entry_value, held.entered),
        closed_at=fill.at,
        exit_price=average(held.exit_value, held.exited),
        gross=held.gross,
        fees=held.fees,
        funding=held.funding,
        reason=_reason(fill, intent),
        regime=held.regime,
        decision=held.decision,
        exit_decision=intent.decision if intent and by_decision else "",
        stop=held.stop,
        target=held.target,
    )


def _reason(fill: Fill, intent: Intent | None) -> str:
    if intent is None or fill.reason == LIQUIDATION:
        return LIQUIDATION
    return RESTING.get(intent.purpose) or intent.reason or intent.purpose.value
