"""Worked examples of a rule: inputs at and beside its boundaries, and what follows.

Each condition is made true, false and exactly equal in turn while the others hold, so
that a body with a wrong sign, figure or name fails at least one example. The search is
a fixed sequence of steps: the same rule gives the same examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from random import Random
from typing import Any

from core.llm.offline.rules.evaluation import evaluate
from core.llm.offline.rules.reading import PREVIOUS, PlainRule
from core.llm.offline.rules.tree import (
    All,
    Between,
    Choose,
    Compare,
    Either,
    Flag,
    Name,
    Node,
    Not,
    Num,
    Truth,
    negated,
    walk,
)

MOST_CASES = 14
MOST_NUMERIC = 8
_PASSES = 40
_STEPS = (0.0, 0.01, -0.01, 1.0, -1.0, 0.1, -0.1)
_SCALES = (1.0,) * 40 + (100.0,) * 20
_FACTORS = (1.0, 0.95, 1.05, 0.9, 1.1, 1.2, 0.5)
Values = dict[str, Any]
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """Complete inputs, previous counters included, and all results."""

    inputs: Mapping[str, Any]
    out: Mapping[str, Any]


@dataclass
class Search:
    """Looks for inputs on which given conditions come out as wanted."""

    plain: PlainRule
    schemas: Mapping[str, Schema]
    pins: Values = field(default_factory=dict)

    def solve(self, wanted: Sequence[tuple[Truth, bool]], start: Values) -> Values:
        """The inputs, as far from wanted as the search got in a fixed effort."""
        values = {**start, **self.pins}
        for _ in range(_PASSES):
            missed = [each for each in wanted if not self.holds(*each, values)]
            if not missed:
                return values
            better = self._improved(missed, wanted, values)
            if better is None:
                return values
            values = better
        return values

    def holds(self, leaf: Truth, want: bool, values: Values) -> bool:
        """Does a condition come out as wanted?"""
        return bool(evaluate(leaf, values)) == want

    def _improved(
        self,
        missed: Sequence[tuple[Truth, bool]],
        wanted: Sequence[tuple[Truth, bool]],
        values: Values,
    ) -> Values | None:
        scored = [
            (self._score(wanted, row), -number, row)
            for number, row in enumerate(self._moves(missed, values))
        ]
        best = max(scored, key=lambda each: each[:2], default=None)
        if best is None or best[0] <= self._score(wanted, values):
            return None
        return best[2]

    def _score(self, wanted: Sequence[tuple[Truth, bool]], values: Values) -> int:
        return sum(self.holds(*each, values) for each in wanted)

    def _moves(
        self, missed: Sequence[tuple[Truth, bool]], values: Values
    ) -> Iterator[Values]:
        for leaf, _ in missed:
            for name in _free_names(leaf, self.schemas):
                if name not in self.pins:
                    for value in self.candidates(leaf, name, values):
                        yield {**values, name: value}

    def candidates(self, leaf: Truth, name: str, values: Values) -> Iterator[Any]:
        """Values of one name at the condition's boundary and just beside it."""
        if isinstance(leaf, Flag):
            yield from (True, False)
            return
        for left, right in _sides(leaf):
            root = _root(left, right, name, values)
            for step in _STEPS if root is not None else ():
                value = self.fitted(name, _beside(root or 0.0, step))
                if value is not None:
                    yield value

    def fitted(self, name: str, value: float) -> Any:
        """The value as the name's schema takes it, or None if it is out of range."""
        schema = self.schemas[name]
        if schema.get("type") == "integer":
            value = round(value)
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1e9))
        outside = value < low or value > schema.get("maximum", 1e9)
        at_open_end = "exclusiveMinimum" in schema and value <= low
        return None if outside or at_open_end else _short(value)


def _beside(root: float, step: float) -> float:
    """A step off the root: whole steps as they are, parts as shares of its size."""
    return root + (step if abs(step) == 1.0 else step * max(abs(root), 0.1))


