"""A condition as a split of the examples; two or three of them combined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Op, Term, build


@dataclass(frozen=True, slots=True)
class Gap:
    """A boundary the examples leave open: anything in `low`..`high` separates them."""

    subject: Term
    low: Any
    high: Any
    taken: Any


@dataclass(frozen=True, slots=True)
class Test:
    """A condition, the examples it holds on, and the boundary it chose, if any."""

    term: Term
    mask: int
    cost: float
    gap: Gap | None = None


def mask_of(term: Term, count: int) -> int | None:
    """A bit for each example on which the condition holds; None where it fails."""
    bits = 0
    for place in range(count):
        value = term.values[place]
        if value is None:
            return None
        bits |= (1 << place) if value else 0
    return bits


def cost_of(problem: Problem, term: Term) -> float:
    """The term's size, less what the prose speaks of."""
    names = {part.op.name for part in term.walk() if part.op}
    return term.size - 0.75 * min(2, len(names & problem.words))


def pair(problem: Problem, op: Op, left: Term, right: Term) -> Iterator[Test]:
    """The comparison, then its opposite; nothing where it fails on an example."""
    term = build(op, "bool", left, right)
    mask = mask_of(term, problem.count)
    if mask is None:
        return
    yield Test(term, mask, cost_of(problem, term))
    if op.name in ops.NEGATION:
        other = build(ops.NEGATION[op.name], "bool", left, right)
        yield Test(other, problem.everything & ~mask, cost_of(problem, other))
    else:
        other = build(ops.OPPOSITE, "bool", term)
        yield Test(other, problem.everything & ~mask, cost_of(problem, other))


def combined(found: Sequence[Test], wanted: int, steps: Steps) -> Iterator[Test]:
    """`p and q`, `p or q` that hold on exactly the wanted examples."""
    outer = [test for test in found if test.mask & wanted == wanted]
    inner = [test for test in found if test.mask & ~wanted == 0 and test.mask]
    for group, op, joins in (
        (outer, ops.BOTH, int.__and__),
        (inner, ops.EITHER, int.__or__),
    ):
        for place, first in enumerate(group[:600]):
            steps.spend(1 + len(group) // 20)
            for second in group[:place]:
                if joins(first.mask, second.mask) == wanted:
                    yield _together(op, second, first)


def nested(found: Sequence[Test], wanted: int, steps: Steps) -> Iterator[Test]:
    """`p and (q or r)` that hold on exactly the wanted examples."""
    outer = [test for test in found if test.mask & wanted == wanted][:60]
    for first in outer:
        inner = [t for t in found if t.mask & first.mask & ~wanted == 0][:120]
        for place, second in enumerate(inner):
            steps.spend(1 + place // 20)
            for third in inner[:place]:
                if (second.mask | third.mask) & first.mask == wanted:
                    yield _together(
                        ops.BOTH, first, _together(ops.EITHER, third, second)
                    )


def _together(op: Op, first: Test, second: Test) -> Test:
    term = build(op, "bool", first.term, second.term)
    return Test(
        term, 0, first.cost + second.cost + 1, first.gap if first.gap else second.gap
    )
