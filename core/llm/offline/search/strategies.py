"""Where a search looks, in order of effort."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from core.llm.offline.search import operators as ops
from core.llm.offline.search.branches import decisions, extremes, leaves, results_of
from core.llm.offline.search.budget import OutOfSteps
from core.llm.offline.search.conditions import Test, combined, nested
from core.llm.offline.search.elementwise import element_wise
from core.llm.offline.search.evidence import roomiest
from core.llm.offline.search.fits import features, fits
from core.llm.offline.search.hunt import Hunt
from core.llm.offline.search.mappings import list_terms
from core.llm.offline.search.meet import Index, numbers, one_step, two_steps
from core.llm.offline.search.pool import Pool
from core.llm.offline.search.predicates import tests
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import LIST_OF, NUMBERS, Term

DEEPEST = 5
TESTED = ("bool", "str", *LIST_OF.values(), *NUMBERS)


def solve(hunt: Hunt) -> bool:
    """Look for terms in order of effort; True when one was accepted."""
    problem = hunt.problem
    pool = Pool(problem, hunt.steps, hunt.offer)
    if problem.count == 0:
        return False
    try:
        _search(hunt, pool)
    except OutOfSteps:
        return bool(hunt.accepted)
    return bool(hunt.accepted)


def _search(hunt: Hunt, pool: Pool) -> None:
    _enumerate(hunt, pool)
    if hunt.best <= pool.size + 0.5:
        return
    if hunt.problem.kind in LIST_OF.values():
        element_wise(hunt, solve)
    elif hunt.problem.kind == "bool":
        _conditions(hunt, pool)
    else:
        _composed(hunt, pool)


def _enumerate(hunt: Hunt, pool: Pool) -> None:
    deepest = 3 if hunt.problem.kind == "bool" else DEEPEST
    extra = list_terms(hunt.problem, hunt.steps)
    try:
        while pool.size < deepest and pool.size + 1 <= hunt.best and not pool.full:
            pool.grow(extra)
    except OutOfSteps:
        if not hunt.accepted:
            raise


def _conditions(hunt: Hunt, pool: Pool) -> None:
    problem = hunt.problem
    wanted = sum(1 << n for n, value in enumerate(problem.target) if value is True)
    if wanted in (0, problem.everything):
        return
    terms = _usable(pool, 3, TESTED)
    found = tests(problem, terms, hunt.steps)
    _offer_tests(hunt, (t for t in found if t.mask == wanted))
    if not hunt.accepted:
        pairs = sorted(combined(found, wanted, hunt.steps), key=lambda t: t.cost)
        hunt.gaps.update({id(t.term): t.gap for t in found if t.gap})
        _offer_tests(hunt, pairs[:20])
    if not hunt.accepted:
        _offer_tests(hunt, nested(found, wanted, hunt.steps))
    if not hunt.accepted:
        _decide(hunt, terms, [], found)


def _offer_tests(hunt: Hunt, found: Iterator[Test] | Sequence[Test]) -> None:
    for test in found:
        if test.gap:
            hunt.gaps[id(test.term)] = test.gap
        hunt.offer_long(test.term)


def _usable(pool: Pool, size: int, kinds: Sequence[str]) -> list[Term]:
    count = pool.problem.count
    return [t for t in pool.up_to(size, kinds) if None not in t.values[:count]]


def _composed(hunt: Hunt, pool: Pool) -> None:
    problem = hunt.problem
    if problem.kind in NUMBERS:
        _numeric(hunt, pool)
        return
    terms = list(pool.up_to(DEEPEST, (problem.kind,)))
    _by_cases(hunt, pool, leaves(problem, terms, [], hunt.steps))


def _numeric(hunt: Hunt, pool: Pool) -> None:
    """Exact fits, the last step from the target's side, min/max, cases, two steps."""
    problem, steps, room = hunt.problem, hunt.steps, roomiest(hunt.problem)
    basis = features(pool.up_to(3, NUMBERS), problem.count)
    _offer_fits(hunt, basis)
    index = Index(problem, numbers(pool.up_to(DEEPEST, NUMBERS)))
    _offer_until(hunt, one_step(problem, index, steps, room), 40)
    kinds = tuple(dict.fromkeys((problem.kind, *NUMBERS)))
    covering = leaves(problem, list(pool.up_to(DEEPEST, kinds)), basis, steps)
    for term in extremes(problem, covering, steps):
        hunt.offer_long(term, slack=4)
    _by_cases(hunt, pool, covering)
    if not hunt.accepted:
        small = _usable(pool, 3, NUMBERS)[:150]
        _offer_until(hunt, two_steps(problem, index, small, steps, room), 3)


def _offer_fits(hunt: Hunt, basis: Sequence[Term]) -> None:
    problem = hunt.problem
    for term, surplus in fits(problem, basis, problem.everything, hunt.steps):
        if problem.matches(term):
            hunt.offer_long(term, slack=2 if surplus < 4 else term.size)


def _offer_until(hunt: Hunt, terms: Iterable[Term], most: int) -> None:
    """Offer terms until more than `most` have been accepted in all."""
    for term in terms:
        hunt.offer_long(term)
        if len(hunt.accepted) > most:
            return


def _by_cases(hunt: Hunt, pool: Pool, covering: Sequence[Any]) -> None:
    """if/elif/else, unless a rule is known that is as small as two cases."""
    if hunt.best > 6:
        terms = _usable(pool, 3, TESTED)
        _decide(hunt, terms, covering, tests(hunt.problem, terms, hunt.steps))


def _decide(
    hunt: Hunt, terms: Sequence[Term], covering: Sequence[Any], found: Sequence[Test]
) -> None:
    problem = hunt.problem
    if not covering:
        covering = leaves(problem, terms, [], hunt.steps)
    hunt.gaps.update({id(test.term): test.gap for test in found if test.gap})
    for count in range(2, DEEPEST + 1):
        term = decisions(problem, covering, found, count, hunt.steps)
        if term is None:
            continue
        if 2 * count > problem.count or not _supported(problem, term):
            hunt.too_long = hunt.too_long or term
            return
        hunt.offer_long(term, slack=_plain_cases(term) + 2 * count)
        if hunt.accepted:
            return


def _plain_cases(term: Term) -> int:
    """The size of cases that are a constant: they say one output each."""
    return sum(result.size for result in results_of(term) if result.constant)


def _supported(problem: Problem, term: Term) -> bool:
    """Most branches must be seen more than once, or the rule is a table."""
    places = list(range(problem.count))
    lonely = 0
    while term.op is ops.CHOOSE:
        test, _, term = term.args
        here = [place for place in places if test.values[place]]
        places = [place for place in places if not test.values[place]]
        lonely += len(here) == 1
    lonely += len(places) == 1
    return lonely <= max(1, problem.count // 4)
