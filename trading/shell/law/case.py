"""One order before the law, and the figures it is judged by: known, or refused.

Nothing here is computed with NaN, infinity or a missing value: `Unknown` is raised
instead, which `judge` turns into a refusal by the check that asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, DivisionByZero, InvalidOperation
from decimal import Overflow as DecimalOverflow
from functools import cached_property
from typing import Any

from trading.shell.law import Standing, Verdict
from trading.shell.law.limits import Limits
from trading.shell.venue import Instrument
from trading.shell.venue.orders import ZERO, Intent, Side, is_futures

EXACT = Context(
    prec=60,
    rounding=ROUND_DOWN,
    Emin=-60,
    Emax=60,
    traps=[InvalidOperation, DivisionByZero, DecimalOverflow],
)
"""Quotients round toward less, so a size that was divided out is never too large."""

MAGNITUDES = range(-40, 25)
"""Powers of ten that an amount may have."""


class Unknown(ArithmeticError):
    """A figure that a check needs does not exist, with the figure's name."""


@dataclass(frozen=True)
class Case:
    """An intent, the account it meets, and what its market costs; figures count once.

    `price` is the market's, in quote currency a unit; `round_trip` what buying and
    selling again costs, as a share of the price (fees, slippage and spread).
    """

    limits: Limits
    standing: Standing
    intent: Intent
    instrument: Instrument
    price: Decimal
    round_trip: Decimal

    @property
    def futures(self) -> bool:
        return is_futures(self.intent.symbol)

    @property
    def long(self) -> bool:
        return self.intent.side is Side.BUY

    @cached_property
    def equity(self) -> Decimal:
        return positive(self.standing.equity, "the equity")

    @cached_property
    def leverage(self) -> Decimal:
        """The leverage that is left of what was asked; Unknown below 1."""
        asked = positive(self.intent.leverage, "the leverage")
        market = positive(self.instrument.most_leverage, "the market's leverage")
        return min(asked, market if self.futures else Decimal(1), self.limits.leverage)

    @cached_property
    def prices(self) -> list[Decimal]:
        """Where the order may fill: at the market, and at its own levels."""
        own = (self.intent.price, self.intent.trigger)
        return [
            positive(self.price, "the price"),
            *(positive(p, "the order's price") for p in own if p is not None),
        ]

    @cached_property
    def dearest(self) -> Decimal:
        """The highest price it may fill at: what its size and exposure count by."""
        return max(self.prices)

    @cached_property
    def stop(self) -> Decimal | None:
        """The stop, on the losing side of every price; Unknown where it is not there."""
        if self.intent.stop is None:
            if self.limits.stop_required or not self.long:
                raise Unknown("the stop is missing")
            return None
        stop = positive(self.intent.stop, "the stop")
        return self._beyond(stop, below=self.long, what="stop")

    @property
    def target(self) -> Decimal | None:
        """The target, on the winning side of every price."""
        if self.intent.target is None:
            return None
        target = positive(self.intent.target, "the target")
        return self._beyond(target, below=not self.long, what="target")

    @cached_property
    def risk(self) -> Decimal:
        """What one unit loses at its stop; all of it without one (a long's only)."""
        stop = self.stop
        if stop is None:
            return self.dearest
        return self.dearest - stop if self.long else stop - min(self.prices)

    @property
    def move(self) -> Decimal | None:
        """The move that is hoped for, else feared, a unit; None with no level at all."""
        level = self.target or self.stop
        return None if level is None else abs(level - known(self.price, "the price"))

    def in_lots(self, quantity: Decimal) -> Decimal:
        """`quantity` in whole lots, never more."""
        lot = positive(self.instrument.lot, "the lot")
        return quantity // lot * lot

    def _beyond(self, level: Decimal, *, below: bool, what: str) -> Decimal:
        right = level < min(self.prices) if below else level > max(self.prices)
        if not right:
            raise Unknown(f"the {what} {level:f} is on the wrong side of the price")
        return level


def known(value: Any, what: str) -> Decimal:
    """A finite number; Unknown for everything else."""
    if type(value) is int:
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise Unknown(f"{what} is {shown(value)}, which is no amount")
    if value and value.adjusted() not in MAGNITUDES:
        raise Unknown(f"{what} is {shown(value)}, which is beyond all measure")
    return value


def positive(value: Any, what: str) -> Decimal:
    """A finite number above 0."""
    found = known(value, what)
    if found <= 0:
        raise Unknown(f"{what} is {shown(found)}, which is not above 0")
    return found


def not_negative(value: Any, what: str) -> Decimal:
    """A finite number of 0 or more."""
    found = known(value, what)
    if found < 0:
        raise Unknown(f"{what} is {shown(found)}, which is below 0")
    return found


def allowed(quantity: Decimal, reason: str = "", **figures: Any) -> Verdict:
    """Let it pass, with what of it."""
    return Verdict(True, quantity, reason=reason, figures=figures or None)


def refused(reason: str, **figures: Any) -> Verdict:
    """Stop it, with the figures that stopped it; `judge` adds the check's name."""
    return Verdict(False, ZERO, reason=reason, figures=figures)


def capped(
    case: Case, quantity: Decimal, money: Decimal, unit: Decimal, why: str
) -> Verdict:
    """Cut a quantity down to whole lots that `money` buys at `unit` each.

    `why` is a sentence about the money, "{} of cash is free"; refused where no lot is
    left.
    """
    if money > 0 and quantity * unit <= money:
        return Verdict(True, quantity)
    left = case.in_lots(min(quantity, money / unit)) if money > 0 else ZERO
    said = why.format(f"{money:.2f}")
    figures = {"value": quantity * unit, "limit": money}
    if left <= 0:
        return refused(f"{said}: no lot of it is left", **figures)
    return allowed(left, f"cut down: {said}", **figures)


def shown(value: Any) -> str:
    """A short picture of anything, safe to make."""
    if isinstance(value, Decimal | float):
        return f"{value}"[:40]
    if value is None or isinstance(value, bool):
        return "missing" if value is None else str(value)
    if isinstance(value, str):
        return repr(value[:40])
    if isinstance(value, int) and value.bit_length() < 64:
        return str(value)
    return type(value).__name__


Check = Callable[[Case, Decimal], Verdict]
