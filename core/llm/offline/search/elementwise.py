"""Rules for lists that treat each item alike: maps and filters."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.llm.offline.search.hunt import Hunt
from core.llm.offline.search.mappings import filtered, kept, mapped, spread
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import LIST_OF, Term

Solver = Callable[[Hunt], bool]


def element_wise(hunt: Hunt, solve: Solver) -> None:
    """Offer maps and filters; `solve` finds the rule for one item."""
    problem = hunt.problem
    lists = [leaf for leaf in problem.leaves if leaf.kind in LIST_OF.values()]
    groups = [[one] for one in lists]
    groups += [[a, b] for n, b in enumerate(lists) for a in lists[:n]]
    for group in groups:
        for term in _maps(hunt, group, solve):
            if problem.matches(term):
                hunt.offer(term)
        if hunt.accepted:
            return
    for items in lists:
        for term in _keeps(hunt, items, solve):
            if problem.matches(term):
                hunt.offer(term)


def _maps(hunt: Hunt, group: Sequence[Term], solve: Solver) -> list[Term]:
    problem = hunt.problem
    for place, wanted in enumerate(problem.target):
        if any(len(term.values[place]) != len(wanted) for term in group):
            return []
    element = spread(problem, group, problem.target)
    kind = problem.kind
    return [mapped(problem, t, group, kind) for t in _inner(hunt, element, solve)]


def _keeps(hunt: Hunt, items: Term, solve: Solver) -> list[Term]:
    problem = hunt.problem
    pairs = zip(items.values, problem.target, strict=False)
    flags = [kept(values, result) for values, result in pairs]
    if None in flags:
        return []
    targets = [flag for flag in flags if flag is not None]
    element = spread(problem, [items], targets)
    chosen = element and replace(element, kind="bool")
    return [filtered(problem, t, items) for t in _inner(hunt, chosen, solve)]


def _inner(outer: Hunt, element: Problem | None, solve: Solver) -> list[Term]:
    if element is None or not element.target:
        return []
    inner = Hunt(element, outer.steps)
    solve(inner)
    outer.gaps.update(inner.gaps)
    return inner.ranked()[:5]
