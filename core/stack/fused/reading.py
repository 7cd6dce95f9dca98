"""Reading a cell: what was made, how the phases ended, which modules were skipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.names import STATE_PREFIX
from core.stack.bind import Step
from core.stack.fused.layout import GONE, PASSED
from core.stack.fused.plan import Cell, Part, Plan
from core.stack.scope import Scope, missing_remark
from core.stack.tick import Decision


class Reader:
    """One cell of one tick; `symbol` "" is the portfolio, whose cell is `whole`.

    `inside` is the phase that is not over yet, and the module it stands at.
    """

    def __init__(
        self,
        plan: Plan,
        symbol: str,
        cells: tuple[Cell, Cell],
        state: Mapping[str, Any],
        inside: tuple[Part, int] | None = None,
    ) -> None:
        self._inside = inside
        self._plan, self._symbol, self._state = plan, symbol, state
        self._cell, self._whole = cells
        self._places = plan.layout.cell if symbol else plan.layout.whole

    def made(self) -> dict[str, Any]:
        """What modules made, by the names a decision holds it under."""
        blank = self._plan.row_blank if self._symbol else self._plan.whole_blank
        given = len(self._places) - len(blank)
        return {
            name: value
            for name, place in self._places.items()
            if place >= given and name[0] not in "@#"
            if (value := self._cell[place]) is not GONE
        }

    def state(self) -> dict[str, Any]:
        """The state after the tick."""
        each = "symbol" if self._symbol else "portfolio"
        return self._plan.state_after(each, self._cell, self._state)

    def parts(self) -> Iterator[tuple[Part, Any]]:
        """The phases that ran here, and how each ended."""
        for part in self._plan.parts:
            if part.symbol == bool(self._symbol):
                end = self._cell[part.end]
                if end is not GONE:
                    yield part, end

    def ended(self) -> Step | None:
        """The first gate that ended a phase."""
        ends = (p.stage.steps[end] for p, end in self.parts() if end != PASSED)
        return next(ends, None)

    def skipped(self) -> dict[str, str]:
        """Modules that lacked an input, and which."""
        producers = self._plan.bound.stack.wiring.producers
        found: dict[str, str] = {}
        gone = self._gone()
        for step in self._reached() if gone else ():
            if not gone.isdisjoint(step.parameters):
                missing = next(name for name in step.parameters if name in gone)
                maker = producers.get(missing, "")
                about = missing_remark(missing, self._symbol, maker, (), found)
                found[step.module] = about
        return found

    def _reached(self) -> Iterator[Step]:
        """The modules whose turn came."""
        for part, end in self.parts():
            yield from part.stage.steps[: None if end == PASSED else end + 1]
        if self._inside:
            part, at = self._inside
            yield from part.stage.steps[:at]

    def _gone(self) -> set[str]:
        """Names that a module here may read, and that nothing has made."""
        layout = self._plan.layout
        whole = {name for name, at in layout.whole.items() if self._whole[at] is GONE}
        if not self._symbol:
            return whole
        own = {name for name, at in layout.cell.items() if self._cell[at] is GONE}
        return own | (whole - layout.cell.keys())

    def known(self) -> dict[str, Any]:
        """Everything a module of this scope may read by name."""
        whole = _present(self._plan.layout.whole, self._whole)
        own = _present(self._places, self._cell)
        previous = {STATE_PREFIX + name: v for name, v in self._state.items()}
        return {**self._plan.bound.fixed, **whole, **own, **previous}

    def fill(self, scope: Scope) -> None:
        """Bring a scope to where this cell stands, for the ordinary tick to go on."""
        scope.known, scope.made, scope.state = self.known(), self.made(), self.state()
        scope.skipped = self.skipped()
        scope.passed = {p.stage.phase.name for p, end in self.parts() if end == PASSED}
        if (gate := self.ended()) is not None:
            scope.end(gate.module, self._reason(scope.made, gate))

    def decision(self, faults: Mapping[str, str]) -> Decision:
        """What the ordinary tick would have decided."""
        made, gate = self.made(), self.ended()
        return Decision(
            self._symbol,
            made,
            gate is None,
            "" if gate is None else self._reason(made, gate),
            "" if gate is None else gate.module,
            faults,
            self.skipped(),
            self._plan.bound.versions,
            self.state(),
        )

    def _reason(self, made: Mapping[str, Any], gate: Step) -> str:
        return str(made.get(f"{gate.module}.reason", ""))


def _present(places: Mapping[str, int], cell: Cell) -> dict[str, Any]:
    return {
        name: cell[place]
        for name, place in places.items()
        if name[0] not in "@#" and cell[place] is not GONE
    }
