"""The conditions that may stand at a line: each splits its arrivals in a way of its own."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from wick.search.terms import FAILED, Rule, Term, Values, worked, written

_MOST = 400
# Conditions that no arrival tells apart may still differ on inputs not yet seen.
_MOST_ALIKE = 3
_NUMBERS = ("int", "float")
_KINDS = frozenset(("list", "str", "dict", "set", "tuple", "int", "float", "bool"))
_HOLDERS = ("list", "str", "dict", "set", "tuple")
# What each sign says of below (-1), equal (0) and above (1).
_ORDER: tuple[tuple[str, dict[Any, Any], float], ...] = (
    ("{a} == {b}", {-1: False, 0: True, 1: False}, 0.3),
    ("{a} < {b}", {-1: True, 0: False, 1: False}, 0.3),
    ("{a} > {b}", {-1: False, 0: False, 1: True}, 0.3),
    ("{a} <= {b}", {-1: True, 0: True, 1: False}, 0.4),
    ("{a} >= {b}", {-1: False, 0: True, 1: True}, 0.4),
    ("{a} != {b}", {-1: True, 0: False, 1: True}, 0.5),
)
_EQUAL = (("{a} == {b}", operator.eq, 0.3), ("{a} != {b}", operator.ne, 0.5))
_WITHIN = (
    ("{a} in {b}", lambda a, b: a in b, 0.3),
    ("{a} not in {b}", lambda a, b: a not in b, 0.3),
)


class Condition(NamedTuple):
    """A condition's text, whether it holds at each arrival, and how big it is."""

    text: str
    truth: Values
    size: float


class _Test(NamedTuple):
    """A condition not yet written."""

    size: float
    form: str
    truth: Values
    operands: tuple[str, ...]


def conditions(terms: Sequence[Term], leaves: Sequence[Term]) -> list[Condition]:
    """Smallest first, no more than three that split the arrivals alike."""
    alike: dict[Values, int] = {}
    found: dict[str, Condition] = {}
    for test in sorted(_tests(terms, leaves), key=lambda test: test.size):
        count = alike.get(test.truth, 0)
        if len(found) < _MOST and count < _MOST_ALIKE and _splits(test.truth):
            alike[test.truth] = count + 1
            text = written(test.form, *test.operands)
            found.setdefault(text, Condition(text, test.truth, test.size))
    return list(found.values())


def _splits(truth: Values) -> bool:
    """Whether it holds somewhere, and not everywhere unless there is but one arrival."""
    return True in truth and (False in truth or len(truth) == 1)


def _tests(terms: Sequence[Term], leaves: Sequence[Term]) -> Iterator[_Test]:
    for term in terms:
        yield from _alone(term)
    for a, b in product(terms, leaves):
        if a is not b and not _literal(a):
            yield from _compared(a, b)


def _literal(term: Term) -> bool:
    return term.text[0] in "0123456789-'\"" and term.text[1:].replace(".", "").isdigit()


def _alone(term: Term) -> Iterator[_Test]:
    if term.kind == "bool" or term.kind in _HOLDERS:
        yield _tested("not {a}", operator.not_, term, 0.0)
        yield _tested("{a}", bool, term, 0.0)
    kinds = {type(value).__name__ for value in term.values if value is not FAILED}
    if len(kinds - {"NoneType"}) > 1 and term.text.isidentifier():
        for kind in sorted(kinds & _KINDS):
            form = f"isinstance({{a}}, {kind})"
            yield _tested(form, _is_a(kind), term, 0.2)
            yield _tested(f"not {form}", _is_no(kind), term, 0.3)
    if "NoneType" in kinds:
        yield _tested("{a} is None", lambda a: a is None, term, 0.2)
        yield _tested("{a} is not None", lambda a: a is not None, term, 0.2)


def _is_a(kind: str) -> Callable[[Any], bool]:
    return lambda value: type(value).__name__ == kind


def _is_no(kind: str) -> Callable[[Any], bool]:
    return lambda value: type(value).__name__ != kind


def _compared(a: Term, b: Term) -> Iterator[_Test]:
    if a.kind in _NUMBERS and b.kind in _NUMBERS:
        yield from _ordered(a, b)
    elif a.kind == b.kind:
        for form, work, size in _EQUAL:
            yield _tested(form, work, a, size, b)
    if b.kind in _HOLDERS and (b.kind != "str" or a.kind == "str"):
        for form, work, size in _WITHIN:
            yield _tested(form, work, a, size, b)


def _ordered(a: Term, b: Term) -> Iterator[_Test]:
    """All six signs from one comparison."""
    signs = worked(_SIGN, a, b)
    for form, says, size in _ORDER:
        truth = tuple(says.get(sign, FAILED) for sign in signs)
        yield _Test(size + a.size + b.size, form, truth, (a.text, b.text))


_SIGN = Rule("", lambda a, b: (a > b) - (a < b))


def _tested(
    form: str, work: Callable[..., Any], a: Term, size: float, b: Term | None = None
) -> _Test:
    operands = (a,) if b is None else (a, b)
    found = worked(Rule(form, work), *operands)
    truth = tuple(one if one is FAILED else bool(one) for one in found)
    texts = tuple(one.text for one in operands)
    return _Test(size + sum(one.size for one in operands), form, truth, texts)
