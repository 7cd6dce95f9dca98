"""Whether the inputs a module gets now are still the ones it used to get."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

from core.store.reflections import InputStats

NEWEST, BEFORE = 200, 2_000
LEAST = 50
FAR = 3.0  # standard deviations between the two means


class Door(Protocol):
    """Where the figures come from (`core.store.Reflections` is one)."""

    def input_stats(
        self, module: str, limit: int = 1_000, offset: int = 0
    ) -> Mapping[str, InputStats]:
        """The numeric inputs of the newest `limit` calls after skipping `offset`."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One input that moved: by how many of its earlier standard deviations."""

    name: str
    before: float
    now: float
    deviations: float
    words: str


def drift(door: Door, module: str) -> list[Drift]:
    """Inputs whose newest 200 values lie, in the mean, over 3 deviations away.

    They are compared with the up to 2,000 calls before; fewer than 50 on either side
    say nothing.
    """
    before = door.input_stats(module, BEFORE, NEWEST)
    now = door.input_stats(module, NEWEST)
    found = [moved(before[name], now[name]) for name in now if name in before]
    return [each for each in found if each is not None]


def moved(before: InputStats, now: InputStats) -> Drift | None:
    """The drift between two spans of one input; None when there is none to speak of."""
    if min(before.count, now.count) < LEAST:
        return None
    distance = abs(now.mean - before.mean)
    if distance == 0:
        return None
    far = distance / before.deviation if before.deviation else inf
    if far < FAR:
        return None
    words = f"{now.name} was around {before.mean:.6g}, is around {now.mean:.6g}"
    return Drift(now.name, before.mean, now.mean, far, words)
