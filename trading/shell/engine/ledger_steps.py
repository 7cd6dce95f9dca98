"""What one event of the ledger does to equity, in words and in money."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from trading.shell.ledger.events import Deposited, Filled, FundingPaid, LedgerEvent
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.orders import ZERO, Fill

CENT = Decimal("0.01")
NOTHING = Decimal("0.000001")  # of money: what is left of rounding


def cents(amount: Decimal) -> int:
    """Money in whole cents."""
    return int((amount / CENT).to_integral_value(ROUND_HALF_EVEN))


def change_of(event: LedgerEvent, marks: Mapping[str, Decimal]) -> Decimal:
    """By how much an event changes equity at `marks`."""
    if isinstance(event, Deposited):
        return event.amount
    if isinstance(event, FundingPaid):
        return -event.funding.amount
    return _fill_change(event.fill, marks) if isinstance(event, Filled) else ZERO


def _fill_change(fill: Fill, marks: Mapping[str, Decimal]) -> Decimal:
    gained = fill.side.sign * fill.quantity * (marks[fill.symbol] - fill.price)
    return gained - fill.fee


def named(event: LedgerEvent) -> str:
    """The event as a person is told of it."""
    if isinstance(event, Filled):
        return f"fill {event.fill.id}"
    if isinstance(event, FundingPaid):
        return f"funding {event.funding.symbol}"
    return type(event).__name__.lower()


def stood_at(
    due: Decimal, stood: LedgerState | None, marks: Mapping[str, Decimal]
) -> Decimal:
    """Equity as the ledger stood; what is due where that was not seen or has no price,
    or where they differ by no more than rounding."""
    if stood is None or not stood.holdings.keys() <= marks.keys():
        return due
    found = stood.equity(marks)
    return due if abs(found - due) < NOTHING else found
