"""Conditions that separate examples: comparisons, tests of text, and/or of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.conditions import Test, cost_of, mask_of, pair
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import NUMBERS, Op, Term, build
from core.llm.offline.search.thresholds import thresholds

MOST_SPLITS = 1500


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
    yield from thresholds(problem, [t for t in counts if t.used], steps)
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
    yield Test(term, mask, cost_of(problem, term))
    other = build(opposite, "bool", *(term.args if opposite.cost == 0 else (term,)))
    yield Test(other, problem.everything & ~mask, cost_of(problem, other))


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
            for test in pair(problem, ops.EQUAL, rest, problem.literal(0)):
                common = part == 2 or "%" in problem.words
                rare = (0 if common else 1) - (1.5 if part in problem.stated else 0)
                yield replace(test, cost=test.cost + rare - 0.5 + part / 100)


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
            yield from pair(problem, ops.EQUAL, first, second)
            if not (left.constant or right.constant):
                yield from pair(problem, ops.LESS, first, second)
                yield from pair(problem, ops.LESS, second, first)


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
                yield from pair(problem, op, term, other)
            yield from pair(problem, ops.CONTAINS, other, term)
        for other in known:
            if other is not term and term.size + other.size <= 4:
                steps.spend(2)
                for op in (ops.EQUAL, ops.STARTS, ops.ENDS):
                    yield from pair(problem, op, term, other)
                yield from pair(problem, ops.CONTAINS, other, term)


def _of_lists(
    problem: Problem, lists: Sequence[Term], items: Sequence[Term], steps: Steps
) -> Iterator[Test]:
    small = [term for term in lists if term.size <= 2]
    for place, term in enumerate(small):
        for other in small[place + 1 :]:
            steps.spend(1)
            yield from pair(problem, ops.EQUAL, term, other)
        for item in items:
            if item.size == 1 and item.used != term.used:
                steps.spend(1)
                yield from pair(problem, ops.CONTAINS, item, term)
