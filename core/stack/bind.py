"""A stack with every module bound to a runtime: what a tick walks through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.stack.load import Stack, runnable
from core.stack.wiring import PhasePlan
from core.wrapper import Call, Runtime, bind


@dataclass(frozen=True, slots=True)
class Step:
    """One module bound into one phase."""

    phase: str
    module: str
    version: int
    call: Call
    parameters: tuple[str, ...]
    state: tuple[str, ...]


@dataclass(frozen=True)
class Bound:
    """A stack with every module bound: what a tick walks through."""

    stack: Stack
    phases: tuple[tuple[PhasePlan, tuple[Step, ...], tuple[str, ...]], ...]
    versions: Mapping[str, int]
    initial: Mapping[str, Mapping[str, Any]]
    symbol_starts: frozenset[str]
    portfolio_starts: frozenset[str]
    fixed: Mapping[str, Any]


def bind_stack(stack: Stack, runtime: Runtime) -> Bound:
    """Bind every module of the stack, each in its phase."""
    phases = tuple(
        (phase, tuple(_step(stack, phase, m, runtime) for m in phase.modules), rows)
        for phase, rows in _with_rows(stack)
    )
    return Bound(
        stack=stack,
        phases=phases,
        versions=stack.versions,
        initial={each: _initial(stack, each) for each in ("symbol", "portfolio")},
        symbol_starts=stack.starts_for("symbol"),
        portfolio_starts=stack.starts_for("portfolio"),
        fixed={n: own.value for n, own in stack.file.own.items() if own.fixed},
    )


def _step(stack: Stack, phase: PhasePlan, module: str, runtime: Runtime) -> Step:
    entry = stack.entries[module]
    contract = entry.spec.contract
    call = bind(runnable(entry), runtime)
    names = contract.parameters, tuple(contract.state)
    return Step(phase.name, module, entry.version, call, *names)


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
