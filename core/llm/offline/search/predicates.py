"""Conditions that separate examples: comparisons, tests of text, and/or of them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import NUMBERS, Op, Term, build

MOST_SPLITS = 1500


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


def tests(problem: Problem, terms: Sequence[Term], steps: Steps) -> list[Test]:
    """One condition for each way to split the examples, the cheapest first."""
    best: dict[int, Test] = {}
    for test in _candidates(problem, terms, steps):
        held = best.get(test.mask)
        if held is None or test.cost < held.cost:
            best[test.mask] = test
    ordered = sorted(best.values(), key=lambda test: test.cost)
    return ordered[:MOST_SPLITS]


def _candidates(
    problem: Problem, terms: Sequence[Term], steps: Steps
) -> Iterator[Test]:
    flags = [term for term in terms if term.kind == "bool" and term.used]
    texts = [term for term in terms if term.kind == "str"]
    lists = [term for term in terms if term.kind in ("ints", "floats", "strs")]
    counts = [term for term in terms if term.kind in NUMBERS and not _curved(term)]
    for flag in flags:
        yield from _both_ways(problem, flag, ops.OPPOSITE)
    yield from _divisions(problem, [t for t in counts if t.kind == "int"], steps)
    yield from _thresholds(problem, [t for t in counts if t.used], steps)
    yield from _comparisons(problem, counts, steps)
    yield from _of_text(problem, texts, steps)
    yield from _of_lists(problem, lists, (*counts, *texts), steps)


def _curved(term: Term) -> bool:
    """Roots and logarithms order numbers as their arguments do."""
    return any(part.op and part.op.name.startswith("math.") for part in term.walk())


def _both_ways(problem: Problem, term: Term, opposite: Op) -> Iterator[Test]:
    mask = mask_of(term, problem.count)
    if mask is None:
        return
    yield Test(term, mask, _cost(problem, term))
    other = build(opposite, "bool", *(term.args if opposite.cost == 0 else (term,)))
    yield Test(other, problem.everything & ~mask, _cost(problem, other))


def _divisions(problem: Problem, terms: Sequence[Term], steps: Steps) -> Iterator[Test]:
    """`n % m == 0` for whole m, which no threshold on n can say."""
    wholes = (value for value, _ in problem.constants if type(value) is int)
    parts = sorted({*range(2, 13), 15, *(value for value in wholes if value > 1)})
    for term in terms:
        if term.size > 1 or term.constant:
            continue
        for part in parts:
            steps.spend(2)
            rest = build(ops.REMAINDER, "int", term, problem.literal(part))
            for test in _pair(problem, ops.EQUAL, rest, problem.literal(0)):
                common = part == 2 or "%" in problem.words
                rare = (0 if common else 1) - (1.5 if part in problem.stated else 0)
                yield replace(test, cost=test.cost + rare - 0.5 + part / 100)


def _cost(problem: Problem, term: Term) -> float:
    names = {part.op.name for part in term.walk() if part.op}
    return term.size - 0.75 * min(2, len(names & problem.words))


def _pair(problem: Problem, op: Op, left: Term, right: Term) -> Iterator[Test]:
    term = build(op, "bool", left, right)
    mask = mask_of(term, problem.count)
    if mask is None:
        return
    yield Test(term, mask, _cost(problem, term))
    if op.name in ops.NEGATION:
        other = build(ops.NEGATION[op.name], "bool", left, right)
        yield Test(other, problem.everything & ~mask, _cost(problem, other))
    else:
        other = build(ops.OPPOSITE, "bool", term)
        yield Test(other, problem.everything & ~mask, _cost(problem, other))


def _thresholds(
    problem: Problem, terms: Sequence[Term], steps: Steps
) -> Iterator[Test]:
    for term in terms:
        values = term.values[: problem.count]
        if None in values:
            continue
        levels = sorted(set(values))
        steps.spend(len(levels))
        for low, high in itertools.pairwise(levels):
            yield from _boundary(problem, term, low, high)


def _boundary(problem: Problem, term: Term, low: Any, high: Any) -> Iterator[Test]:
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
        yield Test(found, mask, _cost(problem, found) + worth, gap)


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


def _comparisons(
    problem: Problem, terms: Sequence[Term], steps: Steps
) -> Iterator[Test]:
    small = [term for term in terms if term.size <= 3][:160]
    for place, left in enumerate(small):
        for right in small[place + 1 :]:
            if left.size + right.size > 4 or not (left.used or right.used):
                continue
            steps.spend(2)
            first, second = (right, left) if left.constant else (left, right)
            yield from _pair(problem, ops.EQUAL, first, second)
            if not (left.constant or right.constant):
                yield from _pair(problem, ops.LESS, first, second)
                yield from _pair(problem, ops.LESS, second, first)


def _of_text(problem: Problem, texts: Sequence[Term], steps: Steps) -> Iterator[Test]:
    known = [term for term in texts if term.used and term.size <= 3]
    fixed = [term for term in texts if term.constant]
    seen = {
        value
        for term in known
        if term.size == 1
        for value in term.values[: problem.count]
        if isinstance(value, str)
    }
    letters = {letter for word in seen for letter in word}
    words = [problem.literal(word, 2) for word in sorted(seen | letters)[:60]]
    for term in known:
        for other in (*fixed, *words):
            steps.spend(4)
            for op in (ops.EQUAL, ops.STARTS, ops.ENDS):
                yield from _pair(problem, op, term, other)
            yield from _pair(problem, ops.CONTAINS, other, term)
        for other in known:
            if other is not term and term.size + other.size <= 4:
                steps.spend(2)
                for op in (ops.EQUAL, ops.STARTS, ops.ENDS):
                    yield from _pair(problem, op, term, other)
                yield from _pair(problem, ops.CONTAINS, other, term)


def _of_lists(
    problem: Problem, lists: Sequence[Term], items: Sequence[Term], steps: Steps
) -> Iterator[Test]:
    small = [term for term in lists if term.size <= 2]
    for place, term in enumerate(small):
        for other in small[place + 1 :]:
            steps.spend(1)
            yield from _pair(problem, ops.EQUAL, term, other)
        for item in items:
            if item.size == 1 and item.used != term.used:
                steps.spend(1)
                yield from _pair(problem, ops.CONTAINS, item, term)


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
