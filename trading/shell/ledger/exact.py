"""Exact money: sums and products of ledger amounts are never rounded.

Amounts of at most `DIGITS` digits on either side of the point are taken, so that
`PRECISION` digits hold every product of two and every sum of them.
"""

from contextlib import AbstractContextManager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    localcontext,
)
from decimal import Overflow as TooLarge

from core.errors import LedgerError

DIGITS = 30
PRECISION = 150
STEP = Decimal("0.00000001")  # of what a division leaves; the rest of a whole is exact
_EXACT = Context(prec=PRECISION, traps=[InvalidOperation, DivisionByZero, TooLarge])
_SHOWN = Context(prec=28)


def exactly() -> AbstractContextManager[Context]:
    """Arithmetic inside is exact for what `usable` accepted."""
    return localcontext(_EXACT)


def usable(amount: Decimal) -> bool:
    """Whether an amount is finite and short enough to be exact with."""
    exponent = amount.as_tuple().exponent
    return (
        isinstance(exponent, int)
        and -DIGITS <= exponent <= DIGITS
        and amount.adjusted() <= DIGITS
    )


def share(
    whole: Decimal, part: Decimal, of: Decimal, rounding: str = ROUND_HALF_EVEN
) -> Decimal:
    """`whole` × part / of, rounded to STEP; all of it when the part is all there is."""
    return whole if part == of else (whole * part / of).quantize(STEP, rounding)


def average(value: Decimal, quantity: Decimal) -> Decimal:
    """A price to 28 digits: a figure to show, no part of any sum."""
    return _SHOWN.divide(value, quantity)


def impossible(event: object, why: str, remedy: str = "") -> LedgerError:
    """The error for an event that cannot have happened."""
    return LedgerError(
        f"{why}: {event}",
        field=type(event).__name__,
        value=event,
        remedy=remedy
        or "nothing of it was written; `asza doctor` compares the ledger "
        "with the venue",
    )
