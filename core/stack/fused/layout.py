"""Where each name stands in the cells of a fast tick.

A cell is one list a symbol, and one for the portfolio: what the caller gives, what
modules make, and how each phase ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import StackError
from core.names import suggest
from core.stack.bind import Step, Walk
from core.stack.load import Stack
from core.stack.wiring import RESERVED


class Gone:
    """What stands in a cell where nothing was made."""

    def __repr__(self) -> str:
        return "GONE"


GONE = Gone()
PASSED = -1  # how a phase ended: here, or at the place of a gate, or GONE: not run


@dataclass(frozen=True)
class Layout:
    """Places by name: `cell` is a symbol's, `whole` the portfolio's.

    Rows that a portfolio reads stand under `@name`, the end of a phase under `#phase`.
    """

    cell: Mapping[str, int]
    whole: Mapping[str, int]

    def find(self, name: str) -> int | None:
        """The place of a name in whichever cell has it; None if none has."""
        place = self.cell.get(name)
        return self.whole.get(name) if place is None else place

    def slot(self, name: str, where: str = "") -> int:
        """The same; StackError if none has."""
        place = self.find(name)
        if place is not None:
            return place
        raise StackError(
            f"no module makes '{name}' and no tick is given it",
            field="slot",
            value=name,
            where=where,
            remedy=suggest(name, [*self.cell, *self.whole]),
        )


def layout_of(
    stack: Stack, walk: Walk, given: Mapping[str, Iterable[str]], before: Layout | None
) -> Layout:
    """The places of a walk; a name keeps the place it had `before`.

    `given` are the names of a symbol's row and of the portfolio's, in their order.
    """
    kept = before or Layout({}, {})
    return Layout(
        _places(kept.cell, given["symbol"], _names(stack, walk, "symbol")),
        _places(kept.whole, given["portfolio"], _names(stack, walk, "portfolio")),
    )


def made_as(step: Step, name: str) -> str:
    """The name under which a decision holds what a module gives."""
    return f"{step.module}.{name}" if name in RESERVED else name


def _places(before: Mapping[str, int], *names: Iterable[str]) -> dict[str, int]:
    order = dict.fromkeys([*before, *(name for some in names for name in some)])
    return {name: place for place, name in enumerate(order)}


def _names(stack: Stack, walk: Walk, each: str) -> Iterator[str]:
    for stage in walk.stages:
        if stage.phase.each == each:
            yield from (f"@{name}" for name in stage.rows)
            for step in stage.steps:
                results = stack.entries[step.module].spec.contract.results
                yield from (made_as(step, name) for name in results)
            yield f"#{stage.phase.name}"


def blank(places: Mapping[str, int], given: int) -> list[Any]:
    """What stands behind the `given` values before anything is made."""
    return [GONE] * (len(places) - given)


def fill(cell: list[Any], places: Mapping[str, int], values: Mapping[str, Any]) -> None:
    """Put values where their names stand."""
    for name, value in values.items():
        cell[places[name]] = value
