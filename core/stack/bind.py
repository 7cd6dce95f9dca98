"""A stack with every module bound to a runtime: what a tick walks through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.contract import door
from core.errors import StackError
from core.names import suggest
from core.stack.load import Stack, runnable
from core.stack.wiring import PhasePlan
from core.wrapper import Call, Runnable, Runtime, bind


@dataclass(frozen=True, slots=True)
class Step:
    """One module bound into one phase; `target` if its body may run in this process.

    A body that asks a capability is recorded with its answers: `call` does that alone.
    """

    phase: str
    module: str
    version: int
    call: Call
    parameters: tuple[str, ...]
    state: tuple[str, ...]
    target: Runnable | None = None


class Stage(NamedTuple):
    """One phase with its modules bound; `rows` are symbols' values a portfolio reads."""

    phase: PhasePlan
    steps: tuple[Step, ...]
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Walk:
    """What runs together: the phases of a tick, or one phase that is asked.

    `initial` is the state before the first run, by "symbol" and "portfolio".
    """

    stages: tuple[Stage, ...]
    initial: Mapping[str, Mapping[str, Any]]
    symbol_starts: frozenset[str]
    portfolio_starts: frozenset[str]
    group: str = ""

    @property
    def has_portfolio(self) -> bool:
        """Whether some module of it runs for the portfolio."""
        return any(s.phase.each == "portfolio" and s.steps for s in self.stages)


@dataclass(frozen=True)
class Bound:
    """A stack with every module bound: a tick, and each phase that is asked."""

    stack: Stack
    ticked: Walk
    asked: Mapping[str, Walk]
    versions: Mapping[str, int]
    fixed: Mapping[str, Any]


def bind_stack(
    stack: Stack, runtime: Runtime, fixed: Mapping[str, Any] | None = None
) -> Bound:
    """Bind every module of the stack, each in its phase.

    `fixed` replaces fixed values of the stack; StackError if it has none such.
    """
    asked = [phase.name for phase in stack.wiring.phases if phase.asked]
    return Bound(
        stack=stack,
        ticked=_walk(stack, runtime, ""),
        asked={name: _walk(stack, runtime, name) for name in asked},
        versions=stack.versions,
        fixed=_fixed(stack, fixed or {}),
    )


def _fixed(stack: Stack, given: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in stack.file.own.items() if value.fixed}
    for name, value in given.items():
        if name not in own or not door(own[name].schema)(value):
            raise StackError(
                f"the fixed value '{name}' cannot be {value!r}",
                field=name,
                value=value,
                where=str(stack.file.path),
                remedy="give a value that its unit allows"
                if name in own
                else suggest(name, own),
            )
    return {name: given.get(name, each.value) for name, each in own.items()}


def _walk(stack: Stack, runtime: Runtime, group: str) -> Walk:
    plans = [phase for phase in stack.wiring.phases if phase.group == group]
    stages = tuple(
        Stage(plan, tuple(_step(stack, plan, m, runtime) for m in plan.modules), rows)
        for plan, rows in _with_rows(stack, plans, group)
    )
    initial = {each: _initial(stack, plans, each) for each in ("symbol", "portfolio")}
    return Walk(
        stages,
        initial,
        symbol_starts=stack.starts_for("symbol", group),
        portfolio_starts=stack.starts_for("portfolio", group),
        group=group,
    )


def _step(stack: Stack, phase: PhasePlan, module: str, runtime: Runtime) -> Step:
    entry = stack.entries[module]
    contract = entry.spec.contract
    target = runnable(entry)
    call = bind(target, runtime)
    names = contract.parameters, tuple(contract.state)
    native = target if _is_native(target, runtime) else None
    return Step(phase.name, module, entry.version, call, *names, native)


def _is_native(target: Runnable, runtime: Runtime) -> bool:
    """Whether a call is the body between its doors, in this process."""
    alone = target.certified and not target.quarantined
    return alone and runtime.engine == "native"


def _initial(stack: Stack, plans: list[PhasePlan], each: str) -> dict[str, Any]:
    """Initial state of all modules whose phase runs for `each`."""
    return {
        name: value
        for phase in plans
        if phase.each == each
        for module in phase.modules
        for name, value in stack.entries[module].spec.contract.initial_state().items()
    }


def _with_rows(
    stack: Stack, plans: list[PhasePlan], group: str
) -> Iterator[tuple[PhasePlan, tuple[str, ...]]]:
    """Each phase with the symbols' values its portfolio modules read as rows."""
    per_symbol = set(stack.starts_for("symbol", group))
    for phase in plans:
        specs = [stack.entries[module].spec for module in phase.modules]
        if phase.each == "symbol":
            per_symbol |= {name for spec in specs for name in spec.contract.results}
            yield phase, ()
        else:
            wanted = {name for spec in specs for name in spec.contract.parameters}
            yield phase, tuple(sorted(wanted & per_symbol))
