"""Funding of perpetuals: an hourly rate by time, capped as Kraken caps it.

Kraken's `relativeFundingRate` is the fraction of the position's value for one hour;
`fundingRate` is money a contract and must never be used here. A series published for
longer intervals (8 hours elsewhere) is spread evenly over their hours.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from core.errors import DataError

HOUR = 3600
CAP = Decimal("0.0025")


def capped(rate: Decimal) -> Decimal:
    """An hourly rate held within ±0.25 %."""
    return max(-CAP, min(CAP, rate))


@dataclass(frozen=True, slots=True)
class FundingSeries:
    """Rates from `times` (UTC seconds, rising), each for `hours` hours.

    A rate holds from its time until the next one, and for `hours` after the last. One
    that the next follows sooner is for the hours until then: markets go over from eight
    hours to four.
    """

    times: Sequence[int]
    rates: Sequence[Decimal]
    hours: int = 1

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in pairwise(self.times))
        if len(self.times) != len(self.rates) or not rising or self.hours < 1:
            raise DataError(
                "a funding series needs one rate for each of its rising times",
                field="times",
                value=(len(self.times), len(self.rates), self.hours),
                remedy="sort the rows by time, and keep one row a time",
            )

    def at(self, time: int) -> Decimal | None:
        """The hourly rate at a UTC second, capped; None where nothing is known."""
        place = bisect_right(self.times, time) - 1
        if place < 0 or self._is_over(place, time):
            return None
        return capped(self.rates[place] / self._hours(place))

    def _is_over(self, place: int, time: int) -> bool:
        last = place == len(self.times) - 1
        return last and time >= self.times[place] + self._hours(place) * HOUR

    def _hours(self, place: int) -> int:
        """How many hours a rate is for; the last is for as many as the one before it."""
        if len(self.times) < 2:
            return self.hours
        at = min(place, len(self.times) - 2)
        apart = (self.times[at + 1] - self.times[at]) // HOUR
        return max(1, min(self.hours, apart))


def hours_in(start: int, end: int) -> range:
    """The whole hours after `start` up to and with `end`, UTC seconds."""
    return range((start // HOUR + 1) * HOUR, end + 1, HOUR)
