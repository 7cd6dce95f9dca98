"""Expressions grown from the bottom up, one for each thing they can be told apart by.

Each is held with its values at the arrivals at a line, so that two that give the same
everywhere are one (observational equivalence). Values are worked out here, on copies of
plain data, by the few operations below: no text is ever run on this side.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

FAILED = object()
Values = tuple[Any, ...]
_WRONG = (ArithmeticError, TypeError, ValueError, LookupError, AttributeError)
_MOST_DIGITS = 10**18


class Term(NamedTuple):
    """An expression's text, its values at each arrival, and how big it is."""

    text: str
    values: Values
    size: float
    kind: str


class Rule(NamedTuple):
    """One way to grow a term: `text` with {a} and {b}, and what it works out."""

    text: str
    work: Callable[..., Any]
    size: float = 1.0


_NUMBER = (
    Rule("{a} + 1", lambda a: a + 1, 0.6),
    Rule("{a} - 1", lambda a: a - 1, 0.6),
    Rule("-{a}", operator.neg),
    Rule("abs({a})", abs),
    Rule("{a} * 2", lambda a: a * 2, 1.3),
    Rule("{a} // 2", lambda a: a // 2, 1.3),
    Rule("{a} / 2", lambda a: a / 2, 1.4),
    Rule("{a} % 2", lambda a: a % 2, 1.3),
    Rule("{a} * {a}", lambda a: a * a, 1.4),
    Rule("int({a})", int, 1.3),
    Rule("str({a})", str, 1.4),
)
_ROW = (
    Rule("len({a})", len, 0.7),
    Rule("{a}[0]", lambda a: a[0], 0.8),
    Rule("{a}[-1]", lambda a: a[-1], 0.8),
    Rule("{a}[1:]", lambda a: a[1:]),
    Rule("{a}[:-1]", lambda a: a[:-1]),
    Rule("{a}[::-1]", lambda a: a[::-1], 1.1),
)
_LIST = (
    *_ROW,
    Rule("sum({a})", sum),
    Rule("min({a})", min),
    Rule("max({a})", max),
    Rule("sorted({a})", sorted, 1.1),
    Rule("set({a})", set, 1.3),
    Rule("list({a})", list, 1.2),
)
_TEXT = (
    *_ROW,
    Rule("{a}.lower()", lambda a: a.lower()),
    Rule("{a}.upper()", lambda a: a.upper(), 1.1),
    Rule("{a}.strip()", lambda a: a.strip()),
    Rule("{a}.split()", lambda a: a.split(), 1.3),
    Rule("{a}.title()", lambda a: a.title(), 1.5),
    Rule("{a}.isdigit()", lambda a: a.isdigit(), 1.2),
    Rule("{a}.isalpha()", lambda a: a.isalpha(), 1.2),
    Rule("{a}.isalnum()", lambda a: a.isalnum(), 1.3),
    Rule("{a}.isspace()", lambda a: a.isspace(), 1.4),
    Rule("{a}.isupper()", lambda a: a.isupper(), 1.4),
    Rule("int({a})", int, 1.2),
    Rule("float({a})", float, 1.4),
    Rule("sorted({a})", sorted, 1.4),
    Rule("list({a})", list, 1.4),
    Rule("set({a})", set, 1.5),
)
_DICT = (
    Rule("len({a})", len, 0.8),
    Rule("list({a})", list, 1.2),
    Rule("{a}.values()", lambda a: list(a.values()), 1.4),
    Rule("list({a}.values())", lambda a: list(a.values()), 1.3),
    Rule("sum({a}.values())", lambda a: sum(a.values()), 1.3),
    Rule("max({a}.values())", lambda a: max(a.values()), 1.5),
    Rule("sorted({a})", sorted, 1.3),
)
_SET = (
    Rule("len({a})", len, 0.7),
    Rule("sorted({a})", sorted),
    Rule("sum({a})", sum, 1.4),
)
ALONE: Mapping[str, tuple[Rule, ...]] = {
    "int": _NUMBER,
    "float": (*_NUMBER, Rule("round({a})", round, 1.3)),
    "bool": (Rule("not {a}", operator.not_, 0.6), Rule("int({a})", int, 1.4)),
    "str": _TEXT,
    "list": _LIST,
    "tuple": _LIST,
    "dict": _DICT,
    "set": _SET,
    "range": (Rule("len({a})", len),),
}
_NUMBERS = (
    Rule("{a} + {b}", operator.add),
    Rule("{a} - {b}", operator.sub),
    Rule("{a} * {b}", lambda a, b: _kept(a * b), 1.1),
    Rule("{a} // {b}", operator.floordiv, 1.3),
    Rule("{a} / {b}", operator.truediv, 1.2),
    Rule("{a} % {b}", operator.mod, 1.3),
    Rule("min({a}, {b})", min, 1.2),
    Rule("max({a}, {b})", max, 1.2),
)
_ROW_NUMBER = (
    Rule("{a}[{b}]", lambda a, b: a[b], 0.9),
    Rule("{a}[:{b}]", lambda a, b: a[:b], 1.2),
    Rule("{a}[{b}:]", lambda a, b: a[b:], 1.2),
)
_ROWS = (Rule("{a} + {b}", operator.add, 1.1),)
_TEXTS = (
    Rule("{a} + {b}", operator.add),
    Rule("{a}.count({b})", lambda a, b: a.count(b), 1.4),
    Rule("{a}.split({b})", lambda a, b: a.split(b), 1.4),
)
_LOOKED_UP = (
    Rule("{a}[{b}]", lambda a, b: a[b], 0.9),
    Rule("{a}.get({b})", lambda a, b: a.get(b), 1.2),
)
_COUNTED = (Rule("{a}.count({b})", lambda a, b: a.count(b), 1.4),)
_SETS = (
    Rule("{a} | {b}", operator.or_, 1.2),
    Rule("{a} & {b}", operator.and_, 1.2),
    Rule("{a} - {b}", operator.sub, 1.3),
)


def _kept(value: Any) -> Any:
    """The value, unless it grows beyond what any case could want."""
    if isinstance(value, int) and abs(value) > _MOST_DIGITS:
        raise OverflowError
    return value


def pair_rules(a: str, b: str) -> Sequence[Rule]:
    """How a term of kind `a` may be joined with one of kind `b`."""
    numbers = ("int", "float")
    if a in numbers and b in numbers:
        return _NUMBERS
    if a in ("list", "tuple", "str") and b == "int":
        return _ROW_NUMBER
    if a == b == "str":
        return _TEXTS
    if a == "dict" and b in ("str", "int", "tuple"):
        return _LOOKED_UP
    if a == b == "set":
        return _SETS
    if a == b and a in ("list", "tuple"):
        return _ROWS
    return _COUNTED if a in ("list", "tuple") and b in ("str", "int") else ()


def told(value: Any) -> str:
    """A value as text, the same in every process: a set's order is not."""
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(repr, value)))}}}"
    return repr(value)


