"""A stack at work: a module's inputs are found by name, the wiring gives the order.

The same `StackRun` serves a live tick, a backtest and a replay: it knows no clock and
no market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from time import perf_counter_ns
from typing import Any

from core.errors import AszaError, ModuleFailed, StackError, StoreError
from core.names import STATE_PREFIX, suggest
from core.records import Reflection
from core.stack.bind import Stage, Step, Walk, bind_stack
from core.stack.load import Stack as Stack
from core.stack.load import demand, quarantine_notes
from core.stack.load import load_stack as load_stack
from core.stack.load import runnable as runnable
from core.stack.scope import (
    Scope,
    broadcast,
    came_through,
    may_run,
    missing_remark,
    rows_of,
    take_in,
    traced,
)
from core.stack.state import State, fitting_state
from core.stack.tick import PORTFOLIO, SKIPPED, Decision, Tick, TraceEntry
from core.wrapper import Runtime

Shared = Mapping[str, Any]
Starting = Mapping[str, Mapping[str, Any]]


class StackRun:
    """A stack at work: it keeps the state between ticks, and nothing else.

    `generation` is read once a tick; when it has changed, `reload` gives the stack
    with its new versions before the first module runs. `commit` is called with each
    tick before its state is kept: if it raises, the state stays as it was. `loaded_at`
    is the generation before `stack` was read from disk. `fixed` replaces fixed starting
    values of the stack; StackError when it has no such value, or the unit refuses it.
    """

    def __init__(
        self,
        stack: Stack,
        runtime: Runtime,
        *,
        state: Starting | None = None,
        trace: bool = False,
        generation: Callable[[], int] | None = None,
        reload: Callable[[], Stack] | None = None,
        commit: Callable[[Tick], None] | None = None,
        loaded_at: int | None = None,
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        self._runtime = replace(runtime, notice=self._notice)
        self._passed_on = runtime.notice
        self._trace, self._commit = trace, commit
        self._read_generation = generation or (lambda: 0)
        self._reload = reload
        self._number = 0
        self._scope: Scope | None = None
        self._notes = quarantine_notes(stack)
        # A version made live since the stack was read is taken up at the first tick.
        read = self._read_generation() if loaded_at is None else loaded_at
        self._generation = self._seen = read
        self._fixed = fixed or {}
        self._bound = bind_stack(stack, self._runtime, self._fixed)
        self._state, restarted = fitting_state(stack, state or {})
        self._notes += restarted

    @property
    def stack(self) -> Stack:
        """The stack as it runs now."""
        return self._bound.stack

    @property
    def state(self) -> State:
        """State by symbol ("" for the portfolio) and name: give it back to restore."""
        return {scope: dict(kept) for scope, kept in self._state.items()}

    def tick(self, starting: Starting, portfolio: Shared | None = None) -> Tick:
        """Run every phase once: `starting` by symbol and name, `portfolio` by name.

        Raises StackError when a starting value is missing, and what `commit` raises.
        """
        self._renew()
        return self._go(self._bound.ticked, starting, portfolio)

    def ask(
        self,
        phase: str,
        portfolio: Shared | None = None,
        starting: Starting | None = None,
    ) -> Tick:
        """Run one phase that is asked, alone, with values and a state of its own.

        It is committed as a tick is, under the last tick's number and with the phase's
        name in `asked`. Raises StackError when no phase of that name is asked, and as
        `tick` does.
        """
        self._renew()
        if phase not in self._bound.asked:
            raise StackError(
                f"no phase '{phase}' can be asked",
                field="phase",
                value=phase,
                where=str(self.stack.file.path),
                remedy=suggest(phase, self._bound.asked),
            )
        return self._go(self._bound.asked[phase], starting or {}, portfolio)

    def _go(self, walk: Walk, starting: Starting, portfolio: Shared | None) -> Tick:
        shared = {**self._bound.fixed, **(portfolio or {})}
        demand(self.stack, "the portfolio", walk.portfolio_starts, shared)
        whole = self._open(walk, PORTFOLIO, shared)
        scopes = [
            self._open_symbol(walk, symbol, starting[symbol], shared)
            for symbol in sorted(starting)
        ]
        for stage in walk.stages:
            if stage.phase.each == "symbol":
                self._run_symbols(stage, whole, scopes)
            else:
                self._run_portfolio(stage, whole, scopes)
        return self._settle(walk, scopes, whole)

    def _run_symbols(self, stage: Stage, whole: Scope, scopes: list[Scope]) -> None:
        for scope in scopes:
            if may_run(stage.phase, scope, whole):
                self._run_phase(scope, stage)

    def _run_portfolio(self, stage: Stage, whole: Scope, scopes: list[Scope]) -> None:
        if may_run(stage.phase, whole, *scopes):
            through = came_through(stage.phase, whole, scopes)
            whole.known.update((name, rows_of(name, through)) for name in stage.rows)
            self._run_phase(whole, stage)
            broadcast(whole, scopes)

    def _open(self, walk: Walk, symbol: str, known: Shared) -> Scope:
        kept = self._state.get(symbol, {})
        initial = walk.initial["symbol" if symbol else "portfolio"]
        state = {name: kept.get(name, value) for name, value in initial.items()}
        previous = {STATE_PREFIX + name: value for name, value in state.items()}
        return Scope(symbol, {**known, **previous}, state)

    def _open_symbol(
        self, walk: Walk, symbol: str, given: Shared, shared: Shared
    ) -> Scope:
        demand(self.stack, symbol, walk.symbol_starts, given)
        return self._open(walk, symbol, {**shared, **given})

    def _run_phase(self, scope: Scope, stage: Stage) -> None:
        self._hear(scope)
        for step in stage.steps:
            try:
                inputs = {name: scope.known[name] for name in step.parameters}
            except KeyError as missing:
                self._skip(scope, step, str(missing.args[0]))
                continue
            if not self._run_step(scope, step, inputs):
                return
        scope.passed.add(stage.phase.name)

    def _run_step(self, scope: Scope, step: Step, inputs: dict[str, Any]) -> bool:
        """Run one module; whether the phase goes on."""
        scope.fault, start = None, perf_counter_ns()
        try:
            outputs: dict[str, Any] | None = step.call(**inputs)
        except ModuleFailed:
            outputs = None
            scope.failed.append(step.module)
        if self._trace:
            taken = perf_counter_ns() - start
            scope.trace.append(traced(scope, step, inputs, outputs, taken))
        # Without outputs others go on: an exit must not wait for a broken entry.
        return outputs is None or take_in(scope, step, outputs)

    def _skip(self, scope: Scope, step: Step, missing: str) -> None:
        maker = self.stack.wiring.producers.get(missing, "")
        about = (missing, scope.symbol, maker, scope.failed, scope.skipped)
        remark = missing_remark(*about)
        scope.skipped[step.module] = remark
        if self._trace:
            who = (step.phase, step.module, step.version, scope.symbol)
            scope.trace.append(TraceEntry(*who, {}, None, 0, SKIPPED, remark))

    def _settle(self, walk: Walk, scopes: Iterable[Scope], whole: Scope) -> Tick:
        """Make the tick, let it be committed, and only then keep its state."""
        versions, notes = self._bound.versions, tuple(self._notes)
        decisions = {s.symbol: s.decision(versions) for s in scopes}
        portfolio = whole.decision(versions) if walk.has_portfolio else None
        number = self._number + (not walk.group)
        about = (number, self._generation, decisions, portfolio, notes)
        tick = Tick(*about, asked=walk.group)
        if self._commit:
            self._commit(tick)
        self._number = number
        self._notes.clear()
        self._keep(*decisions.values(), *([portfolio] if portfolio else []))
        self._runtime.sink.relieve()
        return tick

    def _keep(self, *decisions: Decision) -> None:
        for decision in decisions:
            if decision.state:
                kept = self._state.get(decision.symbol, {})
                self._state[decision.symbol] = {**kept, **decision.state}

    def _hear(self, scope: Scope) -> None:
        """What fails from now on fails in this scope."""
        self._scope = scope

    def _notice(self, reflection: Reflection) -> None:
        """Remember in the decision that a module failed, then pass it on."""
        if self._scope is not None:
            self._scope.fault = reflection
            self._scope.faults[reflection.module.rpartition(".")[2]] = reflection.remark
        if self._passed_on:
            self._passed_on(reflection)

    def _renew(self) -> None:
        """Take up new versions, if there are any; never in the middle of a tick."""
        try:
            generation = self._read_generation()
            if generation == self._seen or self._reload is None:
                return
            bound = bind_stack(self._reload(), self._runtime, self._fixed)
        except StoreError as error:  # it may well be there at the next tick
            self._notes.append(f"new versions were not taken up yet: {error}")
        except AszaError as error:
            self._seen = generation
            self._notes.append(f"new versions were not taken up: {error}")
        else:
            self._state, restarted = fitting_state(bound.stack, self._state)
            self._notes += restarted
            self._notes += quarantine_notes(bound.stack, self._bound.stack)
            self._bound = bound
            self._generation = self._seen = generation
