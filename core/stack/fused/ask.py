"""What whoever passes over steps says of them: how they are read, and what ends a stretch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SymbolAsk:
    """How a course reads one symbol's row, and what of its cell ends the stretch.

    `sources` gives each name of the row as an expression. A step is passed only if no
    slot of `asks` holds anything true, and each of `moves` None or what its expression,
    over `made`, is true of.
    """

    symbol: str
    sources: Mapping[str, str]
    asks: tuple[int, ...] = ()
    moves: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """How a course reads its steps, and where it stops.

    Expressions are over `row_0`, `row_1`… (the rows, as the step has them), `fixed` (what
    is the same for a whole stretch), `value` (the expression `value`, reckoned once a
    step and kept) and `running`: variables, named `seen_…`, that begin as their first
    expression and become their second with every step. A step is passed only if every
    expression of `holds` is true. `shared` is what the portfolio is given. `gates` are
    (proceed, reason) slots of the modules that may end a decision, the first that did
    being counted.
    """

    symbols: tuple[SymbolAsk, ...]
    shared: Mapping[str, str] = field(default_factory=dict)
    value: str = ""
    running: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    gates: tuple[tuple[int, int | None], ...] = ()
