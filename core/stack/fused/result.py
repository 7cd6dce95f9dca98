"""What a fast tick leaves: cells to read at once, decisions only when asked for."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from itertools import repeat
from operator import is_
from typing import Any, NamedTuple

from core.stack.fused.layout import GONE
from core.stack.fused.plan import Cell, Plan
from core.stack.fused.reading import Reader
from core.stack.scope import Scope
from core.stack.tick import PORTFOLIO, Decision, Tick

States = Mapping[str, Mapping[str, Any]]
_GONES = repeat(GONE)
_NOTHING: Mapping[str, Any] = {}


class About(NamedTuple):
    """What most ticks of a run share; `scopes` and `slow` are those that went astray."""

    plan: Plan
    generation: int
    notes: tuple[str, ...] = ()
    scopes: Mapping[str, Scope] = {}
    slow: Collection[str] = ()


class FusedTick:
    """One tick: `cells` by symbol and the portfolio's, `whole`, both read by slot.

    What was not made reads GONE. A decision is built when it is asked for.
    """

    __slots__ = ("_about", "_before", "_built", "_tick", "cells", "number", "whole")

    def __init__(
        self,
        about: About,
        number: int,
        cells: dict[str, Cell],
        whole: Cell,
        before: States,
        tick: Tick | None = None,
    ) -> None:
        self._about, self._before, self._tick = about, before, tick
        self._built: dict[str, Decision] = {}
        self.number, self.cells, self.whole = number, cells, whole

    @property
    def generation(self) -> int:
        """The generation of the modules that ran."""
        return self._about.generation

    @property
    def notes(self) -> tuple[str, ...]:
        """What the stack had to tell before this tick."""
        return self._about.notes

    def get(self, symbol: str, name: str, default: Any = None) -> Any:
        """The value of a name for a symbol, or ("") for the portfolio."""
        layout = self._about.plan.layout
        places, cell = (
            (layout.cell, self.cells[symbol]) if symbol else (layout.whole, self.whole)
        )
        value = cell[places[name]] if name in places else GONE
        return default if value is GONE else value

    def places(self, symbol: str) -> dict[str, int]:
        """Where all that is there for a symbol, or ("") for the portfolio, stands."""
        layout = self._about.plan.layout
        places, cell = (
            (layout.cell, self.cells[symbol]) if symbol else (layout.whole, self.whole)
        )
        return {name: at for name, at in places.items() if cell[at] is not GONE}

    def shape(self, symbol: str) -> Hashable:
        """What is alike for ticks of one plan that have values under the same names."""
        cell, whole = self.cells[symbol], self.whole
        gone = bytes(map(is_, cell, _GONES)), bytes(map(is_, whole, _GONES))
        return self._about.plan, gone

    @property
    def odd(self) -> frozenset[str]:
        """The symbols, "" for the portfolio, in which a module failed."""
        if self._tick is not None:
            every = [*self._tick.values(), self._tick.portfolio]
            return frozenset(d.symbol for d in every if d and (d.faults or d.failed))
        return frozenset(
            s for s, at in self._about.scopes.items() if at.faults or at.failed
        )

    def decision(self, symbol: str) -> Decision:
        """What the ordinary tick decides for a symbol, or ("") for the portfolio.

        Raises KeyError for a symbol that was not given, and without a portfolio phase.
        """
        found = self._of(symbol) if symbol else self.portfolio
        if found is None:
            raise KeyError(symbol)
        return found

    @property
    def portfolio(self) -> Decision | None:
        """The portfolio's decision; None without a portfolio phase."""
        if self._tick is not None:
            return self._tick.portfolio
        has_whole = self._about.plan.bound.ticked.has_portfolio
        return self._of(PORTFOLIO) if has_whole else None

    def rows_read(self, phase: str) -> tuple[str, ...]:
        """The symbols' values that a portfolio phase reads as rows."""
        stages = (part.stage for part in self._about.plan.parts)
        return next((one.rows for one in stages if one.phase.name == phase), ())

    def as_tick(self) -> Tick:
        """The whole tick as the ordinary one gives it."""
        if self._tick is None:
            self._tick = Tick(
                self.number,
                self.generation,
                {symbol: self._of(symbol) for symbol in self.cells},
                self.portfolio,
                self.notes,
            )
        return self._tick

    def before(self, symbol: str) -> Mapping[str, Any]:
        """The state a symbol, or ("") the portfolio, had before this tick."""
        return self._before.get(symbol, _NOTHING)

    def _reader(self, symbol: str) -> Reader:
        cell = self.cells[symbol] if symbol else self.whole
        before = self.before(symbol)
        return Reader(self._about.plan, symbol, (cell, self.whole), before)

    def _of(self, symbol: str) -> Decision:
        """A decision, built once."""
        if symbol and self._tick is not None:
            return self._tick[symbol]
        if symbol not in self._built:
            self._built[symbol] = self._decided(symbol)
        return self._built[symbol]

    def _decided(self, symbol: str) -> Decision:
        scope = self._about.scopes.get(symbol)
        if scope is not None and symbol in self._about.slow:
            return scope.decision(self._about.plan.bound.versions)
        return self._reader(symbol).decision(scope.faults if scope else {})
