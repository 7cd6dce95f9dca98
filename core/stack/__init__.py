"""A stack at work: a module's inputs are found by name, the wiring gives the order.

The same `StackRun` serves a live tick, a backtest and a replay: it knows no clock and
no market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from time import perf_counter_ns
from typing import Any

import jsonschema_rs

from core.errors import AszaError, ModuleFailed, StackError, StoreError
from core.names import STATE_PREFIX
from core.records import Reflection
from core.stack.bind import Step, bind_stack
from core.stack.load import Stack as Stack
from core.stack.load import load_stack as load_stack
from core.stack.load import quarantine_notes
from core.stack.load import runnable as runnable
from core.stack.tick import (
    PORTFOLIO,
    SKIPPED,
    Decision,
    Scope,
    Tick,
    TraceEntry,
    outcome_of,
)
from core.stack.wiring import RESERVED
from core.wrapper import Runtime

State = dict[str, dict[str, Any]]


class StackRun:
    """A stack at work: it keeps the state between ticks, and nothing else.

    `generation` is read once a tick; when it has changed, `reload` gives the stack
    with its new versions before the first module runs. `commit` is called with each
    tick before its state is kept: if it raises, the state stays as it was. `loaded_at`
    is the generation before `stack` was read from disk.
    """

    def __init__(
        self,
        stack: Stack,
        runtime: Runtime,
        *,
        state: Mapping[str, Mapping[str, Any]] | None = None,
        trace: bool = False,
        generation: Callable[[], int] | None = None,
        reload: Callable[[], Stack] | None = None,
        commit: Callable[[Tick], None] | None = None,
        loaded_at: int | None = None,
    ) -> None:
        self._runtime = replace(runtime, notice=self._notice)
        self._passed_on = runtime.notice
        self._state: State = {
            scope: dict(kept) for scope, kept in (state or {}).items()
        }
        self._trace, self._commit = trace, commit
        self._read_generation = generation or (lambda: 0)
        self._reload = reload
        self._number = 0
        self._scope: Scope | None = None
        self._notes = quarantine_notes(stack)
        # A version made live since the stack was read is taken up at the first tick.
        read = self._read_generation() if loaded_at is None else loaded_at
        self._generation = self._seen = read
        self._bound = bind_stack(stack, self._runtime)
        self._state = self._fitting_state(stack)

    @property
    def stack(self) -> Stack:
        """The stack as it runs now."""
        return self._bound.stack

    @property
    def state(self) -> State:
        """State by symbol ("" for the portfolio) and name: give it back to restore."""
        return {scope: dict(kept) for scope, kept in self._state.items()}

    def tick(
        self,
        starting: Mapping[str, Mapping[str, Any]],
        portfolio: Mapping[str, Any] | None = None,
    ) -> Tick:
        """Run every phase once: `starting` by symbol and name, `portfolio` by name.

        Raises StackError when a starting value is missing, and what `commit` raises.
        """
        self._renew()
        bound, shared = self._bound, {**self._bound.fixed, **(portfolio or {})}
        self._demand("the portfolio", bound.portfolio_starts, shared)
        whole = self._open(PORTFOLIO, shared)
        scopes = [self._open_symbol(s, starting[s], shared) for s in sorted(starting)]
        for phase, steps, rows in bound.phases:
            if phase.each == "symbol":
                for scope in scopes:
                    self._run_phase(scope, steps)
            else:
                whole.known.update((name, _rows(name, scopes)) for name in rows)
                self._run_phase(whole, steps)
                _broadcast(whole, scopes)
        return self._settle(scopes, whole)

    def _open(self, symbol: str, known: Mapping[str, Any]) -> Scope:
        each = "symbol" if symbol else "portfolio"
        state = {**self._bound.initial[each], **self._state.get(symbol, {})}
        previous = {STATE_PREFIX + name: value for name, value in state.items()}
        return Scope(symbol, {**known, **previous}, state)

    def _open_symbol(
        self, symbol: str, given: Mapping[str, Any], shared: Mapping[str, Any]
    ) -> Scope:
        self._demand(symbol, self._bound.symbol_starts, given)
        return self._open(symbol, {**shared, **given})

    def _demand(
        self, who: str, wanted: frozenset[str], given: Mapping[str, Any]
    ) -> None:
        if not wanted <= given.keys():
            missing = ", ".join(sorted(wanted - given.keys()))
            raise StackError(
                f"{who} has no {missing}",
                field="starting",
                value=missing,
                where=str(self.stack.file.path),
                remedy="give every starting value the stack names, at every tick",
            )

    def _run_phase(self, scope: Scope, steps: Iterable[Step]) -> None:
        self._scope = scope
        for step in steps:
            try:
                inputs = {name: scope.known[name] for name in step.parameters}
            except KeyError as missing:
                self._skip(scope, step, str(missing.args[0]))
                continue
            if not self._run_step(scope, step, inputs):
                break

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
            scope.trace.append(_traced(scope, step, inputs, outputs, taken))
        # Without outputs others go on: an exit must not wait for a broken entry.
        return outputs is None or _take_in(scope, step, outputs)

    def _skip(self, scope: Scope, step: Step, missing: str) -> None:
        remark = f"it needs {missing}, which was not made for {scope.symbol or 'all'}"
        maker = self.stack.wiring.producers.get(missing, "")
        if maker in scope.failed or maker in scope.skipped:
            remark += (
                f": {maker} {'failed' if maker in scope.failed else 'was skipped'}"
            )
        scope.skipped[step.module] = remark
        if self._trace:
            who = (step.phase, step.module, step.version, scope.symbol)
            scope.trace.append(TraceEntry(*who, {}, None, 0, SKIPPED, remark))

    def _settle(self, scopes: Iterable[Scope], whole: Scope) -> Tick:
        """Make the tick, let it be committed, and only then keep its state."""
        bound, notes = self._bound, tuple(self._notes)
        decisions = {s.symbol: s.decision(bound.versions) for s in scopes}
        has_whole = any(p.each == "portfolio" and p.modules for p, *_ in bound.phases)
        portfolio = whole.decision(bound.versions) if has_whole else None
        tick = Tick(self._number + 1, self._generation, decisions, portfolio, notes)
        if self._commit:
            self._commit(tick)
        self._number += 1
        self._notes.clear()
        self._keep(*decisions.values(), *([portfolio] if portfolio else []))
        self._runtime.sink.relieve()
        return tick

    def _keep(self, *decisions: Decision) -> None:
        for decision in decisions:
            if decision.state:
                self._state[decision.symbol] = dict(decision.state)

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
            bound = bind_stack(self._reload(), self._runtime)
        except StoreError as error:  # it may well be there at the next tick
            self._notes.append(f"new versions were not taken up yet: {error}")
        except AszaError as error:
            self._seen = generation
            self._notes.append(f"new versions were not taken up: {error}")
        else:
            state = self._fitting_state(bound.stack)
            self._notes += quarantine_notes(bound.stack, self._bound.stack)
            self._bound, self._state = bound, state
            self._generation = self._seen = generation

    def _fitting_state(self, stack: Stack) -> State:
        """The kept state, without what no module declares or its schema refuses."""
        fields: dict[str, Mapping[str, Any]] = {
            name: field.schema
            for entry in stack.entries.values()
            for name, field in entry.spec.contract.state.items()
        }
        fitting: State = {scope: {} for scope in self._state}
        for scope, kept in self._state.items():
            for name, value in kept.items():
                if _fits(fields.get(name), value):
                    fitting[scope][name] = value
                else:
                    who = scope or "the portfolio"
                    self._notes.append(f"state {name} of {who} restarts")
        return fitting


def _fits(schema: Mapping[str, Any] | None, value: Any) -> bool:
    return schema is not None and jsonschema_rs.is_valid(dict(schema), value)


def _rows(name: str, scopes: Iterable[Scope]) -> list[dict[str, Any]]:
    """One row a symbol that has the value, ordered by symbol."""
    return [
        {"symbol": scope.symbol, name: scope.known[name]}
        for scope in scopes
        if name in scope.known
    ]


def _broadcast(whole: Scope, scopes: Iterable[Scope]) -> None:
    """What the portfolio decided is known to every symbol from now on."""
    for scope in scopes:
        scope.known.update(whole.made)


def _take_in(scope: Scope, step: Step, outputs: Mapping[str, Any]) -> bool:
    """Put outputs where others find them; whether the phase goes on."""
    for name, value in outputs.items():
        scope.put(f"{step.module}.{name}" if name in RESERVED else name, value)
    for name in step.state:
        scope.state[name] = outputs[name]
    if outputs.get("proceed", True) is not False:
        return True
    scope.end(step.module, str(outputs.get("reason", "")))
    return False


def _traced(
    scope: Scope,
    step: Step,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None,
    elapsed_ns: int,
) -> TraceEntry:
    who = (step.phase, step.module, step.version, scope.symbol)
    return TraceEntry(*who, inputs, outputs, elapsed_ns, *outcome_of(scope.fault))
