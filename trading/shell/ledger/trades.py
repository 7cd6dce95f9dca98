"""Trades: a position from flat to flat, put together from the ledger's fills."""

from decimal import Decimal

from msgspec import Struct


class Trade(Struct, frozen=True):
    """A closed position; money in the quote currency.

    `gross` is before costs, `net` after `fees` and `funding` (positive is paid).
    `side` is long or short; prices are averages over the fills; `decision` and
    `exit_decision` are the ids of the decisions that opened and closed it ("" where a
    resting stop or target did); `reason` says why it closed.
    """

    id: str
    symbol: str
    side: str
    quantity: Decimal
    opened_at: int
    entry_price: Decimal
    closed_at: int
    exit_price: Decimal
    gross: Decimal
    fees: Decimal
    funding: Decimal
    reason: str
    regime: str
    decision: str
    exit_decision: str
    stop: Decimal | None = None
    target: Decimal | None = None

    @property
    def net(self) -> Decimal:
        """What is left after fees and funding."""
        return self.gross - self.fees - self.funding
