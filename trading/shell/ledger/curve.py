"""Equity through time: today's beginning, the highest, and how far below it we are.

Money put in or taken out moves all of them alike: it is neither profit nor loss.
"""

from dataclasses import dataclass
from decimal import Decimal

from trading.shell.venue.orders import ZERO

DAY = 86_400  # seconds


@dataclass(slots=True)
class Curve:
    """`equity` is the last that was seen, `at` when; `start` that of the day's beginning.

    `base` is the highest since a person last resumed from a drawdown.
    """

    at: int = 0
    equity: Decimal = ZERO
    start: Decimal = ZERO
    peak: Decimal = ZERO
    base: Decimal = ZERO

    def kept(self) -> "Curve":
        """A copy of what it is now."""
        return Curve(self.at, self.equity, self.start, self.peak, self.base)

    def deposit(self, amount: Decimal) -> None:
        """Money in, or out."""
        self.equity += amount
        self.start += amount
        self.peak += amount
        self.base += amount

    def observe(self, at: int, equity: Decimal) -> None:
        """Equity at a candle's close: the one at midnight is the new day's beginning."""
        self.start = equity if at % DAY == 0 else self.day_start(at)
        self.at, self.equity = at, equity
        self.peak = max(self.peak, equity)
        self.base = max(self.base, equity)

    def forgive(self) -> None:
        """The drawdown counts anew from the equity there is."""
        self.base = self.equity

    def day_start(self, at: int) -> Decimal:
        """Equity when the UTC day of `at` began: the last that was seen before it."""
        return self.start if at // DAY == self.at // DAY else self.equity

    @property
    def drawdown(self) -> Decimal:
        """How far equity is below its peak, as a share of the peak."""
        return (self.peak - self.equity) / self.peak if self.peak > 0 else ZERO


@dataclass(slots=True)
class Entries:
    """Entries of one UTC day: intended, and not refused or ended without a fill."""

    day: int = 0
    counts: dict[str, int] | None = None

    def add(self, symbol: str, at: int, number: int) -> None:
        """One more, or (-1) one that came to nothing; of a past day nothing changes."""
        day = at // DAY
        if day > self.day or self.counts is None:
            self.day, self.counts = day, {}
        if day == self.day:
            self.counts[symbol] = self.counts.get(symbol, 0) + number

    def of(self, at: int, symbol: str | None = None) -> int:
        """How many on the day of `at`: of one symbol, or in all."""
        counts = (self.counts or {}) if at // DAY == self.day else {}
        return sum(counts.values()) if symbol is None else counts.get(symbol, 0)
