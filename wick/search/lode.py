"""A text worth changing further, and the edits of it that are still to be tried."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import islice
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
    function itself.
    """

    def __init__(
        self, source: str, words: tuple[str, ...] = (), score: float = 0.0
    ) -> None:
        self.source = source
        self.words = words
        self.score = score
        self.taken = 0
        self.dry = False
        self.simple = True
        self._edits: Iterator[Edit] | None = None

    @property
    def size(self) -> int:
        return len(self.words)

    @property
    def promise(self) -> float:
        """Higher first: good texts, until enough of their edits were tried."""
        if not self.size:
            return _ROOT if self.simple else _TURNS / (1.0 + self.taken / _LONG)
        return self.score / (1.0 + self.taken / _TIRED)

    def take(self, count: int, subject: Subject, court: Court) -> list[Edit]:
        """The next edits; fewer than asked for once it runs dry."""
        if self._edits is None:
            self._edits = self._all(view_of(self.source, subject, court))
        found = list(islice(self._edits, count))
        self.taken += len(found)
        self.dry = len(found) < count
        return found

    def _all(self, view: View) -> Iterator[Edit]:
        yield from ordered(small(view), view)
        self.simple = False
        yield from ordered(grown(view), view)
        if not self.size:
            yield from ordered(grown(view, deep=True), view)


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
