"""A stack on disk and a stack at work.

A module's inputs are found by name; the wiring gives the order. The same `StackRun`
serves a live tick, a backtest and a replay: it knows no clock and no market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from core.errors import ModuleFailed, StackError
from core.names import STATE_PREFIX
from core.records import Reflection
from core.stack_file import StackFile, read_stack_file
from core.stack_tick import (
    PORTFOLIO,
    SKIPPED,
    Decision,
    Scope,
    Tick,
    TraceEntry,
    outcome_of,
)
from core.wiring import RESERVED, PhasePlan, Wiring, wire
from core.wrapper import Call, Runnable, Runtime, bind

if TYPE_CHECKING:
    from core.llm import LibraryEntry
    from core.vocabulary import Vocabulary

State = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Stack:
    """Modules wired by the names of their inputs and outputs, ready to be run."""

    file: StackFile
    wiring: Wiring
    entries: Mapping[str, LibraryEntry]

    @property
    def name(self) -> str:
        """The stack's name, which is its folder's."""
        return self.file.name

    @property
    def starting(self) -> tuple[str, ...]:
        """The names the caller of a tick must give."""
        return self.wiring.starting

    @property
    def versions(self) -> dict[str, int]:
        """The version of each module, in the order they run."""
        order = [module for phase in self.wiring.phases for module in phase.modules]
        return {module: self.entries[module].version for module in order}

    def starts_for(self, each: str) -> frozenset[str]:
        """The starting names given once a "symbol", or once for the "portfolio"."""
        return frozenset(name for name in self.starting if self._each(name) == each)

    def warm_up(self) -> int:
        """Bars that must pass before every starting value exists."""
        found = map(self.file.vocabulary.starting_value, self.starting)
        return max((value.warm_up for value in found if value), default=0)

    def _each(self, name: str) -> str:
        if name in self.file.own:
            return self.file.own[name].each
        value = self.file.vocabulary.starting_value(name)
        return value.each if value else "symbol"


def load_stack(
    folder: Path,
    entries: Iterable[LibraryEntry],
    vocabulary: Vocabulary | None = None,
) -> Stack:
    """The stack in `folder` made of `entries`; StackError if it cannot be wired."""
    file = read_stack_file(folder, vocabulary)
    named = {entry.spec.name: entry for entry in entries}
    specs = [entry.spec for entry in named.values()]
    try:
        wiring = wire(specs, file.vocabulary, phases=file.phases, own=file.own)
    except StackError as error:
        error.where = str(file.path)
        raise
    return Stack(file, wiring, named)


def runnable(entry: LibraryEntry) -> Runnable:
    """The entry as the wrapper binds it; native only with a certificate of its own."""
    from core.body import function_source

    source, body = function_source(entry.spec, entry.body), entry.body
    return Runnable(
        module=entry.spec.id,
        version=entry.version,
        contract=entry.spec.contract,
        source=source,
        first=len(source.splitlines()) - len(body.splitlines()),
        certified=entry.certificate is not None and entry.certificate.passed,
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One module bound into one phase."""

    phase: str
    module: str
    version: int
    call: Call
    parameters: tuple[str, ...]
    state: tuple[str, ...]


@dataclass(frozen=True)
class _Bound:
    """A stack with every module bound: what a tick walks through."""

    stack: Stack
    phases: tuple[tuple[PhasePlan, tuple[_Step, ...], tuple[str, ...]], ...]
    versions: Mapping[str, int]
    initial: Mapping[str, Mapping[str, Any]]
    symbol_starts: frozenset[str]
    portfolio_starts: frozenset[str]
    fixed: Mapping[str, Any]


