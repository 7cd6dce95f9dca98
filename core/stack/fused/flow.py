"""What may be missing when a phase begins: gates end phases, and phases need others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.contract import Contract
from core.stack.bind import Stage
from core.stack.fused.layout import made_as
from core.stack.wiring import PROCEED, PhasePlan

Contracts = Mapping[str, Contract]


def unsure_names(
    stages: Sequence[Stage], at: int, contracts: Contracts
) -> frozenset[str]:
    """Names that earlier phases make, if everything goes well, but not at every tick.

    What the portfolio made may always be missing for a symbol: its modules can fail.
    """
    phase = stages[at].phase
    through = _came_through(phase, stages)
    unsure: set[str] = set()
    for stage in stages[:at]:
        if stage.phase.each == phase.each:
            unsure |= _unsure_of(stage, through, unsure, contracts)
        elif phase.each == "symbol":
            unsure.update(_results(stage, contracts))
    return frozenset(unsure)


def _came_through(phase: PhasePlan, stages: Sequence[Stage]) -> set[str]:
    """The phases of the same kind that surely were not ended when this one runs."""
    by_name = {stage.phase.name: stage.phase for stage in stages}
    through: set[str] = set()
    needed = by_name.get(phase.needs)
    while needed is not None and needed.each == phase.each:
        through.add(needed.name)
        needed = by_name.get(needed.needs)
    return through


def _unsure_of(
    stage: Stage, through: set[str], unsure: set[str], contracts: Contracts
) -> set[str]:
    """What this phase may not have made, given what may not be there before it."""
    needs, ended = stage.phase.needs, stage.phase.name not in through
    stopped = ended and bool(needs) and needs not in through
    found: set[str] = set()
    for step in stage.steps:
        contract = contracts[step.module]
        if stopped or (unsure | found) & set(step.parameters):
            found.update(made_as(step, name) for name in contract.results)
        stopped = stopped or (ended and PROCEED in contract.outputs)
    return found


def _results(stage: Stage, contracts: Contracts) -> set[str]:
    return {
        made_as(step, name)
        for step in stage.steps
        for name in contracts[step.module].results
    }
