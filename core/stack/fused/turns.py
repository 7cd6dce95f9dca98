"""What a fast tick does when a module's turn went another way than straight on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.errors import ModuleFailed, StackError
from core.stack.bind import Stage, Step
from core.stack.fused.layout import PASSED, made_as
from core.stack.fused.plan import Cell, Part, Plan
from core.stack.fused.reading import Reader
from core.stack.scope import Scope, take_in
from core.stack.tick import Tick

Answer = dict[str, Any] | None
Cells = tuple[Cell, Cell]


class Turns(Protocol):
    """How the turns that are no plain call are settled.

    `slow` are the symbols ("" the portfolio) that the ordinary tick goes on with.
    """

    slow: set[str]

    def odd(self, number: int, symbol: str, args: tuple[Any, ...]) -> Answer:
        """The module's outputs, or None: the ordinary tick has to go on here."""

    def begin(self, symbol: str, cells: Cells, state: Mapping[str, Any], /) -> None:
        """What the symbol was given does not fit: all of it is the ordinary tick's."""

    def leave(
        self,
        symbol: str,
        cells: Cells,
        state: Mapping[str, Any],
        part: Part,
        at: int,
        /,
    ) -> None:
        """The ordinary tick goes on in this phase behind the module at `at`."""

    def go_on(self, symbol: str, cells: Cells, part: Part, /) -> None:
        """The ordinary tick runs this phase."""


class Live:
    """The ordinary tick's calls: they record, notify, fall back or fail."""

    def __init__(
        self,
        plan: Plan,
        hear: Callable[[Scope], None],
        run_phase: Callable[[Scope, Stage], None],
    ) -> None:
        self._plan, self._hear, self._run_phase = plan, hear, run_phase
        self.scopes: dict[str, Scope] = {}
        self.slow: set[str] = set()
        self._answers: dict[str, Answer] = {}

    def odd(self, number: int, symbol: str, args: tuple[Any, ...]) -> Answer:
        turn = self._plan.turns[number]
        scope = self._scope(symbol)
        scope.fault = None
        self._hear(scope)
        try:
            named = dict(zip(turn.step.parameters, args, strict=True))
            outputs: Answer = turn.step.call(**named)
        except ModuleFailed:
            outputs = None
            scope.failed.append(turn.step.module)
        if outputs is not None and turn.fits(outputs):
            return outputs
        self._answers[symbol] = outputs
        return None

    def begin(self, symbol: str, cells: Cells, state: Mapping[str, Any]) -> None:
        self.slow.add(symbol)
        Reader(self._plan, symbol, cells, state).fill(self._scope(symbol))

    def leave(
        self, symbol: str, cells: Cells, state: Mapping[str, Any], part: Part, at: int
    ) -> None:
        self.slow.add(symbol)
        scope, stage = self._scope(symbol), part.stage
        Reader(self._plan, symbol, cells, state, (part, at)).fill(scope)
        scope.known.update(_rows(cells, part))
        answer = self._answers.pop(symbol)
        if answer is None or take_in(scope, stage.steps[at], answer):
            self._run_phase(scope, stage._replace(steps=stage.steps[at + 1 :]))
        self._write(scope, cells, part)

    def go_on(self, symbol: str, cells: Cells, part: Part) -> None:
        scope = self.scopes[symbol]
        if symbol:  # what the portfolio made since
            scope.known.update(Reader(self._plan, "", (cells[1], cells[1]), {}).known())
        scope.known.update(_rows(cells, part))
        self._run_phase(scope, part.stage)
        self._write(scope, cells, part)

    def _scope(self, symbol: str) -> Scope:
        if symbol not in self.scopes:
            self.scopes[symbol] = Scope(symbol, {}, {})
        return self.scopes[symbol]

    def _write(self, scope: Scope, cells: Cells, part: Part) -> None:
        """Put what the ordinary tick made where other phases find it."""
        cell = cells[0]
        places = self._plan.layout.cell if scope.symbol else self._plan.layout.whole
        for name, value in scope.made.items():
            cell[places[name]] = value
        cell[part.end] = PASSED if part.stage.phase.name in scope.passed else 0


class GiveUp(Exception):
    """A tick whose fast result says nothing: the ordinary one went its own way."""


class Recorded:
    """The answers that the ordinary tick has given already: nothing is called twice."""

    def __init__(self, plan: Plan, tick: Tick) -> None:
        self._plan, self._tick = plan, tick
        self.slow: set[str] = set()

    def odd(self, number: int, symbol: str, args: tuple[Any, ...]) -> Answer:
        step = self._plan.turns[number].step
        decision = self._tick[symbol] if symbol else self._tick.portfolio
        if decision is None or step.module in decision.failed:
            raise GiveUp
        contract = self._plan.bound.stack.entries[step.module].spec.contract
        names = {name: made_as(step, name) for name in contract.results}
        if not decision.values.keys() >= set(names.values()):
            raise _unlike(step, symbol, args)
        return {name: decision.values[kept] for name, kept in names.items()}

    def begin(self, *_: object) -> None:
        raise GiveUp

    def leave(self, *_: object) -> None:
        raise GiveUp

    def go_on(self, *_: object) -> None:
        raise GiveUp


def _unlike(step: Step, symbol: str, args: tuple[Any, ...]) -> StackError:
    return StackError(
        f"the fast tick runs {step.module} for {symbol or 'all'}, the ordinary does not",
        field=step.module,
        value=args,
        remedy="run it without the fast tick, and tell its makers",
    )


def _rows(cells: Cells, part: Part) -> dict[str, Any]:
    return {name: cells[1][place] for name, place, _ in part.rows}
