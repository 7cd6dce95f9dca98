"""Figures of a session: what is true of it, and how far it may be believed.

A figure that is not defined is `Undefined` with the reason, never 0 or infinity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

__all__ = ["Figure", "Rule", "Undefined", "Value"]


@dataclass(frozen=True, slots=True)
class Undefined:
    """A figure that does not exist here, and why."""

    reason: str


Value = int | float | Decimal | str | Undefined


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its value, or None and the reason it has none.

    `unit` is one of money, ratio, percent, count, seconds, hours, number, text; a ratio
    of 0.25 is a quarter. `formula` says how it is computed and where that comes from.
    """

    name: str
    value: int | float | Decimal | str | None
    unit: str
    formula: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one figure is computed from the facts."""

    name: str
    unit: str
    formula: str
    compute: Callable[[Any], Value]

    def figure(self, facts: Any) -> Figure:
        """The figure for these facts."""
        value = self.compute(facts)
        if isinstance(value, Undefined):
            return Figure(self.name, None, self.unit, self.formula, value.reason)
        return Figure(self.name, value, self.unit, self.formula)
