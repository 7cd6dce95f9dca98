"""Trees made plain (crossings and holdings spelled out) and what they come to.

`evaluate` is the meaning of a plain tree; a body written from it must agree.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.llm.offline.rules.tree import (
    MIRROR,
    All,
    Between,
    Call,
    Choose,
    Compare,
    Cross,
    Either,
    Flag,
    Held,
    Math,
    Name,
    Node,
    Not,
    Num,
    Number,
    Text,
    Truth,
    all_of,
    names_in,
    rebuild,
)

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": operator.mod, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}

Prior = Callable[[Number], Number]
Known = Callable[[str], bool]


@dataclass
class Streaks:
    """The counters a rule needs to know how long a condition has held."""

    stem: str = "streak"
    taken: frozenset[str] = frozenset()
    counters: dict[str, tuple[Truth, int]] = field(default_factory=dict)

    def count(self, part: Truth, steps: int) -> str:
        """The name of the counter of `part`; asking twice gives the same one."""
        for name, counted in self.counters.items():
            if counted == (part, steps):
                return name
        name = _free(self.stem, {*self.taken, *self.counters})
        self.counters[name] = (part, steps)
        return name


def _free(stem: str, taken: set[str]) -> str:
    numbered = (f"{stem}_{index}" for index in range(2, 100))
    return stem if stem not in taken else next(n for n in numbered if n not in taken)


def made_plain(node: Node, prior: Prior, known: Known, streaks: Streaks) -> Any:
    """The tree with no crossing or holding left: comparisons, extremes and counters.

    `prior` gives a number one step ago, `known` says whether a name exists. A holding
    that no extreme of one series can answer adds a counter to `streaks`.
    """

    def change(each: Node) -> Node:
        if isinstance(each, Cross):
            return _crossed(each, prior)
        if isinstance(each, Held):
            return _held(each.part, each.steps, known, streaks)
        return each

    return rebuild(node, change)


def _crossed(cross: Cross, prior: Prior) -> Truth:
    now, before = (">", "<=") if cross.up else ("<", ">=")
    return All(
        (
            Compare(cross.left, now, cross.right),  # type: ignore[arg-type]
            Compare(prior(cross.left), before, prior(cross.right)),  # type: ignore[arg-type]
        )
    )


def _held(part: Truth, steps: int, known: Known, streaks: Streaks) -> Truth:
    if isinstance(part, All):
        return all_of(tuple(_held(each, steps, known, streaks) for each in part.parts))
    extreme = _as_extremes(part, steps)
    if extreme is not None and all(map(known, names_in(extreme))):
        return extreme
    return Compare(Name(streaks.count(part, steps)), ">=", Num(steps))


def _as_extremes(part: Truth, steps: int) -> Truth | None:
    """A comparison of one series with a constant, over its extreme of `steps`."""
    if isinstance(part, Between) and not part.below:
        low = Compare(part.value, ">=", part.low)
        high = Compare(part.value, "<=", part.high)
        both = (_as_extremes(low, steps), _as_extremes(high, steps))
        return all_of(both) if all(both) else None  # type: ignore[arg-type]
    if not isinstance(part, Compare) or part.op in ("==", "!="):
        return None
    left, op, right = part.left, part.op, part.right
    if isinstance(left, Num):
        left, op, right = right, MIRROR[op], left
    if not isinstance(left, Name) or not isinstance(right, Num):
        return None
    which = "lowest" if op in (">", ">=") else "highest"
    return Compare(Name(f"{which}_{left.name}_{steps}"), op, right)


def evaluate(node: Node, values: Mapping[str, Any]) -> Any:
    """What a plain tree comes to on given values. KeyError names a missing one."""
    match node:
        case Num(value) | Text(value):
            return value
        case Name(name) | Flag(name):
            return values[name]
        case Math(left, op, right) | Compare(left, op, right):
            return _OPERATORS[op](evaluate(left, values), evaluate(right, values))
        case Call(function, of):
            return _called(function, [evaluate(each, values) for each in of])
        case Choose(when, then, otherwise):
            return evaluate(then if evaluate(when, values) else otherwise, values)
        case Between(low, value, high, below):
            ends = evaluate(low, values), evaluate(high, values)
            return _between(evaluate(value, values), ends, below)
        case All(parts):
            return all(evaluate(part, values) for part in parts)
        case Either(parts):
            return any(evaluate(part, values) for part in parts)
        case Not(part):
            return not evaluate(part, values)
    raise TypeError(f"{type(node).__name__} is not plain")


def _called(function: str, of: list[Any]) -> Any:
    return _FUNCTIONS[function](*of)


def _between(value: Any, ends: tuple[Any, Any], below: bool) -> bool:
    low, high = ends
    return bool(low <= value < high if below else low <= value <= high)