def kind_of(values: Values) -> str:
    """The type of the first value there is; "" where none is."""
    for value in values:
        if value is not FAILED and value is not None:
            return type(value).__name__
    return "None" if None in values else ""


def worked(rule: Rule, *operands: Term) -> Values:
    """The rule's value at each arrival, FAILED where it raises."""
    return tuple(
        _value(rule, given)
        for given in zip(*(one.values for one in operands), strict=True)
    )


def _value(rule: Rule, given: tuple[Any, ...]) -> Any:
    if FAILED in given:
        return FAILED
    try:
        return rule.work(*given)
    except _WRONG:
        return FAILED


def bracketed(text: str) -> str:
    """The text as an operand."""
    plain = text.replace("_", "a").replace(".", "a").isalnum()
    whole = text[-1] in ")]" and not set(" -") & set(_outside(text))
    quoted = text[0] == text[-1] == "'" and "'" not in text[1:-1]
    return text if plain or whole or quoted else f"({text})"


def _outside(text: str) -> Iterator[str]:
    """The characters outside of every bracket."""
    depth = 0
    for character in text:
        depth -= character in ")]}"
        if not depth:
            yield character
        depth += character in "([{"


def written(text: str, a: str, b: str = "") -> str:
    """The operands written into a rule, in brackets unless a call or index holds them."""
    for name, operand in (("{a}", a), ("{b}", b)):
        held = text.startswith(f"{name}") or f" {name}" in text or text[0] == "-"
        inside = f"({name}" in text or f"[{name}" in text or f", {name}" in text
        fitted = bracketed(operand) if held and not inside and operand else operand
        text = text.replace(name, fitted)
    return text
