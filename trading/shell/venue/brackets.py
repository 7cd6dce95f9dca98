"""Conditional closes: the stop and target that an entry asks for once it is filled.

They are orders of their own, with ids that follow from the entry's, so that whoever
knows the entry can name them. A simulated venue places them when the entry first fills,
sized to what is filled; no event says so, so the engine writes them down then.
"""

from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

from trading.shell.venue.orders import Intent, Kind, Purpose

PARTS = (Purpose.STOP, Purpose.TARGET)


@lru_cache(maxsize=1024)
def close_id(entry: str, part: Purpose) -> str:
    """The client order id of an entry's stop or target: 18 characters, as entries'."""
    digest = blake2b(f"{entry}|{part}".encode(), digest_size=8).hexdigest()
    return "az" + digest


def close_ids(entry: Intent) -> tuple[str, ...]:
    """The ids of the orders that `conditional_closes` gives, in the same order."""
    wanted = ((Purpose.STOP, entry.stop), (Purpose.TARGET, entry.target))
    return tuple(
        close_id(entry.id, part) for part, level in wanted if level is not None
    )


def conditional_closes(
    entry: Intent, quantity: Decimal | None = None
) -> tuple[Intent, ...]:
    """The orders that close `entry`: stop first, then target; those it asks for.

    They are for `quantity`, or without one for all that the entry may fill: that is
    how they are written down, and an order that ends with less is reported closed.
    """
    wanted = ((Purpose.STOP, entry.stop), (Purpose.TARGET, entry.target))
    size = entry.quantity if quantity is None else quantity
    return tuple(
        _close(entry, part, level, size) for part, level in wanted if level is not None
    )


def _close(entry: Intent, part: Purpose, level: Decimal, quantity: Decimal) -> Intent:
    return Intent(
        id=close_id(entry.id, part),
        symbol=entry.symbol,
        side=entry.side.opposite,
        kind=Kind.STOP if part is Purpose.STOP else Kind.TAKE_PROFIT,
        purpose=part,
        quantity=quantity,
        decided_at=entry.decided_at,
        trigger=level,
        leverage=entry.leverage,
        decision=entry.decision,
        reason=entry.reason,
    )