class StackRun:
    """A stack at work: it keeps the state between ticks, and nothing else.

    `generation` is read once a tick; when it has changed, `reload` gives the stack
    with its new versions before the first module runs. `commit` is called with each
    tick before its state is kept: if it raises, the state stays as it was.
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
        self._notes: list[str] = []
        self._generation = self._read_generation()
        self._bound = self._bind(stack)

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

    def _run_phase(self, scope: Scope, steps: Iterable[_Step]) -> None:
        self._scope = scope
        for step in steps:
            try:
                inputs = {name: scope.known[name] for name in step.parameters}
            except KeyError as missing:
                self._skip(scope, step, str(missing.args[0]))
                continue
            if not self._run_step(scope, step, inputs):
                break

    def _run_step(self, scope: Scope, step: _Step, inputs: dict[str, Any]) -> bool:
        """Run one module; whether the phase goes on."""
        scope.fault, start = None, perf_counter_ns()
        try:
            outputs: dict[str, Any] | None = step.call(**inputs)
        except ModuleFailed as failure:
            outputs = None
            scope.end(step.module, failure.message)
        if self._trace:
            taken = perf_counter_ns() - start
            scope.trace.append(_traced(scope, step, inputs, outputs, taken))
        return outputs is not None and _take_in(scope, step, outputs)

    def _skip(self, scope: Scope, step: _Step, missing: str) -> None:
        remark = f"it needs {missing}, which was not made for {scope.symbol or 'all'}"
        scope.skipped[step.module] = remark
        if self._trace:
            entry = (step.phase, step.module, step.version, scope.symbol, {}, None)
            scope.trace.append(TraceEntry(*entry, 0, SKIPPED, remark))

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
        generation = self._read_generation()
        if generation == self._generation or self._reload is None:
            return
        try:
            self._bound = self._bind(self._reload())
        except StackError as error:
            self._notes.append(f"new versions were not taken up: {error}")
        self._generation = generation

    def _bind(self, stack: Stack) -> _Bound:
        phases = tuple(
            (phase, tuple(self._step(stack, phase, m) for m in phase.modules), rows)
            for phase, rows in _with_rows(stack)
        )
        self._fit_state(stack)
        return _Bound(
            stack=stack,
            phases=phases,
            versions=stack.versions,
            initial={each: _initial(stack, each) for each in ("symbol", "portfolio")},
            symbol_starts=stack.starts_for("symbol"),
            portfolio_starts=stack.starts_for("portfolio"),
            fixed={n: own.value for n, own in stack.file.own.items() if own.fixed},
        )

    def _step(self, stack: Stack, phase: PhasePlan, module: str) -> _Step:
        entry = stack.entries[module]
        contract = entry.spec.contract
        call = bind(runnable(entry), self._runtime)
        names = contract.parameters, tuple(contract.state)
        return _Step(phase.name, module, entry.version, call, *names)

    def _fit_state(self, stack: Stack) -> None:
        """Forget kept state that no module declares, or that its schema refuses."""
        fields = {
            name: field.schema
            for entry in stack.entries.values()
            for name, field in entry.spec.contract.state.items()
        }
        for scope, kept in self._state.items():
            for name in [n for n, v in kept.items() if not _fits(fields.get(n), v)]:
                self._notes.append(
                    f"state {name} of {scope or 'the portfolio'} restarts"
                )
                del kept[name]


def _fits(schema: Mapping[str, Any] | None, value: Any) -> bool:
    return schema is not None and jsonschema_rs.is_valid(dict(schema), value)


def _initial(stack: Stack, each: str) -> dict[str, Any]:
    """Initial state of all modules whose phase runs for `each`."""
    return {
        name: value
        for phase in stack.wiring.phases
        if phase.each == each
        for module in phase.modules
        for name, value in stack.entries[module].spec.contract.initial_state().items()
    }


def _with_rows(stack: Stack) -> Iterable[tuple[PhasePlan, tuple[str, ...]]]:
    """Each phase with the symbols' values its portfolio modules read as rows."""
    per_symbol = set(stack.starts_for("symbol"))
    for phase in stack.wiring.phases:
        specs = [stack.entries[module].spec for module in phase.modules]
        if phase.each == "symbol":
            per_symbol |= {name for spec in specs for name in spec.contract.results}
            yield phase, ()
        else:
            wanted = {name for spec in specs for name in spec.contract.parameters}
            yield phase, tuple(sorted(wanted & per_symbol))


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


def _take_in(scope: Scope, step: _Step, outputs: Mapping[str, Any]) -> bool:
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
    step: _Step,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None,
    elapsed_ns: int,
) -> TraceEntry:
    who = (step.phase, step.module, step.version, scope.symbol)
    return TraceEntry(*who, inputs, outputs, elapsed_ns, *outcome_of(scope.fault))
