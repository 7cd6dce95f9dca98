"""Check 5: inputs drawn from the contract; every result has to keep it."""

from core.findings import Finding
from core.gate.compare import shortened
from core.gate.shrink import shrunk, size
from core.gate.trial import Case, Fault, Trial, Verdict


def check_fuzz(trial: Trial) -> Verdict:
    """Outputs satisfy schema and invariants on every draw; nothing is raised."""
    trial.fuzzed = trial.run(trial.drawn)
    failing = [
        (case, fault)
        for case, outcome in trial.tried
        if (fault := trial.fault(case.inputs, outcome))
    ]
    figure = f"{len(trial.drawn)} draws"
    if not failing:
        return Verdict(figure)
    case, fault = min(failing, key=lambda found: size(found[0].inputs))
    found = _finding(trial, case, fault)
    return Verdict(f"{len(failing)} of {figure} fail", (found,))


def _finding(trial: Trial, case: Case, fault: Fault) -> Finding:
    small = shrunk(trial, case._replace(calls=None), fault.kind)
    outcome = trial.again(small)
    said = trial.fault(small.inputs, outcome) or fault
    message = f"{said.message}, for {shortened(dict(small.inputs))}"
    return Finding(
        "fuzz",
        message,
        said.remedy,
        outcome.line,
        _counterexample(small, outcome.calls),
    )


def _counterexample(case: Case, calls: tuple[object, ...]) -> dict[str, object]:
    shown = {"capability_calls": [c.as_dict() for c in calls]} if calls else {}  # type: ignore[attr-defined]
    return {**case.inputs, **shown}