def _short(value: float) -> float | int:
    rounded = float(f"{value:.10g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _free_names(leaf: Truth, schemas: Mapping[str, Schema]) -> list[str]:
    found = [n.name for n in walk(leaf) if isinstance(n, Name | Flag)]
    return [name for name in dict.fromkeys(found) if name in schemas]


def _sides(leaf: Truth) -> Iterator[tuple[Node, Node]]:
    if isinstance(leaf, Compare):
        yield leaf.left, leaf.right
    elif isinstance(leaf, Between):
        yield leaf.value, leaf.low
        yield leaf.value, leaf.high


def _root(left: Node, right: Node, name: str, values: Values) -> float | None:
    """Where two sides meet as `name` moves, if their difference is a straight line."""

    def gap(at: float) -> float:
        row = {**values, name: at}
        return float(evaluate(left, row)) - float(evaluate(right, row))

    try:
        here = float(values[name])
        first, second = gap(here), gap(here + 1.0)
        if first == second:
            return None
        root = here - first / (second - first)
        return root if isfinite(root) else None
    except (ArithmeticError, ValueError, TypeError):
        return None


# which conditions to want ---------------------------------------------------------------
def targets(node: Node, want: bool, plain: PlainRule) -> list[tuple[Truth, bool]]:
    """Conditions that make a truth come out as wanted, each with what it should be."""
    match node:
        case Not(part):
            return targets(part, not want, plain)
        case All(parts):
            return _joint(parts, want, True, plain)
        case Either(parts):
            return _joint(parts, want, False, plain)
        case Compare(Name(name), ">=", Num()) if name in plain.counters:
            return targets(plain.counters[name][0], want, plain)
        case Compare() | Between() | Flag():
            return [(node, want)]
    return []


def _joint(
    parts: Sequence[Truth], want: bool, every: bool, plain: PlainRule
) -> list[tuple[Truth, bool]]:
    if want == every:
        return [each for part in parts for each in targets(part, want, plain)]
    first, *rest = parts
    others = [each for part in rest for each in targets(part, not want, plain)]
    return targets(first, want, plain) + others


def leaves(node: Node, plain: PlainRule) -> list[Truth]:
    """The conditions of a truth that are no combination of others."""
    found = [leaf for leaf, _ in targets(node, True, plain)]
    return list(dict.fromkeys(found))


def cases_of(
    plain: PlainRule, schemas: Mapping[str, Schema], typical: Values
) -> list[Case]:
    """Worked examples; at least one of each outcome where the search finds one.

    `schemas` are resolved, of every parameter; `typical` a value for each.
    """
    rows: list[Values] = []
    for node in plain.outputs.values():
        rows += _numeric_rows(plain, schemas, typical)
        if _is_truth(node):
            rows = _truth_rows(node, plain, schemas, typical)
        rows += _choice_rows(node, plain, schemas, typical)
    return _distinct(plain, rows)


def _is_truth(node: Node) -> bool:
    return isinstance(node, All | Either | Not | Compare | Between | Flag)


def _truth_rows(
    node: Node, plain: PlainRule, schemas: Mapping[str, Schema], typical: Values
) -> list[Values]:
    rows: list[Values] = []
    for pins in _pins(plain):
        search = Search(plain, schemas, pins)
        wanted = targets(node, True, plain)
        holding = search.solve(wanted, typical)
        failing = search.solve(targets(node, False, plain), typical)
        rows += [holding, failing]
        for index, (leaf, want) in enumerate(wanted):
            others = [each for place, each in enumerate(wanted) if place != index]
            rows.append(search.solve([*others, (leaf, not want)], holding))
        for leaf, _ in wanted:
            rows += _at_boundary(leaf, wanted, search, holding)
        none = [(leaf, not want) for leaf, want in wanted]
        base = search.solve(none, holding)
        for index, each in enumerate(wanted):
            others = [other for place, other in enumerate(none) if place != index]
            rows.append(search.solve([*others, each], base))
    return rows


def _at_boundary(
    leaf: Truth, wanted: Sequence[tuple[Truth, bool]], search: Search, start: Values
) -> list[Values]:
    """The inputs at which both sides of a condition are equal, the others as wanted."""
    others = [each for each in wanted if each[0] != leaf]
    rows = []
    for left, right in _sides(leaf):
        equal: tuple[Truth, bool] = (Compare(left, "==", right), True)  # type: ignore[arg-type]
        row = search.solve([*others, equal], start)
        if search.holds(*equal, row):
            rows.append(row)
    return rows


def _pins(plain: PlainRule) -> list[Values]:
    """Counters one short of their mark, then at nothing; one empty choice without."""
    if not plain.counters:
        return [{}]
    last = {PREVIOUS + name: steps - 1 for name, (_, steps) in plain.counters.items()}
    none = {PREVIOUS + name: 0 for name in plain.counters}
    return [last, none]


def _numeric_rows(
    plain: PlainRule, schemas: Mapping[str, Schema], typical: Values
) -> list[Values]:
    """Typical values moved by a few per cent each, then a hundred times as large."""
    search = Search(plain, schemas)
    # A generator of its own with a fixed seed: the same rule, the same examples.
    chance = Random(len(typical))  # noqa: S311
    rows = []
    for scale in _SCALES:
        row = dict(typical)
        for name, value in typical.items():
            moved = _moved(value, chance.choice(_FACTORS) * scale)
            fitted = moved if isinstance(moved, bool) else search.fitted(name, moved)
            row[name] = value if fitted is None else fitted
        rows.append(row)
    return rows


def _moved(value: Any, factor: float) -> Any:
    if isinstance(value, bool):
        return value if factor >= 1 else not value
    return value * factor


def _choice_rows(
    node: Node, plain: PlainRule, schemas: Mapping[str, Schema], typical: Values
) -> list[Values]:
    choices = [each.when for each in walk(node) if isinstance(each, Choose)]
    return [
        row for when in choices for row in _truth_rows(when, plain, schemas, typical)
    ]


def _distinct(plain: PlainRule, rows: Sequence[Values]) -> list[Case]:
    found: dict[str, Case] = {}
    for row in rows:
        case = worked(plain, row)
        if case is not None:
            found.setdefault(repr(sorted(case.inputs.items())), case)
    return list(found.values())


def balanced(cases: list[Case]) -> list[Case]:
    """At most MOST_CASES, the first of every outcome among them."""
    if cases and not isinstance(next(iter(cases[0].out.values())), bool):
        return cases[:MOST_NUMERIC]
    firsts = {repr(case.out): case for case in reversed(cases)}
    kept = cases[:MOST_CASES]
    missing = [case for case in firsts.values() if case not in kept]
    return [*kept[: MOST_CASES - min(len(missing), 4)], *missing[:4]]


def worked(plain: PlainRule, row: Mapping[str, Any]) -> Case | None:
    """What the rule comes to on a row; None where it comes to nothing finite."""
    values = dict(row)
    try:
        for name, node in plain.lets:
            values[name] = evaluate(node, values)
        out = {name: evaluate(node, values) for name, node in plain.results}
    except (ArithmeticError, KeyError, TypeError):
        return None
    finite = all(isfinite(v) for v in out.values() if isinstance(v, float))
    return Case(dict(row), out) if finite else None


__all__ = ["Case", "cases_of", "leaves", "negated", "worked"]
