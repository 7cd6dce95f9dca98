"""What a stack counts when a module changes, as its stack.toml names it.

`measure = "signals: enter_long, orders: size, sum notional: notional"`: outputs, each
under a word of its own; `sum` adds up by how much it changes instead of how often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.gate.compare import same

_ITEM = re.compile(r"(?P<sum>sum\s+)?(?:(?P<label>[^:,]+?)\s*:\s*)?(?P<output>[\w.]+)")
Pair = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """One output that is counted, the word for it, and whether it is added up."""

    label: str
    output: str
    added: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """How many of `of` calls give another value, and by how much in all."""

    label: str
    changed: int
    of: int
    amount: float = 0.0
    added: bool = False


def read_measure(text: str) -> tuple[Measure, ...]:
    """The items of a stack's measure; what cannot be read is left out."""
    found = (_ITEM.fullmatch(item.strip()) for item in text.split(","))
    return tuple(_measure(match) for match in found if match)


def _measure(match: re.Match[str]) -> Measure:
    output = match["output"]
    return Measure(match["label"] or output, output, bool(match["sum"]))


def measured(item: Measure, changed: Iterable[Pair], of: int) -> Measured:
    """Count one output over changed calls: (outputs before, outputs after)."""
    values = [(_value(a, item.output), _value(b, item.output)) for a, b in changed]
    other = [(old, new) for old, new in values if not same(old, new)]
    amount = sum(abs(_number(new) - _number(old)) for old, new in other)
    return Measured(item.label, len(other), of, amount, item.added)


def _value(outputs: Mapping[str, Any] | None, name: str) -> Any:
    return None if outputs is None else outputs.get(name)


def _number(value: Any) -> float:
    """A number as it is; nothing, and what is no number, is 0."""
    return float(value) if isinstance(value, int | float) else 0.0


def sentence(found: Sequence[Measured]) -> str:
    """`3 of 10,000 signals change, 0 orders, 0 notional`."""
    if not found:
        return "nothing is measured"
    first, *others = found
    head = f"{first.changed:,} of {first.of:,} {first.label} change"
    return ", ".join([head, *map(_short, others)])


def _short(one: Measured) -> str:
    figure = f"{one.amount:,.10g}" if one.added else f"{one.changed:,}"
    return f"{figure} {one.label}"
