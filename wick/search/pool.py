"""The terms and the conditions that may stand at a line, smallest first."""

from __future__ import annotations

import operator
from ast import literal_eval
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from wick.search.observe import Visit
from wick.search.terms import (
    ALONE,
    FAILED,
    Rule,
    Term,
    bracketed,
    kind_of,
    pair_rules,
    worked,
)
from wick.search.view import View

_MOST_TERMS, _MOST_CONDITIONS, _MOST_KEYS = 400, 400, 12
_TESTS, _DEEP_TESTS = 60, 120
# Conditions that no arrival tells apart may still differ on inputs not yet seen.
_MOST_ALIKE = 3
_NUMBERS = ("int", "float")
_ORDER: tuple[tuple[str, Callable[[Any, Any], Any], float], ...] = (
    ("{a} == {b}", operator.eq, 0.3),
    ("{a} < {b}", operator.lt, 0.3),
    ("{a} > {b}", operator.gt, 0.3),
    ("{a} <= {b}", operator.le, 0.4),
    ("{a} >= {b}", operator.ge, 0.4),
    ("{a} != {b}", operator.ne, 0.5),
)
_EQUAL = (_ORDER[0], _ORDER[5])
_WITHIN = (
    ("{a} in {b}", lambda a, b: a in b, 0.3),
    ("{a} not in {b}", lambda a, b: a not in b, 0.3),
)


class Condition(NamedTuple):
    """A condition's text, whether it holds at each arrival, and how big it is."""

    text: str
    truth: tuple[Any, ...]
    size: float


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
    return Pool(visits, leaves, terms, _conditions(terms[:reach], leaves))


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


def _size(term: Term | Condition) -> float:
    return term.size


def _keep(seen: dict[str, Term], terms: Iterable[Term]) -> list[Term]:
    """The terms whose values none smaller gave before."""
    fresh = []
    for term in sorted(terms, key=_size):
        key = repr(term.values)
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
    text = _written(rule.text, *(one.text for one in operands))
    size = rule.size + sum(one.size for one in operands)
    return Term(text, values, size, kind_of(values))


def _written(text: str, a: str, b: str = "") -> str:
    """The operands written into a rule, in brackets unless a call or index holds them."""
    for name, operand in (("{a}", a), ("{b}", b)):
        held = text.startswith(f"{name}") or f" {name}" in text or text[0] == "-"
        inside = f"({name}" in text or f"[{name}" in text or f", {name}" in text
        fitted = bracketed(operand) if held and not inside and operand else operand
        text = text.replace(name, fitted)
    return text


def _conditions(terms: list[Term], leaves: list[Term]) -> list[Condition]:
    alike: dict[tuple[Any, ...], int] = {}
    found: dict[str, Condition] = {}
    for condition in sorted(_tests(terms, leaves), key=_size):
        count = alike.get(condition.truth, 0)
        if len(found) < _MOST_CONDITIONS and count < _MOST_ALIKE and _splits(condition):
            alike[condition.truth] = count + 1
            found.setdefault(condition.text, condition)
    return list(found.values())


def _splits(condition: Condition) -> bool:
    """Whether it holds somewhere, and not everywhere unless there is but one arrival."""
    truth = condition.truth
    return True in truth and (False in truth or len(truth) == 1)


def _tests(terms: list[Term], leaves: list[Term]) -> Iterator[Condition]:
    for term in terms:
        yield from _alone(term)
    for a, b in product(terms, leaves):
        if a is not b and not _literal(a):
            yield from _compared(a, b)


def _literal(term: Term) -> bool:
    return term.text[0] in "0123456789-'\"" and term.text[1:].replace(".", "").isdigit()


def _alone(term: Term) -> Iterator[Condition]:
    if term.kind == "bool" or term.kind in _HOLDERS:
        yield _tested("not {a}", lambda a: not a, term, 0.0)
        yield _tested("{a}", bool, term, 0.0)
    kinds = {type(value).__name__ for value in term.values if value is not FAILED}
    if len(kinds) > 1 and term.text.isidentifier():
        for kind in sorted(kinds & _KINDS):
            text = f"isinstance({{a}}, {kind})"
            yield _tested(text, _is_a(kind), term, 0.2)
            yield _tested(f"not {text}", _is_no(kind), term, 0.3)
    if None in [value for value in term.values if value is None]:
        yield _tested("{a} is None", lambda a: a is None, term, 0.2)
        yield _tested("{a} is not None", lambda a: a is not None, term, 0.2)


def _is_a(kind: str) -> Callable[[Any], bool]:
    return lambda value: type(value).__name__ == kind


def _is_no(kind: str) -> Callable[[Any], bool]:
    return lambda value: type(value).__name__ != kind


_KINDS = frozenset(("list", "str", "dict", "set", "tuple", "int", "float", "bool"))
_HOLDERS = ("list", "str", "dict", "set", "tuple")


def _compared(a: Term, b: Term) -> Iterator[Condition]:
    if a.kind in _NUMBERS and b.kind in _NUMBERS:
        for text, work, size in _ORDER:
            yield _tested(text, work, a, size, b)
    elif a.kind == b.kind:
        for text, work, size in _EQUAL:
            yield _tested(text, work, a, size, b)
    if b.kind in _HOLDERS and (b.kind != "str" or a.kind == "str"):
        for text, work, size in _WITHIN:
            yield _tested(text, work, a, size, b)


def _tested(
    text: str, work: Callable[..., Any], a: Term, size: float, b: Term | None = None
) -> Condition:
    rule = Rule(text, work)
    operands = (a,) if b is None else (a, b)
    truth = tuple(
        value if value is FAILED else bool(value) for value in worked(rule, *operands)
    )
    written = _written(text, *(one.text for one in operands))
    return Condition(written, truth, size + sum(one.size for one in operands))
