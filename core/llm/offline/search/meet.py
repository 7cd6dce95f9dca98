"""The last step from the target's side: what must the other operand be?

For each small term and each operator that can be undone, the missing operand is
looked up among all enumerated terms, so rules twice as large as the enumeration
reaches are found. The look-up key is a fixed weighted sum, checked afterwards.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import FAULTS, NUMBERS, Op, Term, build

_WEIGHTS = tuple(math.sqrt(prime) for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29))


class Undo(NamedTuple):
    """`op(known, missing)`, or with `flipped` `op(missing, known)`, gives the target."""

    op: Op
    flipped: bool
    missing: Callable[[Any, Any], Any]  # of the target's and the known value


UNDOING = (
    Undo(ops.PLUS, False, lambda t, u: t - u),
    Undo(ops.MINUS, False, lambda t, u: u - t),
    Undo(ops.MINUS, True, lambda t, u: t + u),
    Undo(ops.MULTIPLY, False, lambda t, u: t / u),
    Undo(ops.DIVIDE, False, lambda t, u: u / t),
    Undo(ops.DIVIDE, True, lambda t, u: t * u),
    Undo(ops.FLOOR_DIVIDE, True, lambda t, u: t * u),
)


def weigh(values: Sequence[Any]) -> float:
    """One number for a column of values."""
    total = 0.0
    for place, value in enumerate(values):
        total += value * _WEIGHTS[place % len(_WEIGHTS)] * (1 + place // 10)
    return total


class Index:
    """Numeric terms, found by their values on the examples."""

    def __init__(self, problem: Problem, terms: Sequence[Term]) -> None:
        self.problem = problem
        count = problem.count
        usable = [term for term in terms if _in_reach(term.values[:count])]
        weighed = [(weigh(term.values[:count]), n) for n, term in enumerate(usable)]
        ordered = sorted(pair for pair in weighed if math.isfinite(pair[0]))
        self.terms = usable
        self._keys = [key for key, _ in ordered]
        self._order = [n for _, n in ordered]

    def matching(self, values: Sequence[Any]) -> Iterator[Term]:
        """Terms with these values on the examples."""
        key = weigh(values)
        slack = 1e-9 * (1 + abs(key))
        place = bisect_left(self._keys, key - slack)
        while place < len(self._keys) and self._keys[place] <= key + slack:
            term = self.terms[self._order[place]]
            if all(map(_near, term.values, values)):
                yield term
            place += 1


def _near(left: Any, right: Any) -> bool:
    return math.isclose(left, right, rel_tol=1e-7, abs_tol=1e-9)


def _in_reach(values: Sequence[Any]) -> bool:
    """Huge values swallow what is added to them: nothing can be told from those."""
    return None not in values and all(abs(value) < 1e9 for value in values)


def _missing(undo: Undo, target: Sequence[Any], known: Term) -> list[Any] | None:
    try:
        return list(map(undo.missing, target, known.values))
    except FAULTS:
        return None


def _whole(undo: Undo, known: Term) -> bool:
    return undo.op is not ops.FLOOR_DIVIDE or known.kind == "int"


def join(undo: Undo, known: Term, other: Term) -> Term | None:
    """The term that `undo` says gives the target."""
    if not (known.used or other.used):
        return None
    pair = (other, known) if undo.flipped else (known, other)
    kinds = {known.kind, other.kind}
    if undo.op is ops.FLOOR_DIVIDE and kinds != {"int"}:
        return None
    whole = kinds == {"int"} and undo.op is not ops.DIVIDE
    return build(undo.op, "int" if whole else "float", *pair)


def one_step(
    problem: Problem, index: Index, steps: Steps, largest: int
) -> Iterator[Term]:
    """Terms `op(known, other)` with both operands enumerated, and roots of them."""
    yield from _halves(problem, index, steps, largest)
    if problem.kind == "float" and all(value > 0 for value in problem.target):
        squares = tuple(value * value for value in problem.target)
        inner = replace(problem, target=squares)
        for term in _halves(inner, index, steps, largest - 1):
            yield build(ops.ROOT, "float", term)


def _halves(
    problem: Problem, index: Index, steps: Steps, largest: int
) -> Iterator[Term]:
    target = problem.target
    for known in index.terms:
        if known.size + 2 > largest:
            break
        for undo in UNDOING:
            steps.spend(1)
            values = _missing(undo, target, known) if _whole(undo, known) else None
            if values is not None:
                yield from _joined(problem, index, steps, undo, known, values, largest)


def _joined(
    problem: Problem,
    index: Index,
    steps: Steps,
    undo: Undo,
    known: Term,
    values: Sequence[Any],
    largest: int,
) -> Iterator[Term]:
    for other in index.matching(values):
        steps.spend(1)
        if known.size + other.size < largest:
            term = join(undo, known, other)
            if term is not None and problem.matches(term):
                yield term


def two_steps(
    problem: Problem, index: Index, outer: Sequence[Term], steps: Steps, largest: int
) -> Iterator[Term]:
    """Terms `op(u, op(v, other))` with u and v small and the rest enumerated."""
    for first in outer:
        for undo in UNDOING:
            wanted = _missing(undo, problem.target, first)
            if wanted is not None and _whole(undo, first):
                yield from _second(
                    problem, index, outer, steps, (undo, first, wanted), largest
                )


def _second(
    problem: Problem,
    index: Index,
    inner: Sequence[Term],
    steps: Steps,
    outer: tuple[Undo, Term, Sequence[Any]],
    largest: int,
) -> Iterator[Term]:
    undo, first, wanted = outer
    for second in inner:
        steps.spend(len(UNDOING))
        for inside in UNDOING:
            values = _missing(inside, wanted, second)
            if values is None or not _whole(inside, second):
                continue
            for other in index.matching(values):
                steps.spend(1)
                if first.size + second.size + other.size + 2 > largest:
                    continue
                middle = join(inside, second, other)
                term = middle and join(undo, first, middle)
                if term is not None and problem.matches(term):
                    yield term


def numbers(terms: Iterator[Term]) -> list[Term]:
    """Only the numeric ones."""
    return [term for term in terms if term.kind in NUMBERS]
