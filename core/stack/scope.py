"""What a symbol or the portfolio gathers while a tick goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.records import OK, Reflection
from core.stack.bind import Step
from core.stack.tick import Decision, TraceEntry
from core.stack.wiring import PROCEED, RESERVED, PhasePlan


@dataclass(slots=True)
class Scope:
    """What a symbol (or the portfolio) has gathered so far in this tick.

    `passed` are the phases that were run here and that no gate ended.
    """

    symbol: str
    known: dict[str, Any]
    state: dict[str, Any]
    made: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    trace: list[TraceEntry] = field(default_factory=list)
    ended_by: str = ""
    reason: str = ""
    fault: Reflection | None = None
    passed: set[str] = field(default_factory=set)

    def put(self, name: str, value: Any) -> None:
        """A value other modules of this scope may read from now on."""
        self.known[name] = self.made[name] = value

    def end(self, module: str, reason: str) -> None:
        """The phase is over here; the first module that says so is remembered."""
        if not self.ended_by:
            self.ended_by, self.reason = module, reason

    def decision(self, versions: Mapping[str, int]) -> Decision:
        """This scope as it stands at the end of the tick."""
        return Decision(
            self.symbol,
            self.made,
            not self.ended_by,
            self.reason,
            self.ended_by,
            self.faults,
            self.skipped,
            versions,
            self.state,
            tuple(self.trace),
            tuple(self.failed),
        )


def rows_of(name: str, scopes: Iterable[Scope]) -> list[dict[str, Any]]:
    """One row a symbol that has the value, ordered by symbol."""
    return [
        {"symbol": scope.symbol, name: scope.known[name]}
        for scope in scopes
        if name in scope.known
    ]


def may_run(phase: PhasePlan, *scopes: Scope) -> bool:
    """Whether the phase needs none, or one of the scopes came through what it needs."""
    return not phase.needs or any(phase.needs in scope.passed for scope in scopes)


def came_through(
    phase: PhasePlan, whole: Scope, scopes: Sequence[Scope]
) -> Sequence[Scope]:
    """The symbols that a portfolio phase is about."""
    if may_run(phase, whole):
        return scopes
    return [scope for scope in scopes if phase.needs in scope.passed]


def broadcast(whole: Scope, scopes: Iterable[Scope]) -> None:
    """What the portfolio decided is known to every symbol from now on."""
    for scope in scopes:
        scope.known.update(whole.made)


def missing_remark(
    missing: str,
    symbol: str,
    maker: str,
    failed: Collection[str],
    skipped: Collection[str],
) -> str:
    """Why a module was skipped: which input was missing, and what became of its maker."""
    remark = f"it needs {missing}, which was not made for {symbol or 'all'}"
    if maker in failed:
        return f"{remark}: {maker} failed"
    return f"{remark}: {maker} was skipped" if maker in skipped else remark


def take_in(scope: Scope, step: Step, outputs: Mapping[str, Any]) -> bool:
    """Put outputs where others find them; whether the phase goes on."""
    for name, value in outputs.items():
        scope.put(f"{step.module}.{name}" if name in RESERVED else name, value)
    for name in step.state:
        scope.state[name] = outputs[name]
    if outputs.get(PROCEED, True) is not False:
        return True
    scope.end(step.module, str(outputs.get("reason", "")))
    return False


def traced(
    scope: Scope,
    step: Step,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None,
    elapsed_ns: int,
) -> TraceEntry:
    """The module's turn as the trace keeps it."""
    who = (step.phase, step.module, step.version, scope.symbol)
    return TraceEntry(*who, inputs, outputs, elapsed_ns, *outcome_of(scope.fault))


def outcome_of(fault: Reflection | None) -> tuple[str, str]:
    """(outcome, remark) of a call from the failure it reported, if any."""
    return (fault.outcome, fault.remark) if fault else (OK, "")
