"""A text worth changing further, and the edits of it that are still to be tried."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from wick.search.court import Court
from wick.search.edits import grown, small
from wick.search.edits.results import results
from wick.search.observe import Observation, observed, stored
from wick.search.order import ordered
from wick.search.suspicion import suspicion
from wick.search.text import Edit, Text
from wick.search.view import View
from wick.subject import UNKNOWN, Case, Subject, function_named

_TIRED, _LONG = 1_500.0, 8_000.0
# The function itself comes first with its small edits, then takes turns.
_ROOT, _TURNS = 100.0, 0.6
_MOST_HELPERS = 12


class Lode:
    """One text with its edits in the order they are tried, made when first asked for.

    `words` are the edits that led to it, `score` how much better it is than the
    function itself. Its edits come in tiers: small ones, grown ones, and of the function
    itself those that are grown twice.
    """

    def __init__(
        self, source: str, words: tuple[str, ...] = (), score: float = 0.0
    ) -> None:
        self.source = source
        self.words = words
        self.score = score
        self.taken = 0
        self.tier = 0
        self._view: View | None = None
        self._edits: list[Edit] | None = None

    @property
    def size(self) -> int:
        """How many edits led to it."""
        return len(self.words)

    @property
    def dry(self) -> bool:
        """Whether all of its edits were tried."""
        return self.tier >= (2 if self.size else 3)

    @property
    def promise(self) -> float:
        """Higher first: good texts, until enough of their edits were tried."""
        if self.size:
            return self.score / (1.0 + self.tier + self.taken / _TIRED)
        return _TURNS / (1.0 + self.taken / _LONG) if self.tier else _ROOT

    def take(self, count: int, subject: Subject, court: Court) -> list[Edit]:
        """The next edits of this tier, likeliest first."""
        if self._view is None:
            self._view = view_of(self.source, subject, court)
        if self._edits is None:
            self._edits = ordered(self._tier(self._view), self._view)[::-1]
        found = self._edits[: -count - 1 : -1]
        del self._edits[-count:]
        self.taken += len(found)
        if not self._edits:
            self.tier, self._edits = self.tier + 1, None
        return found

    def _tier(self, view: View) -> Iterator[Edit]:
        return grown(view, deep=self.tier > 1) if self.tier else small(view)


def view_of(source: str, subject: Subject, court: Court) -> View:
    """A text as the families see it, watched once in every case."""
    seen = observed(subject.preamble, source, court.cases, court.runner)
    failing = frozenset(court.failing)
    return View(
        Text(source),
        seen,
        _suspicion(seen, failing),
        failing,
        _helpers(subject.preamble),
        subject.module,
        _expected([court.cases[number] for number in court.failing]),
        _raised(court.cases),
        _globals(subject.preamble, subject.name),
        _results(source, subject, court),
    )


def _results(source: str, subject: Subject, court: Court) -> tuple[str, ...]:
    """Whole results that a module might give where it fails."""
    wanted = [case.expected for case in court.cases]
    function = function_named(source, subject.name)
    return results(function, subject.results, wanted) if subject.module else ()


def _suspicion(seen: Observation, failing: frozenset[int]) -> dict[int, float]:
    return suspicion(seen.lines, failing)


def _helpers(preamble: str) -> tuple[str, ...]:
    tree = ast.parse(preamble)
    found = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return tuple(found[:_MOST_HELPERS])


def _expected(cases: Sequence[Case]) -> tuple[Any, ...]:
    """The values that failing cases want."""
    return tuple(case.expected for case in cases if case.expected is not UNKNOWN)


def _globals(preamble: str, name: str) -> frozenset[str]:
    """The names that a function's file gives it, itself among them."""
    found = {name}
    for node in ast.walk(ast.parse(preamble)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return frozenset(found) | stored(ast.parse(preamble)) | {"math"}


def _raised(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case.raises for case in cases if case.raises))
