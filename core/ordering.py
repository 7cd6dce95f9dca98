"""What `assumes` says of the order of inputs, so that draws can obey it.

From rules of the shapes `a <= b < c`, `1 <= n`, `n <= len(xs)` and
`len(xs) == len(ys)` come an order of variables (numbers and list lengths) and
tighter bounds; a draw is then repaired to fit rather than thrown away. Every other
rule is left to filtering.
"""

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from core.contract.exactness import kinds
from core.contract.expressions import parse_expression
from core.sampling import (
    Source,
    bounds,
    integer_between,
    number_between,
    typical_length,
)

Schema = Mapping[str, Any]
MAX_LIST = 500


@dataclass(slots=True)
class Variable:
    """A number or a list's length: its ends, and whether it is whole."""

    low: float
    high: float
    whole: bool
    length: bool = False

    def draw(self, source: Source, low: float, high: float) -> float:
        """Any value of it from `low` to `high`."""
        if self.length:
            return typical_length(source, math.ceil(low), math.floor(high))
        if self.whole:
            return integer_between(source, math.ceil(low), math.floor(high))
        return number_between(source, low, high)


@dataclass(slots=True)
class Ordering:
    """Variables by name, which are equal, and which may not exceed which."""

    variables: dict[str, Variable]
    same: dict[str, str] = field(default_factory=dict)
    edges: list[tuple[str, str, bool]] = field(default_factory=list)
    order: tuple[str, ...] = ()

    def head(self, name: str) -> str:
        """The variable that stands for `name` and all that equal it."""
        while name in self.same:
            name = self.same[name]
        return name

    def repair(self, values: dict[str, float], source: Source) -> dict[str, float]:
        """`values` moved as little as the order asks for."""
        fixed = dict(values)
        chain = [name for name in self.order if name in fixed]
        ends = {(self.variables[n].low, self.variables[n].high) for n in chain}
        if len(ends) == 1:
            fixed.update(zip(chain, sorted(fixed[n] for n in chain), strict=True))
        for name in chain:
            low, high = self._room(name, fixed)
            if low <= high and not low <= fixed[name] <= high:
                fixed[name] = self.variables[name].draw(source, low, high)
        return {**fixed, **{n: fixed[self.head(n)] for n in self.same}}

    def _room(self, name: str, values: Mapping[str, float]) -> tuple[float, float]:
        """From the greatest value before `name` to the least end after it."""
        own = self.variables[name]
        lows = [_after(values[a], own, s) for a, b, s in self.edges if b == name]
        return max([own.low, *lows]), self._ceiling(name)

    def _ceiling(self, name: str) -> float:
        own = self.variables[name]
        ends = ((self._ceiling(b), s) for a, b, s in self.edges if a == name)
        return min([own.high, *(_before(end, own, strict) for end, strict in ends)])


def _after(value: float, variable: Variable, strict: bool) -> float:
    if not strict:
        return value
    if variable.whole:
        return math.floor(value) + 1
    return math.nextafter(value, math.inf)


def read_ordering(schemas: Mapping[str, Schema], assumes: Iterable[str]) -> Ordering:
    """The order that `assumes` gives the numbers and list lengths of `schemas`."""
    found = Ordering(_variables(schemas))
    for text in assumes:
        for part in _conjuncts(parse_expression(text, schemas).tree.body):
            _read(part, found)
    found.edges = _heads(found)
    return _sorted(found)


def _variables(schemas: Mapping[str, Schema]) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for name, schema in schemas.items():
        named = kinds(schema)
        if {"enum", "const", "multipleOf"} & set(schema):
            continue
        if named in (("number",), ("integer",)):
            found[name] = Variable(*bounds(schema), whole=named == ("integer",))
        if named == ("array",) and not schema.get("uniqueItems"):
            low, high = schema.get("minItems", 0), schema.get("maxItems", MAX_LIST)
            found[f"len({name})"] = Variable(
                low, max(low, high), whole=True, length=True
            )
    return found


def _conjuncts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _conjuncts(value)]
    return [node]


def _read(node: ast.expr, found: Ordering) -> None:
    """Take what a comparison says into `found`; leave any other rule alone."""
    if not isinstance(node, ast.Compare):
        return
    parts = [node.left, *node.comparators]
    for left, op, right in zip(parts, node.ops, parts[1:], strict=False):
        a, b = ast.unparse(left), ast.unparse(right)
        if isinstance(op, ast.Gt | ast.GtE):
            a, b = b, a
        strict = isinstance(op, ast.Lt | ast.Gt)
        if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            _at_most(a, b, strict, found)
        elif isinstance(op, ast.Eq) and a in found.variables and b in found.variables:
            _equal(a, b, found)


def _at_most(a: str, b: str, strict: bool, found: Ordering) -> None:
    first, last = found.variables.get(a), found.variables.get(b)
    if first and last:
        found.edges.append((a, b, strict))
    elif first and (end := _figure(b)) is not None:
        first.high = min(first.high, _before(end, first, strict))
    elif last and (end := _figure(a)) is not None:
        last.low = max(last.low, _after(end, last, strict))


def _before(value: float, variable: Variable, strict: bool) -> float:
    if not strict:
        return value
    if variable.whole:
        return math.ceil(value) - 1
    return math.nextafter(value, -math.inf)


def _figure(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _equal(a: str, b: str, found: Ordering) -> None:
    a, b = found.head(a), found.head(b)
    if a == b:
        return
    first, last = found.variables[a], found.variables[b]
    first.low, first.high = max(first.low, last.low), min(first.high, last.high)
    first.whole = first.whole or last.whole
    found.same[b] = a


def _heads(found: Ordering) -> list[tuple[str, str, bool]]:
    edges = [(found.head(a), found.head(b), strict) for a, b, strict in found.edges]
    return [(a, b, strict) for a, b, strict in edges if a != b]


def _sorted(found: Ordering) -> Ordering:
    """`found` with its topological order; without edges when they go in a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for a, b, _ in found.edges:
        sorter.add(b, a)
    try:
        found.order = tuple(sorter.static_order())
    except CycleError:
        found.edges, found.order = [], ()
    return found


def literals(schemas: Mapping[str, Schema], rules: Sequence[str]) -> tuple[float, ...]:
    """The numbers written in rules: where a module is likely to change its mind."""
    found = {n for text in rules for n in parse_expression(text, schemas).literals}
    return tuple(sorted(found))
