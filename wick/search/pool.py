"""The terms and the conditions that may stand at a line, smallest first."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from wick.search.observe import Visit
from wick.search.splits import Condition, conditions
from wick.search.terms import (
    ALONE,
    FAILED,
    Rule,
    Term,
    kind_of,
    pair_rules,
    told,
    worked,
    written,
)
from wick.search.view import View

_MOST_TERMS, _MOST_KEYS = 400, 12
_TESTS, _DEEP_TESTS = 60, 120
_NUMBERS = ("int", "float")


class Pool(NamedTuple):
    """What may be written at a line; the conditions each split its arrivals anew."""

    visits: Sequence[Visit]
    leaves: list[Term]
    terms: list[Term]
    conditions: list[Condition]


def pool_at(view: View, line: int, *, deep: bool = False) -> Pool:
    """Grow the pool of a line from the names it was seen to hold, twice if `deep`."""
    visits = view.visits(line)
    leaves = list(_leaves(view, line, visits))
    if not visits:
        return Pool((), leaves, leaves, [])
    terms = _grown(leaves, deep=deep)
    reach = _DEEP_TESTS if deep else _TESTS
    return Pool(visits, leaves, terms, conditions(terms[:reach], leaves))


def _leaves(view: View, line: int, visits: Sequence[Visit]) -> Iterator[Term]:
    for name in view.names(line):
        values = tuple(visit.names.get(name, FAILED) for visit in visits)
        yield Term(name, values, 0.5, kind_of(values))
    for text in dict.fromkeys(("0", "1", "-1", *view.numbers, "2")):
        yield _constant(text, visits, 0.6 if text in ("0", "1") else 0.8)
    for text in view.strings:
        yield _constant(text, visits, 0.8)


def _constant(text: str, visits: Sequence[Visit], size: float) -> Term:
    value = literal_eval(text)
    return Term(text, (value,) * len(visits), size, type(value).__name__)


def _grown(leaves: list[Term], *, deep: bool) -> list[Term]:
    names = [leaf for leaf in leaves if leaf.text[0].isidentifier()]
    seen: dict[str, Term] = {}
    _keep(seen, leaves)
    first = _keep(seen, _once(names, leaves))
    if deep:
        _keep(seen, _once(sorted(first, key=_size)[:60], leaves))
    found = sorted(seen.values(), key=_size)
    return found[:_MOST_TERMS]


def _size(term: Term) -> float:
    return term.size


def _keep(seen: dict[str, Term], terms: Iterable[Term]) -> list[Term]:
    """The terms whose values none smaller gave before."""
    fresh = []
    for term in sorted(terms, key=_size):
        sets = term.kind == "set"
        key = "|".join(map(told, term.values)) if sets else repr(term.values)
        if key not in seen and any(value is not FAILED for value in term.values):
            seen[key] = term
            fresh.append(term)
    return fresh


def _once(terms: list[Term], leaves: list[Term]) -> Iterator[Term]:
    for a in terms:
        for rule in (*ALONE.get(a.kind, ()), *_keyed(a)):
            yield _joined(rule, a)
    for a, b in product(terms, leaves):
        if a is b:
            continue
        for rule in pair_rules(a.kind, b.kind):
            yield _joined(rule, a, b)
        if b.kind in _NUMBERS and a.kind in _NUMBERS:
            for rule in _TURNED:
                yield _joined(rule, a, b)


_TURNED = (
    Rule("{b} - {a}", lambda a, b: b - a, 1.1),
    Rule("{b} / {a}", lambda a, b: b / a, 1.4),
    Rule("{b} // {a}", lambda a, b: b // a, 1.5),
    Rule("{b} % {a}", lambda a, b: b % a, 1.5),
)


def _keyed(term: Term) -> Iterator[Rule]:
    """The look-ups of the keys a dict was seen to hold."""
    if term.kind != "dict":
        return
    first = next(value for value in term.values if isinstance(value, dict))
    for key in [key for key in first if isinstance(key, str)][:_MOST_KEYS]:
        yield Rule(f"{{a}}[{key!r}]", lambda a, key=key: a[key], 0.9)


def _joined(rule: Rule, a: Term, b: Term | None = None) -> Term:
    operands = (a,) if b is None else (a, b)
    values = worked(rule, *operands)
    text = written(rule.text, *(one.text for one in operands))
    size = rule.size + sum(one.size for one in operands)
    return Term(text, values, size, kind_of(values))
