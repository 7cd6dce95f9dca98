"""The fast tick: a stack's phases compiled to one Python function each.

For runs of many ticks, such as backtests. It decides what `StackRun.tick` decides; only
calls that went well leave no reflection, so that now and then a tick is an ordinary one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from core.errors import StackError
from core.names import suggest
from core.stack import StackRun
from core.stack.fused.ask import Ask as Ask
from core.stack.fused.ask import SymbolAsk as SymbolAsk
from core.stack.fused.checks import Schema, checker, is_span
from core.stack.fused.course import Course as Course
from core.stack.fused.course import Ended
from core.stack.fused.course import Step as Step
from core.stack.fused.given import readers
from core.stack.fused.layout import GONE as GONE
from core.stack.fused.layout import fill, layout_of
from core.stack.fused.plan import Cell, Plan, plan_of
from core.stack.fused.result import About
from core.stack.fused.result import FusedTick as FusedTick
from core.stack.fused.sampling import next_sample, refuse_difference
from core.stack.fused.turns import GiveUp, Live, Recorded
from core.stack.fused.walk import NO_STATE, Cells, States, states_of
from core.stack.load import Stack, demand
from core.stack.tick import PORTFOLIO, Tick
from core.wrapper import Runtime

Rows = Mapping[str, Sequence[Any]]
_SOME = 4096  # values of an array that are plain Python at a time


class FusedRun(StackRun):
    """A `StackRun` that also has a fast tick: `tick_rows`.

    `symbol_names` and `portfolio_names` are the order in which `tick_rows` wants its
    values; they stay as they are for the life of the run. Modules that are certified
    for this process are called straight; the others, and every call that goes wrong or
    asks a capability, go through their bound call. `sample` gives the number of
    the next tick, after a given one, that is an ordinary one: its calls are reflected,
    and the fast result is compared with it.
    """

    _plan: Plan
    _live: Live
    _about: About
    _due: float
    _stale: bool
    _vouched: frozenset[str]

    def __init__(
        self,
        stack: Stack,
        runtime: Runtime,
        *,
        sample: Callable[[int], float] = next_sample,
        **more: Any,
    ) -> None:
        super().__init__(stack, runtime, **more)
        walk = self._bound.ticked
        self._given = {
            "symbol": tuple(sorted(walk.symbol_starts)),
            "portfolio": tuple(sorted(walk.portfolio_starts)),
        }
        self._sample = sample
        self._width = len(self._given["symbol"])
        self._trusted: dict[str, list[Schema]] = {}
        self._layout = layout_of(stack, walk, self._given, None)
        self._known = self._bound  # whose names are given
        self._stale, self._due = True, 0  # compiled at the first tick

    @property
    def symbol_names(self) -> tuple[str, ...]:
        """The names of a symbol's row, in order."""
        return self._given["symbol"]

    @property
    def portfolio_names(self) -> tuple[str, ...]:
        """The names of the portfolio's values, in order."""
        return self._given["portfolio"]

    def slot(self, name: str) -> int:
        """Where a name stands in a cell, for the life of the run.

        In `FusedTick.cells` what symbols are given and make, in `whole` the portfolio's.
        Raises StackError for a name that no tick has.
        """
        return self._layout.slot(name, str(self.stack.file.path))

    def find(self, name: str) -> int | None:
        """The same, None for a name that no tick has."""
        return self._layout.find(name)

    def prevalidate(self, name: str, *columns: Iterable[Any]) -> bool:
        """Test once every value that ticks will be given of a starting value.

        Give the columns of all symbols, as lists or as arrays of floats. If all fit every module that reads the name,
        ticks test it no more; else nothing changes. Raises StackError for a name that
        no tick is given.
        """
        each = "symbol" if name in self.symbol_names else "portfolio"
        if name not in self._given[each]:
            raise StackError(
                f"'{name}' is given to no tick",
                field="name",
                value=name,
                where=str(self.stack.file.path),
                remedy=suggest(name, [*self.symbol_names, *self.portfolio_names]),
            )
        wanted = readers(self._bound, each).get(name, [])
        fits, ends = checker(wanted), all(map(is_span, wanted))
        if not all(all(map(fits, _telling(one, ends=ends))) for one in columns):
            self._trusted.pop(name, None)
            return False
        self._trusted[name] = wanted
        self._stale, self._due = True, 0  # compiled once, at the next tick
        return True

    def tick_rows(self, rows: Rows, shared: Sequence[Any] = ()) -> FusedTick:
        """Run every phase once: a row a symbol, and the portfolio's values.

        Raises StackError when a row is too short or long or a new version reads more
        than the run began with, and as `tick` does.
        """
        if self._reload is not None:
            self._take_up()
        number = self._number + 1
        if number >= self._due:
            if self._stale:
                self._compile()
            if number >= self._due:
                return self._ordinary(rows, shared)
        plan, live = self._plan, self._live
        if live.scopes:  # of a tick before, which went astray
            live = self._live = self._turns()
        whole: Cell = []
        if shared or plan.whole_size:
            whole = [*shared, *plan.whole_blank]
            if len(whole) != plan.whole_size:
                raise self._unlike("the portfolio", len(shared))
            if plan.whole_fits is not None and not plan.whole_fits(whole):
                return self._ordinary(rows, shared, compare=False)
        cells = self._opened(rows)
        states = states_of(plan, cells, self._state) if plan.remembers else NO_STATE
        plan.drive(cells, whole, states, live)
        if live.scopes or self._notes:
            notes = tuple(self._notes)
            about = About(plan, self._generation, notes, live.scopes, live.slow)
        else:
            about = self._about
        tick = FusedTick(about, number, cells, whole, states)
        if self._commit is not None:
            self._commit(tick.as_tick())
        self._number = number
        if states or about is not self._about:
            self._settle_fast(tick, states)
        return tick

    def glide(
        self,
        course: Course,
        steps: Sequence[Step],
        at: int,
        end: int,
        fixed: Sequence[Any],
        ended: Ended,
        values: list[Any],
    ) -> int:
        """Ticks of a course's symbols for `steps` from `at` to before `end`, while none asks.

        The place of the first step that was not passed: its tick is still to be made. What
        gates ended is counted into `ended`, what the course reckoned put into `values`.
        Nothing is passed where a tick would have to do more than run its modules.
        """
        if self._reload or self._commit or self._notes:
            return at
        if self._stale:
            self._compile()
        plan = self._plan
        walk = course.of(plan, self._vouched)
        if walk is None:
            return at
        kept, symbols = self._state, [one.symbol for one in course.ask.symbols]
        states = [plan.state_of("symbol", kept.get(symbol)) for symbol in symbols]
        own = plan.state_of("portfolio", kept.get(PORTFOLIO))
        most = int(min(end, at + self._due - self._number - 1))
        passed, after, own = walk(steps, at, most, fixed, states, own, ended, values)
        self._number += passed - at
        if plan.remembers and passed > at:
            each = dict(zip(symbols, after, strict=True)) | {PORTFOLIO: own}
            for scope in (*sorted(symbols), PORTFOLIO):  # in the order of a tick
                if one := each[scope]:
                    kept[scope] = {**kept.get(scope, {}), **one}
        return passed

    def _opened(self, rows: Rows) -> Cells:
        """A cell a symbol, ordered by symbol."""
        blank, width = self._plan.row_blank, self._width
        cells: Cells = {}
        for symbol in rows if len(rows) == 1 else sorted(rows):
            row = rows[symbol]
            if len(row) != width:
                raise self._unlike(symbol, len(row))
            cells[symbol] = [*row, *blank]
        return cells

    def _settle_fast(self, tick: FusedTick, states: States) -> None:
        """Keep the state of a tick that was committed, and forget what it told."""
        self._notes.clear()
        for scope, before in states.items():
            each, cell = (
                ("symbol", tick.cells[scope]) if scope else ("portfolio", tick.whole)
            )
            after = self._plan.state_after(each, cell, before)
            self._state[scope] = {**self._state.get(scope, {}), **after}
        if self._live.scopes:
            self._runtime.sink.relieve()

    def _ordinary(
        self, rows: Rows, shared: Sequence[Any], *, compare: bool = True
    ) -> FusedTick:
        """A tick whose calls are reflected, and with which the fast one is compared."""
        starting = {symbol: self._named("symbol", row) for symbol, row in rows.items()}
        plan, before = self._plan, dict(self._state)
        portfolio = self._named("portfolio", shared)
        tick = self._go(plan.bound.ticked, starting, portfolio)
        self._due = self._next_due()
        if compare:
            self._compare(
                tick, self._opened(rows), [*shared, *plan.whole_blank], before
            )
        cells, whole = self._opened(rows), [*shared, *plan.whole_blank]
        for symbol, cell in cells.items():
            fill(cell, plan.layout.cell, tick[symbol].values)
        if tick.portfolio is not None:
            fill(whole, plan.layout.whole, tick.portfolio.values)
        about = About(plan, tick.generation, tick.notes)
        states = states_of(plan, cells, before)
        return FusedTick(about, tick.number, cells, whole, states, tick)

    def _named(self, each: str, row: Sequence[Any]) -> dict[str, Any]:
        if len(row) != len(self._given[each]):
            raise self._unlike(f"a {each}", len(row))
        return dict(zip(self._given[each], row, strict=True))

    def _compare(self, tick: Tick, cells: Cells, whole: Cell, before: States) -> None:
        """Raise StackError if the fast tick decides otherwise; nothing is called twice."""
        plan, turns = self._plan, Recorded(self._plan, tick)
        if plan.whole_fits is not None and not plan.whole_fits(whole):
            return
        states = states_of(plan, cells, before)
        try:
            plan.drive(cells, whole, states, turns)
        except GiveUp:
            return
        about = About(plan, tick.generation, tick.notes)
        fast = FusedTick(about, tick.number, cells, whole, states)
        refuse_difference(fast.as_tick(), tick, str(self.stack.file.path))

    def _planned(self) -> Plan:
        """The bound stack compiled; what is not read by the same modules is tested."""
        bound = self._bound
        wanted = {**readers(bound, "symbol"), **readers(bound, "portfolio")}
        trusted = {n for n, each in self._trusted.items() if wanted.get(n) == each}
        self._vouched = frozenset(trusted)
        walk = bound.ticked
        self._layout = layout_of(bound.stack, walk, self._given, self._layout)
        return plan_of(bound, self._layout, self._given, trusted)

    def _take_up(self) -> None:
        """Compile new versions, if any; StackError if they read what no tick is given."""
        self._renew()
        if self._known is self._bound:
            return
        walk_ = self._bound.ticked
        demand(self.stack, "a row", walk_.symbol_starts, self.symbol_names)
        starts = walk_.portfolio_starts
        demand(self.stack, "the portfolio", starts, self.portfolio_names)
        self._known, self._stale, self._due = self._bound, True, 0

    def _compile(self) -> None:
        self._plan = self._planned()
        self._stale, self._due = False, self._next_due()
        self._live = self._turns()
        self._about = About(self._plan, self._generation)

    def _next_due(self) -> float:
        """The number of the next tick that is an ordinary one."""
        return 0 if self._trace else self._sample(self._number)

    def _turns(self) -> Live:
        return Live(self._plan, self._hear, self._run_phase)

    def _unlike(self, who: str, length: int) -> StackError:
        return StackError(
            f"the row of {who} has a wrong length",
            field="rows",
            value=length,
            where=str(self.stack.file.path),
            remedy="give the values in the order of symbol_names and portfolio_names: "
            f"{', '.join(self.symbol_names)}; {', '.join(self.portfolio_names)}",
        )


def _telling(column: Any, *, ends: bool) -> Iterable[Any]:
    """The values to test of a column: of an array of floats its ends may do, and what is
    no number is among them then."""
    if not hasattr(column, "dtype"):
        return cast(Iterable[Any], column)
    if ends and column.dtype.kind == "f" and column.size:
        return column.min().item(), column.max().item()
    return chain.from_iterable(
        column[at : at + _SOME].tolist() for at in range(0, column.size, _SOME)
    )
