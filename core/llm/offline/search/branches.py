"""If/elif/else over examples: small terms that each cover some, and conditions
that tell which. Also min/max of two covering terms, which says the same shorter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.conditions import Test
from core.llm.offline.search.fits import fits
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import NUMBERS, Term, build

MOST_LEAVES = 300


@dataclass(frozen=True, slots=True)
class Leaf:
    """A term and the examples it gives."""

    term: Term
    mask: int


def leaves(
    problem: Problem, terms: Sequence[Term], features: Sequence[Term], steps: Steps
) -> list[Leaf]:
    """For every set of examples that some term covers, the smallest such term."""
    best: dict[int, Term] = {}
    for term in (*_outputs(problem), *terms):
        _keep(problem, best, term)
    steps.spend(len(terms) // 10)
    if problem.kind in NUMBERS:
        for term in _segments(problem, features, steps):
            _keep(problem, best, term)
    ordered = sorted(
        best.items(), key=lambda item: (item[1].size, -item[0].bit_count())
    )
    return [Leaf(term, mask) for mask, term in ordered[:MOST_LEAVES]]


def _keep(problem: Problem, best: dict[int, Term], term: Term) -> None:
    mask = problem.mask(term)
    held = best.get(mask)
    if mask and (held is None or term.size < held.size):
        best[mask] = term


def _outputs(problem: Problem) -> list[Term]:
    """Each output as a constant: what a branch may return as it is."""
    values = dict.fromkeys((type(value), value) for value in problem.target)
    return [problem.literal(value, 1 if kind is str else 2) for kind, value in values]


def _segments(
    problem: Problem, features: Sequence[Term], steps: Steps
) -> Iterator[Term]:
    """Straight lines through neighbours along one input, the longest runs first."""
    singles = [term for term in features if term.size <= 3][:8]
    runs: set[int] = set()
    for term in singles[:4]:
        order = sorted(range(problem.count), key=lambda place: term.values[place])
        for length in range(problem.count, 1, -1):
            for start in range(problem.count - length + 1):
                runs.add(sum(1 << place for place in order[start : start + length]))
    for mask in sorted(runs, key=lambda run: (-run.bit_count(), run)):
        for found, _ in fits(problem, singles, mask, steps, most=2, spare=1):
            yield found


def extremes(problem: Problem, found: Sequence[Leaf], steps: Steps) -> Iterator[Term]:
    """min and max of two terms, and a term clamped between two."""
    numbers = [leaf for leaf in found if leaf.term.kind in NUMBERS]
    for place, first in enumerate(numbers):
        steps.spend(1 + len(numbers) // 50)
        for second in numbers[:place]:
            if first.mask | second.mask == problem.everything:
                yield from _bounded(problem, first.term, second.term)
    fixed = [leaf for leaf in numbers if leaf.term.size == 1 or leaf.term.constant]
    for low in fixed:
        for high in fixed:
            if low is not high:
                yield from _clamped(problem, low, high, numbers, steps)


def _bounded(problem: Problem, first: Term, second: Term) -> Iterator[Term]:
    kind = "int" if first.kind == second.kind == "int" else "float"
    for op in (ops.LEAST, ops.GREATEST):
        pair = (first, second) if first.constant else (second, first)
        term = build(op, kind, *pair)
        if problem.matches(term):
            yield term


def _clamped(
    problem: Problem, low: Leaf, high: Leaf, found: Sequence[Leaf], steps: Steps
) -> Iterator[Term]:
    edges = low.mask | high.mask
    steps.spend(1 + len(found) // 50)
    for middle in found:
        if edges | middle.mask == problem.everything and not middle.term.constant:
            kind = "int" if middle.term.kind == low.term.kind == "int" else "float"
            inside = build(ops.LEAST, kind, high.term, middle.term)
            term = build(ops.GREATEST, kind, low.term, inside)
            if problem.matches(term):
                yield term


def decisions(
    problem: Problem,
    found: Sequence[Leaf],
    conditions: Sequence[Test],
    count: int,
    steps: Steps,
) -> Term | None:
    """The cheapest if/elif/else with `count` results that gives every example."""
    chooser = _Chooser(problem, found, conditions, steps)
    answer = chooser.best(problem.everything, count)
    return answer[1] if answer else None


class _Chooser:
    def __init__(
        self,
        problem: Problem,
        found: Sequence[Leaf],
        conditions: Sequence[Test],
        steps: Steps,
    ) -> None:
        self._problem, self._steps = problem, steps
        self._conditions = conditions
        self._found = found
        self.covering = lru_cache(maxsize=None)(self._covering)
        self.best = lru_cache(maxsize=None)(self._best)

    def _covering(self, mask: int) -> Term | None:
        return next((f.term for f in self._found if f.mask & mask == mask), None)

    def _best(self, mask: int, count: int) -> tuple[float, Term] | None:
        if count == 1:
            term = self.covering(mask)
            return (self._cost(term, mask), term) if term else None
        answer: tuple[float, Term] | None = None
        for test in self._conditions:
            here, rest = mask & test.mask, mask & ~test.mask
            self._steps.spend(1)
            if not here or not rest or (answer and test.cost + 2 >= answer[0]):
                continue
            first = self.covering(here)
            if first is None:
                continue
            other = self.best(rest, count - 1)
            if other is None:
                continue
            cost = test.cost + 2 + self._cost(first, here) + other[0]
            if answer is None or cost < answer[0]:
                kind = self._problem.kind
                answer = cost, build(ops.CHOOSE, kind, test.term, first, other[1])
        return answer

    @staticmethod
    def _cost(term: Term, mask: int) -> float:
        """A branch seen on one example only is dearer: it may be that example."""
        return term.size + (0 if mask.bit_count() > 1 else 1.5)


def results_of(term: Term) -> list[Term]:
    """The results of an if/elif/else, in order."""
    if term.op is ops.CHOOSE:
        return [term.args[1], *results_of(term.args[2])]
    return [term]
