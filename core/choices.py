"""Where a sampler's choices come from: a protocol, and a seeded generator of them."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

LONG = 200


class Source(Protocol):
    """Where a sampler's choices come from."""

    def integer(self, low: int, high: int) -> int:
        """Any integer from `low` to `high`."""

    def number(self, low: float, high: float) -> float:
        """Any float from `low` to `high`."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""

    def length(self, low: int, high: int) -> int:
        """How long a list is: usually short; fixed by whoever asked for a length."""

    def sized(self, length: int) -> "Source":
        """This source, with the next list's length fixed."""

    def from_strategy(self, key: str, factory: Callable[[], Any]) -> Any:
        """A value of a Hypothesis strategy that `factory` makes."""


class Seeded:
    """Choices from a seeded generator; `pool` runs strategies it cannot drive."""

    def __init__(
        self, random: Random, pool: Callable[[str, Callable[[], Any]], Sequence[Any]]
    ) -> None:
        self._random = random
        self._pool = pool
        self._next_length: int | None = None

    def integer(self, low: int, high: int) -> int:
        """A uniform integer."""
        return low + int(self._random.random() * (high - low + 1))

    def number(self, low: float, high: float) -> float:
        """A uniform float."""
        return min(high, low + (high - low) * self._random.random())

    def pick(self, options: Sequence[T]) -> T:
        """A uniform choice."""
        return options[int(self._random.random() * len(options))]

    def length(self, low: int, high: int) -> int:
        """Mostly up to 30, at times the shortest, now and then long."""
        fixed, self._next_length = self._next_length, None
        return typical_length(self, low, high) if fixed is None else fixed

    def sized(self, length: int) -> "Seeded":
        """This source with the next list's length fixed."""
        self._next_length = length
        return self

    def from_strategy(self, key: str, factory: Callable[[], Any]) -> Any:
        """One of the strategy's values, from a pool drawn once."""
        return self.pick(self._pool(key, factory))


def typical_length(source: Source, low: int, high: int) -> int:
    """A length between `low` and `high`, boundaries and short ones preferred."""
    roll = source.integer(0, 99)
    if roll < 8:
        return low
    if roll < 12:
        return min(high, low + 1)
    if roll > 97:
        return min(high, max(low, LONG))
    return source.integer(low, min(high, low + 30))
