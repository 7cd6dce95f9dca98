"""How many calls there were and how long they took, where not each one is kept."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_MOST_TIMES = 20_000


class Counts(NamedTuple):
    """Calls of one version of a module that went well, times in nanoseconds."""

    module: str
    version: int
    calls: int
    total_ns: int
    p50_ns: int
    p99_ns: int


@dataclass
class Tally:
    """Grows with every call; holds at most 20,000 of their times, evenly spread."""

    calls: int = 0
    total_ns: int = 0
    step: int = 1
    times: array[int] = field(default_factory=lambda: array("q"))

    def add(self, elapsed_ns: int) -> None:
        """One more call."""
        if self.calls % self.step == 0:
            self.times.append(elapsed_ns)
        self.calls += 1
        self.total_ns += elapsed_ns
        if len(self.times) > _MOST_TIMES:
            self.times = self.times[::2]
            self.step *= 2

    def percentile(self, share: float) -> int:
        """The time that this share (0..1) of the calls did not exceed."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Tallies:
    """A tally for each version of each module."""

    def __init__(self) -> None:
        self._tallies: defaultdict[tuple[str, int], Tally] = defaultdict(Tally)

    def add(self, notes: Iterable[Any]) -> None:
        """Count notes of calls (`core.records.Note`)."""
        for origin, _start, elapsed_ns, *_values in notes:
            self._tallies[origin.module, origin.version].add(elapsed_ns)

    def counts(self, kept: Iterable[tuple[str, int]] = ()) -> list[Counts]:
        """What is counted here and not kept whole elsewhere: `kept` has the module and
        version of each call that is."""
        whole: defaultdict[tuple[str, int], int] = defaultdict(int)
        for key in kept:
            whole[key] += 1
        return [
            _rest(key, tally, tally.calls - whole[key])
            for key, tally in self._tallies.items()
            if tally.calls > whole[key]
        ]


def _rest(key: tuple[str, int], tally: Tally, calls: int) -> Counts:
    total = tally.total_ns * calls // tally.calls
    return Counts(*key, calls, total, tally.percentile(0.5), tally.percentile(0.99))
