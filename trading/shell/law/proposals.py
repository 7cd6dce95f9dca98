"""The boundary: what a module returned becomes a clean proposal, or a refusal.

A module may return anything. What passes here has known words and finite Decimals; what
does not is told by field, and is no exception.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct

from trading.shell.law.case import shown
from trading.shell.venue.orders import ZERO, Kind, Purpose, Side

MOST = Decimal(10) ** 12
LEAST = Decimal(10) ** -12
ASKED = frozenset({Purpose.ENTRY, Purpose.EXIT, Purpose.STOP, Purpose.TARGET})
"""What a module may ask for; to flatten is the law's and a person's."""

Word = TypeVar("Word", bound=StrEnum)


class Proposal(Struct, frozen=True):
    """One intent of a module, clean: `notional` in money, `price` None at the market.

    `price` is a limit's, a stop's or a take-profit's level. An entry's notional is above
    0; other purposes may leave it at 0, since they close what is there.
    """

    purpose: Purpose
    side: Side
    kind: Kind
    notional: Decimal
    price: Decimal | None
    leverage: Decimal

    def quantity(self, price: Decimal) -> Decimal:
        """What the notional buys at a price above 0, before lots."""
        return self.notional / price


class Refusal(Struct, frozen=True):
    """Why a raw intent is none: the field at fault and what it held."""

    field: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field} {self.reason} (it is {self.value})"


class _Wrong(Exception):
    """A field that cannot be used."""

    def __init__(self, field: str, value: Any, reason: str) -> None:
        super().__init__(field)
        self.refusal = Refusal(field, shown(value), reason)


def from_module(raw: Any) -> Proposal | Refusal:
    """The proposal in one raw intent; a Refusal names the first field that is wrong.

    Keys: purpose, side, kind (words), notional, price, leverage (numbers). `price` may
    be absent, null or 0 for a market order, `leverage` for what is no entry. Other keys
    are a module's own affair.
    """
    if not isinstance(raw, Mapping):
        return Refusal("intent", shown(raw), "must be an object")
    try:
        return _proposal(raw)
    except _Wrong as wrong:
        return wrong.refusal


def price_of(raw: Any) -> Decimal | None:
    """A price within measure, or None: the law refuses an entry that lacks its stop."""
    found = _measured(raw)
    return None if isinstance(found, str) else found


def _proposal(raw: Mapping[Any, Any]) -> Proposal:
    purpose = _word(raw, "purpose", Purpose)
    if purpose not in ASKED:
        raise _Wrong("purpose", purpose.value, "is not a module's to ask for")
    kind = _word(raw, "kind", Kind)
    entry = purpose is Purpose.ENTRY
    return Proposal(
        purpose=purpose,
        side=_word(raw, "side", Side),
        kind=kind,
        notional=_notional(raw, entry=entry),
        price=_price(raw, kind),
        leverage=_leverage(raw, entry=entry),
    )


def _word(raw: Mapping[Any, Any], field: str, words: type[Word]) -> Word:
    value = raw.get(field)
    try:
        return words(value if isinstance(value, str) else "")
    except ValueError:
        told = f"must be one of {', '.join(words)}"
        raise _Wrong(field, value, told) from None


def _notional(raw: Mapping[Any, Any], *, entry: bool) -> Decimal:
    if not entry and _absent(raw.get("notional")):
        return ZERO
    return _number(raw, "notional")


def _price(raw: Mapping[Any, Any], kind: Kind) -> Decimal | None:
    if kind is Kind.MARKET and _absent(raw.get("price")):
        return None
    price = _number(raw, "price")
    return None if kind is Kind.MARKET else price


def _leverage(raw: Mapping[Any, Any], *, entry: bool) -> Decimal:
    if not entry and _absent(raw.get("leverage")):
        return Decimal(1)
    leverage = _number(raw, "leverage")
    if leverage < 1:
        raise _Wrong("leverage", leverage, "must be 1 or more")
    return leverage


def _absent(value: Any) -> bool:
    """Null, not there, or a number that is nothing."""
    return value is None or (type(value) in (int, float) and value == 0)


def _number(raw: Mapping[Any, Any], field: str) -> Decimal:
    value = raw.get(field)
    found = _measured(value)
    if isinstance(found, str):
        raise _Wrong(field, value, found)
    return found


def _measured(value: Any) -> Decimal | str:
    """A finite number above 0 within all measure, or why a value is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "must be a number"
    if isinstance(value, int) and abs(value) > MOST:
        return "is beyond all measure"
    number = Decimal(str(value))
    if not number.is_finite():
        return "must be finite"
    return number if LEAST <= number <= MOST else "must be above 0 and within measure"
