"""Numbers as conditions: a term against a constant that separates examples."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.conditions import Gap, Test, cost_of
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Term, build


def thresholds(problem: Problem, terms: Sequence[Term], steps: Steps) -> Iterator[Test]:
    """Every way a bound on a term splits the examples."""
    for term in terms:
        values = term.values[: problem.count]
        if None in values:
            continue
        levels = sorted(set(values))
        steps.spend(len(levels))
        for low, high in itertools.pairwise(levels):
            yield from _separators(problem, term, low, high)


def _separators(problem: Problem, term: Term, low: Any, high: Any) -> Iterator[Test]:
    taken, worth = boundary(problem, term, low, high)
    bar = problem.literal(taken)
    below = sum(
        1 << place
        for place, value in enumerate(term.values[: problem.count])
        if value <= low
    )
    inside, outside = (
        (ops.AT_MOST, ops.MORE) if taken < high else (ops.LESS, ops.AT_LEAST)
    )
    gap = Gap(term, low, high, taken)
    for op, mask in ((inside, below), (outside, problem.everything & ~below)):
        found = build(op, "bool", term, bar)
        yield Test(found, mask, cost_of(problem, found) + worth, gap)


def boundary(problem: Problem, term: Term, low: Any, high: Any) -> tuple[Any, float]:
    """The likeliest constant in low..high, and what it costs: stated, zero or round."""
    stated = [value for value, size in problem.constants if size == 1]
    for value in stated:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if (whole or isinstance(value, float)) and low <= value <= high:
            return (int(value) if whole else value), 0.0
    for digits in range(1, 17):
        first = _rounded_up(low, digits)
        if first <= high:
            top = float(f"{high:.{digits}g}")
            value = top if low < top <= high else first
            if term.kind == "int":
                value = int(value) if low <= int(value) <= high else high
            return value, _vagueness(term, low, high) + 0.5 * digits
    return high, 3.0


def _vagueness(term: Term, low: Any, high: Any) -> float:
    """Examples on both sides of a boundary say more than examples far from it."""
    if term.op is not None and term.op.name == "%":
        return 3.0
    tight = high - low == 1 if term.kind == "int" else high - low < 0.02 * abs(high)
    return 0.0 if tight else 2.5


def _rounded_up(value: Any, digits: int) -> float:
    near = float(f"{value:.{digits}g}")
    if near >= value:
        return near
    step = 10.0 ** (len(str(int(abs(value)))) - digits)
    return float(f"{near + step:.12g}")
