"""A runner that ends when the time is up, however slow the candidates are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from wick.subject import Case, Ran, Runner, Subject

T = TypeVar("T")
_FIRST, _LARGEST, _SMALLEST = 16, 64, 4
_SLOW = 0.3  # seconds a slice may take before the next is made smaller
_LATE = Ran(
    False, error="TimeoutError", message="not run: the time is up", crashed=True
)


class Timed:
    """Passes calls on in slices, until `ends` (as `monotonic` counts); then none runs."""

    def __init__(self, runner: Runner, ends: float) -> None:
        self._runner = runner
        self._ends = ends
        self._size = _FIRST

    @property
    def name(self) -> str:
        """The runner's own."""
        return self._runner.name

    def each(self, preamble: str, sources: Sequence[str], case: Case) -> list[Ran]:
        """Every source on one case; those that time does not allow come out stopped."""
        return self._sliced(
            sources, lambda some: self._runner.each(preamble, some, case)
        )

    def rows(self, preamble: str, source: str, cases: Sequence[Case]) -> list[Ran]:
        """One source on every case, likewise."""
        return self._sliced(
            cases, lambda some: self._runner.rows(preamble, source, some)
        )

    def lines(self, subject: Subject, cases: Sequence[Case]) -> list[frozenset[int]]:
        """Which lines of the function ran in each case."""
        return self._runner.lines(subject, cases)

    def close(self) -> None:
        """Its runner is for whoever made it to close."""

    def _sliced(
        self, items: Sequence[T], run: Callable[[Sequence[T]], list[Ran]]
    ) -> list[Ran]:
        found: list[Ran] = []
        while len(found) < len(items):
            began = monotonic()
            if began > self._ends:
                return found + [_LATE] * (len(items) - len(found))
            found += run(items[len(found) : len(found) + self._size])
            slow = monotonic() - began > _SLOW
            self._size = self._size // 4 if slow else self._size * 2
            self._size = max(_SMALLEST, min(_LARGEST, self._size))
        return found
