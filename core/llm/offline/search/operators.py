"""The operators the search may use, each with its value and its Python form."""

import math
import operator
from collections.abc import Callable
from typing import Any

from core.llm.offline.search.terms import (
    ADD,
    AND,
    ATOM,
    CHOICE,
    COMPARE,
    NOT,
    OR,
    POWER,
    SIGN,
    TIMES,
    Op,
)

MOST = 10**15  # larger intermediate whole numbers are never what an example meant


def _bounded(value: Any) -> Any:
    if abs(value) > MOST:
        raise OverflowError
    return value


def _times(left: Any, right: Any) -> Any:
    return _bounded(left * right)


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > 100 or abs(base) > 1e6:
        raise OverflowError
    value = base**exponent
    if type(value) is complex:
        raise ArithmeticError
    return _bounded(value)


def _repeat(text: str, count: int) -> str:
    if count > 100:
        raise OverflowError
    return text * count


def _between(name: str, mark: str, level: int, apply: Callable[..., Any]) -> Op:
    return Op(name, f"{{}} {mark} {{}}", apply, level, (level, level + 1))


def _call(name: str, apply: Callable[..., Any], *, cost: int = 1) -> Op:
    return Op(name, name + "({})", apply, cost=cost)


PLUS = _between("+", "+", ADD, operator.add)._replace(commutes=True)
MINUS = _between("-", "-", ADD, operator.sub)
MULTIPLY = _between("*", "*", TIMES, _times)._replace(commutes=True)
DIVIDE = _between("/", "/", TIMES, operator.truediv)
FLOOR_DIVIDE = _between("//", "//", TIMES, operator.floordiv)
REMAINDER = _between("%", "%", TIMES, operator.mod)
RAISE = Op("**", "{} ** {}", _power, POWER, (ATOM, SIGN))
LEAST = Op("min", "min({}, {})", min, needs=(CHOICE, CHOICE), commutes=True)
GREATEST = Op("max", "max({}, {})", max, needs=(CHOICE, CHOICE), commutes=True)
NEGATE = Op("negate", "-{}", operator.neg, SIGN, (POWER,))
ABSOLUTE = _call("abs", abs)
ROUND = _call("round", round)
FLOOR = _call("math.floor", math.floor)
CEILING = _call("math.ceil", math.ceil)
TRUNCATE = _call("int", int)
ROOT = _call("math.sqrt", math.sqrt)
LOG = _call("math.log", math.log, cost=2)
EXP = _call("math.exp", math.exp, cost=2)
SQUARE = Op("square", "{} ** 2", lambda x: _power(x, 2), POWER, (ATOM,), cost=2)
CUBE = Op("cube", "{} ** 3", lambda x: _power(x, 3), POWER, (ATOM,), cost=3)

LESS = _between("<", "<", COMPARE, operator.lt)._replace(needs=(ADD, ADD))
AT_MOST = _between("<=", "<=", COMPARE, operator.le)._replace(needs=(ADD, ADD))
MORE = _between(">", ">", COMPARE, operator.gt)._replace(needs=(ADD, ADD))
AT_LEAST = _between(">=", ">=", COMPARE, operator.ge)._replace(needs=(ADD, ADD))
EQUAL = _between("==", "==", COMPARE, operator.eq)._replace(needs=(ADD, ADD))
UNEQUAL = _between("!=", "!=", COMPARE, operator.ne)._replace(needs=(ADD, ADD))
NEGATION = {
    "<": AT_LEAST,
    "<=": MORE,
    ">": AT_MOST,
    ">=": LESS,
    "==": UNEQUAL,
    "!=": EQUAL,
}
BOTH = Op("and", "{} and {}", lambda p, q: p and q, AND, (AND, NOT), commutes=True)
EITHER = Op("or", "{} or {}", lambda p, q: p or q, OR, (OR, AND), commutes=True)
OPPOSITE = Op("not", "not {}", operator.not_, NOT, (NOT,))
CONTAINS = Op("in", "{} in {}", lambda x, xs: x in xs, COMPARE, (ADD, ADD))
STARTS = Op("startswith", "{}.startswith({})", str.startswith, needs=(ATOM, CHOICE))
ENDS = Op("endswith", "{}.endswith({})", str.endswith, needs=(ATOM, CHOICE))
CHOOSE = Op(
    "if",
    "{1} if {0} else {2}",
    lambda p, x, y: x if p else y,
    CHOICE,
    (OR, OR, CHOICE),
)


def rounded(digits: int) -> Op:
    """Rounding to a stated number of decimals, halves up; plain `round` for none.

    Written with `floor`, because `round(x, 2)` differs between the two engines where
    the binary value lies next to a half.
    """
    if not digits:
        return ROUND
    unit = 10**digits
    form = f"math.floor({{}} * {unit} + 0.5) / {unit}"
    return Op(
        "round", form, lambda x: math.floor(x * unit + 0.5) / unit, TIMES, (TIMES,)
    )


def _method(name: str, apply: Callable[..., Any]) -> Op:
    return Op(name, "{}." + name + "()", apply, needs=(ATOM,))


def _first(items: Any) -> Any:
    return items[0]


LENGTH = _call("len", len)
TEXT_TO_TEXT = (
    _method("upper", str.upper),
    _method("lower", str.lower),
    _method("title", str.title),
    _method("strip", str.strip),
    Op("reverse", "{}[::-1]", lambda s: s[::-1], needs=(ATOM,)),
    Op("first", "{}[0]", _first, needs=(ATOM,)),
    Op("last", "{}[-1]", lambda s: s[-1], needs=(ATOM,)),
    Op("rest", "{}[1:]", lambda s: s[1:], needs=(ATOM,)),
    Op("start", "{}[:-1]", lambda s: s[:-1], needs=(ATOM,)),
)
JOIN_TEXT = PLUS._replace(name="concat", commutes=False)
REPEAT_TEXT = Op("repeat", "{} * {}", _repeat, TIMES, (TIMES, SIGN))
TO_TEXT = _call("str", str)
COUNT_TEXT = Op("count", "{}.count({})", str.count, needs=(ATOM, CHOICE))
HEAD = Op("head", "{}[:{}]", lambda s, n: s[:n], needs=(ATOM, OR))
TAIL = Op("tail", "{}[{}:]", lambda s, n: s[n:], needs=(ATOM, OR))
WORDS = Op("words", "{}.split()", lambda s: tuple(s.split()), needs=(ATOM,))
JOINED = Op("joined", '" ".join({})', " ".join)

LIST_TO_NUMBER = (_call("sum", sum), _call("max", max), _call("min", min))
ITEM = Op("item", "{}[{}]", lambda xs, i: xs[i], needs=(ATOM, OR))
FIRST_ITEM = Op("first", "{}[0]", _first, needs=(ATOM,))
LAST_ITEM = Op("last", "{}[-1]", lambda xs: xs[-1], needs=(ATOM,))
COUNT_ITEM = Op(
    "count", "{}.count({})", lambda xs, x: xs.count(x), needs=(ATOM, CHOICE)
)
LIST_TO_LIST = (
    _call("sorted", lambda xs: tuple(sorted(xs))),
    Op("reverse", "{}[::-1]", lambda xs: xs[::-1], needs=(ATOM,)),
    Op("rest", "{}[1:]", lambda xs: xs[1:], needs=(ATOM,)),
    Op("start", "{}[:-1]", lambda xs: xs[:-1], needs=(ATOM,)),
)
JOIN_LISTS = PLUS._replace(name="concat", commutes=False)
