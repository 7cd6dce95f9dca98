"""Venues: where orders go. Mode is a venue, not an `if`.

`Venue` is all the engine knows of an exchange. `BacktestVenue` and `PaperVenue` share
one matching model; an exchange's adapter wraps ccxt behind the same Protocol.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from trading.shell.venue.orders import (
    Intent,
    OpenOrder,
    Position,
    Receipt,
    VenueEvent,
)

__all__ = ["Candle", "FeeRates", "Instrument", "Ticker", "Venue"]


class Candle(Struct, frozen=True):
    """One closed bar of `symbol`; `time` is the UTC second of its open."""

    symbol: str
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a market allows. `tick` is the price step, `lot` the quantity step.

    `minimum` and `least_cost` are the smallest quantity and the smallest cost of an
    order; `most_leverage` is 1 on spot; `maintenance` is the margin share at which a
    perpetual is liquidated.
    """

    symbol: str
    tick: Decimal
    lot: Decimal
    minimum: Decimal
    least_cost: Decimal
    most_leverage: Decimal = Decimal(1)
    maintenance: Decimal = Decimal(0)
    trading: bool = True


@dataclass(frozen=True, slots=True)
class FeeRates:
    """Fees as a share of the cost, and since when (UTC seconds) they are known to hold."""

    maker: Decimal
    taker: Decimal
    since: int
    source: str


@dataclass(frozen=True, slots=True)
class Ticker:
    """Best bid and ask, and when they were seen."""

    symbol: str
    bid: Decimal
    ask: Decimal
    at: int


class Venue(Protocol):
    """One account at one exchange, real or simulated.

    No method raises for what the exchange answers: a refused order is a receipt, and so
    is an unresolved one. DataError is for a question that has no answer here, such as
    the price of a market before its first candle.
    """

    async def instruments(self) -> Mapping[str, Instrument]:
        """What each market allows."""

    async def fees(self, symbol: str) -> FeeRates:
        """What an order costs."""

    async def candles(
        self, symbol: str, timeframe: str, limit: int
    ) -> Sequence[Candle]:
        """The newest closed candles, oldest first."""

    async def ticker(self, symbol: str) -> Ticker:
        """The best bid and ask."""

    async def place(self, intent: Intent) -> Receipt:
        """Send an order; the same id twice is one order."""

    async def amend(
        self, order: str, *, quantity: Decimal | None, trigger: Decimal | None
    ) -> Receipt:
        """Change a resting order's quantity or trigger."""

    async def cancel(self, order: str) -> Receipt:
        """Withdraw a resting order."""

    async def open_orders(self) -> Sequence[OpenOrder]:
        """What rests."""

    async def find(self, order: str) -> Receipt | None:
        """What is known of an order by its client id; None when it never arrived."""

    async def events(self) -> Sequence[VenueEvent]:
        """Fills, ends of orders and funding since last asked, in the order they happened."""

    async def balances(self) -> Mapping[str, Decimal]:
        """Amounts by currency."""

    async def positions(self) -> Sequence[Position]:
        """What is held."""

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Receipt:
        """The leverage of the next entry."""
