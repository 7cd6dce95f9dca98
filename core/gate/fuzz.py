"""Check 5: inputs drawn from the contract; every result has to keep it."""

from typing import Any, NamedTuple

from core.findings import Finding
from core.gate.compare import shortened
from core.gate.shrink import shrunk, size
from core.gate.trial import Case, Fault, Trial, Verdict
from core.outcome import Outcome

# Tried before the rest: a body that never ends must not be given 200 draws' time.
_HEAD = 2


class Failing(NamedTuple):
    """A draw, what came of it, and how that breaks the contract."""

    case: Case
    outcome: Outcome
    fault: Fault


def check_fuzz(trial: Trial) -> Verdict:
    """Outputs satisfy schema and invariants on every draw; nothing is raised."""
    trial.fuzzed = _outcomes(trial)
    failing = [
        Failing(case, outcome, fault)
        for case, outcome in trial.tried
        if (fault := trial.fault(case.inputs, outcome))
    ]
    figure = f"{len(trial.fuzzed)} draws"
    if not failing:
        return Verdict(figure)
    first = min(failing, key=lambda found: size(found.case.inputs))
    finding = _finding(first if first.outcome.crashed else _smallest(trial, first))
    return Verdict(f"{len(failing)} of {figure} fail", (finding,))


def _outcomes(trial: Trial) -> list[Outcome]:
    head = trial.run(trial.drawn[:_HEAD])
    if any(outcome.crashed for outcome in head):
        return head
    return [*head, *trial.run(trial.drawn[_HEAD:])]


def _smallest(trial: Trial, first: Failing) -> Failing:
    """The same fault on the smallest inputs found, with the line that raises."""
    small = shrunk(trial, first.case._replace(calls=None), first.fault.kind)
    outcome = trial.again(small)
    fault = trial.fault(small.inputs, outcome) or first.fault
    return Failing(small, outcome, fault)


def _finding(failing: Failing) -> Finding:
    case, outcome, fault = failing
    message = f"{fault.message}, for {shortened(dict(case.inputs))}"
    shown = _counterexample(case, outcome)
    return Finding("fuzz", message, fault.remedy, outcome.line, shown)


def _counterexample(case: Case, outcome: Outcome) -> dict[str, Any]:
    """The inputs, and what the capabilities answered where any was asked."""
    calls = [call.as_dict() for call in outcome.calls]
    return {**case.inputs, **({"capability_calls": calls} if calls else {})}
