"""Worked examples of a rule: inputs at and beside its boundaries, and what follows.

Each condition is made true, false and exactly equal in turn while the others hold, so
that a body with a wrong sign, figure or name fails at least one example. The search is
a fixed sequence of steps: the same rule gives the same examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from random import Random
from typing import Any

from core.llm.offline.rules.evaluation import evaluate
from core.llm.offline.rules.reading import PREVIOUS, PlainRule
from core.llm.offline.rules.solver import Schema, Solver, Values, sides_of
from core.llm.offline.rules.targets import targets
from core.llm.offline.rules.tree import (
    All,
    Between,
    Choose,
    Compare,
    Either,
    Flag,
    Node,
    Not,
    Truth,
    rebuild,
    walk,
)

MOST_CASES = 14
MOST_NUMERIC = 8
_SCALES = (1.0,) * 40 + (100.0,) * 20
_FACTORS = (1.0, 0.95, 1.05, 0.9, 1.1, 1.2, 0.5)


@dataclass(frozen=True)
class Case:
    """Complete inputs, previous counters included, and all results."""

    inputs: Mapping[str, Any]
    out: Mapping[str, Any]


def cases_of(
    plain: PlainRule, schemas: Mapping[str, Schema], typical: Values
) -> list[Case]:
    """Worked examples; at least one of each outcome where the search finds one.

    `schemas` are resolved, of every parameter; `typical` a value for each.
    """
    rows: list[Values] = []
    for node in (_inlined(each, plain) for each in plain.outputs.values()):
        rows += _numeric_rows(schemas, typical)
        if _is_truth(node):
            rows = _truth_rows(node, plain, schemas, typical)
        rows += _choice_rows(node, plain, schemas, typical)
    return _distinct(plain, rows)


def _inlined(node: Node, plain: PlainRule) -> Node:
    """The tree with every truth that a name stands for in its place."""

    def change(each: Node) -> Node:
        return plain.named.get(each.name, each) if isinstance(each, Flag) else each

    return rebuild(node, change)  # type: ignore[no-any-return]


def _is_truth(node: Node) -> bool:
    return isinstance(node, All | Either | Not | Compare | Between | Flag)


def _truth_rows(
    node: Node, plain: PlainRule, schemas: Mapping[str, Schema], typical: Values
) -> list[Values]:
    rows: list[Values] = []
    for pins in _pins(plain):
        solver = Solver(schemas, pins)
        wanted = targets(node, True, plain)
        holding = solver.solve(wanted, typical)
        failing = solver.solve(targets(node, False, plain), typical)
        rows += [holding, failing]
        for index, (leaf, want) in enumerate(wanted):
            others = [each for place, each in enumerate(wanted) if place != index]
            rows.append(solver.solve([*others, (leaf, not want)], holding))
        for leaf, _ in wanted:
            rows += _at_boundary(leaf, wanted, solver, holding)
        none = [(leaf, not want) for leaf, want in wanted]
        base = solver.solve(none, holding)
        for index, each in enumerate(wanted):
            others = [other for place, other in enumerate(none) if place != index]
            rows.append(solver.solve([*others, each], base))
    return rows


def _at_boundary(
    leaf: Truth, wanted: Sequence[tuple[Truth, bool]], solver: Solver, start: Values
) -> list[Values]:
    """The inputs at which both sides of a condition are equal, the others as wanted."""
    others = [each for each in wanted if each[0] != leaf]
    rows = []
    for left, right in sides_of(leaf):
        equal: tuple[Truth, bool] = (Compare(left, "==", right), True)  # type: ignore[arg-type]
        row = solver.solve([*others, equal], start)
        if solver.holds(*equal, row):
            rows.append(row)
    return rows


def _pins(plain: PlainRule) -> list[Values]:
    """Counters one short of their mark, then at nothing; one empty choice without."""
    if not plain.counters:
        return [{}]
    last = {PREVIOUS + name: steps - 1 for name, (_, steps) in plain.counters.items()}
    none = {PREVIOUS + name: 0 for name in plain.counters}
    return [last, none]


def _numeric_rows(schemas: Mapping[str, Schema], typical: Values) -> list[Values]:
    """Typical values moved by a few per cent each, then a hundred times as large."""
    solver = Solver(schemas)
    # A generator of its own with a fixed seed: the same rule, the same examples.
    chance = Random(len(typical))  # noqa: S311
    rows = []
    for scale in _SCALES:
        row = dict(typical)
        for name, value in typical.items():
            moved = _moved(value, chance.choice(_FACTORS) * scale)
            fitted = moved if isinstance(moved, bool) else solver.fitted(name, moved)
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
