"""Check 8: CPython agrees with Monty, where the module may later run natively."""

from core.findings import Finding
from core.gate.compare import alike, shortened, told
from core.gate.cross_check import cross_check
from core.gate.fields import nested_fields, without
from core.gate.trial import Case, Trial, Verdict
from core.outcome import Outcome

_LACKING = 12


def check_cpython(trial: Trial) -> Verdict:
    """Equal results within 1e-9, or the same type of error, on every draw."""
    tried = [*trial.tried, *_lacking(trial)]
    answers = cross_check(
        trial.source,
        trial.spec.name,
        [case.inputs for case, _ in tried],
        calls=[case.calls or () for case, _ in tried],
        policy=trial.policy,
    )
    found = None
    for (case, monty), cpython in zip(tried, answers, strict=True):
        found = found or _disagreement(case, monty, cpython)
    return Verdict(f"{len(tried)} inputs", (found,) if found else ())


def _lacking(trial: Trial) -> list[tuple[Case, Outcome]]:
    """A few draws without a field, so that errors are compared as well."""
    paths = nested_fields(trial.contract.parameter_schemas)[:_LACKING]
    cases = [
        case._replace(inputs=without(case.inputs, path.steps))
        for path, (case, _) in zip(paths, trial.tried, strict=False)
    ]
    return list(zip(cases, trial.run(cases), strict=True))


def _disagreement(case: Case, monty: Outcome, cpython: Outcome) -> Finding | None:
    given = dict(case.inputs)
    if cpython.changed_inputs:
        message = f"in CPython it changes its arguments, for {shortened(given)}"
        return Finding("cpython", message, "copy before changing", None, given)
    if alike(monty, cpython):
        return None
    return Finding(
        "cpython",
        f"Monty {told(monty)}, CPython {told(cpython)}, for {shortened(given)}",
        "write it so that both engines agree: plainer operations, no huge numbers",
        cpython.line,
        given,
    )
