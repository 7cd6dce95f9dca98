"""Ledger events: everything that can happen to an account, each written once.

The ledger is the sum of its events; nothing in it is changed afterwards. Amounts are
`Decimal` in the quote currency, times UTC seconds.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from trading.shell.venue.orders import Closed, Fill, Funding, Intent, Receipt

RESUMED = "resumed"


class Deposited(Struct, frozen=True):
    """Money put in (or, negative, taken out) by a person."""

    amount: Decimal
    at: int
    remark: str = ""


class Intended(Struct, frozen=True):
    """An order is about to be sent: written before it is."""

    intent: Intent
    at: int


class Answered(Struct, frozen=True):
    """What the venue said to an intent or a cancellation."""

    receipt: Receipt


class Amended(Struct, frozen=True):
    """A resting order was changed and the venue agreed."""

    order: str
    quantity: Decimal | None
    trigger: Decimal | None
    at: int


class Filled(Struct, frozen=True):
    """An execution."""

    fill: Fill


class Ended(Struct, frozen=True):
    """An order that fills no further."""

    closed: Closed


class FundingPaid(Struct, frozen=True):
    """Funding of a perpetual."""

    funding: Funding


class Snapshot(Struct, frozen=True):
    """Equity at a candle's close, and its parts: they add up to the cent."""

    at: int
    equity: Decimal
    cash: Decimal
    unrealised: Decimal
    realised: Decimal
    fees: Decimal
    funding: Decimal
    deposits: Decimal
    exposure: Decimal
    drawdown: Decimal


class Decided(Struct, frozen=True):
    """One symbol's decision at a candle: what came out, why, by which versions.

    `action` is "none", "enter", "exit", "amend"; `values` what a person may ask about;
    `trace` every module's inputs and outputs, oldest first, where it was kept.
    """

    id: str
    symbol: str
    at: int
    action: str
    proceed: bool
    reason: str
    ended_by: str
    regime: str
    values: Mapping[str, Any]
    versions: Mapping[str, int]
    faults: Mapping[str, str]
    trace: Sequence[Mapping[str, Any]] = ()


class Scanned(Struct, frozen=True):
    """What a scan saw of one symbol at one candle, signal or not."""

    symbol: str
    at: int
    price: float
    regime: str
    signal: bool
    action: str
    confidence: float | None
    values: Mapping[str, Any]


class Signalled(Struct, frozen=True):
    """A signal that asked for a trade: acted on, or rejected by whom and why.

    `action` is "enter" for what became of a decision's entry, in one row however many
    orders it is. Beside it stand refusals only: "enter 2" of the second of its orders,
    "exit" or "flatten" of a way out, "amend" of a stop that was to be moved.
    """

    decision: str
    symbol: str
    at: int
    action: str
    acted: bool
    rejected_by: str
    reason: str
    regime: str
    confidence: float | None
    figures: Mapping[str, Any]


class Halted(Struct, frozen=True):
    """Trading was halted, or resumed (`cause` "resumed"): `detail` then begins with the
    causes that are over, "drawdown, memory: looked at it"."""

    at: int
    cause: str
    detail: str
    by: str

    @property
    def ended(self) -> tuple[str, ...]:
        """The causes that a resumption ended."""
        if self.cause != RESUMED:
            return ()
        return tuple(self.detail.partition(": ")[0].split(", "))


LedgerEvent = (
    Deposited
    | Intended
    | Answered
    | Amended
    | Filled
    | Ended
    | FundingPaid
    | Snapshot
    | Decided
    | Scanned
    | Signalled
    | Halted
)
"""Everything a journal takes."""
