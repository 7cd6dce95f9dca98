"""Inputs on which given conditions come out as wanted, by a fixed sequence of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from core.llm.offline.rules.evaluation import evaluate
from core.llm.offline.rules.tree import Between, Compare, Flag, Name, Node, Truth, walk

_PASSES = 40
_STEPS = (0.0, 0.01, -0.01, 1.0, -1.0, 0.1, -0.1)
Values = dict[str, Any]
Schema = Mapping[str, Any]


@dataclass
class Solver:
    """Looks for inputs on which given conditions come out as wanted."""

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
        for left, right in sides_of(leaf):
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


def sides_of(leaf: Truth) -> Iterator[tuple[Node, Node]]:
    """The two sides of each comparison that a condition is."""
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
