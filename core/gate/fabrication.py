"""Check 7: no value is invented, and a series never looks ahead."""

from collections.abc import Iterator, Sequence

from core.findings import Finding
from core.gate.causality import causality_findings
from core.gate.compare import alike, shortened, told
from core.gate.fields import FieldPath, nested_fields, without
from core.gate.trial import Case, Trial, Verdict
from core.outcome import Outcome
from core.sandbox.source import leaves

_CASES = 8
_LEAVES = 40_000

Tried = tuple[Case, Outcome]


def check_fabrication(trial: Trial) -> Verdict:
    """A missing field that is read must raise; a field never read is a note.

    A body that gives the same result without a field did not read it on that draw;
    one that gives another result instead of raising has made a value up.
    """
    paths = nested_fields(trial.contract.parameter_schemas)
    tried = sample_of(trial.tried, len(paths))
    found = [one for path in paths for one in _field_findings(trial, tried, path)]
    parts = [f"{len(paths)} nested fields on {len(tried)} draws"] if paths else []
    if trial.contract.series:
        causal, looked = causality_findings(trial, sample_of(trial.tried, 4))
        found += causal
        parts.append(f"{looked} prefixes")
    return Verdict(", ".join(parts) or "no nested fields", tuple(found))


def sample_of(tried: Sequence[Tried], runs: int) -> list[Tried]:
    """Some draws that went well, spread from the smallest to the largest."""
    good = sorted(
        (one for one in tried if one[1].ok), key=lambda one: leaves(one[0].inputs)
    )
    if not good or not runs:
        return []
    step = max(1, len(good) // _CASES)
    room = _LEAVES // runs
    kept: list[Tried] = []
    for one in good[step // 2 :: step]:
        room -= leaves(one[0].inputs)
        if room < 0 and kept:
            break
        kept.append(one)
    return kept


def _field_findings(
    trial: Trial, tried: Sequence[Tried], path: FieldPath
) -> Iterator[Finding]:
    cases, wanted = _lacking(tried, path)
    outcomes = trial.run(cases)
    for case, before, after in zip(cases, wanted, outcomes, strict=True):
        if after.ok and not alike(before, after):
            yield _made_up(path, case, before, after)
            return
    if cases and all(outcome.ok for outcome in outcomes):
        yield Finding(
            "fabrication",
            f"the field {path} was not read on any of {len(tried)} draws",
            "read it, or take it out of the spec",
            severity="note",
        )


def _lacking(
    tried: Sequence[Tried], path: FieldPath
) -> tuple[list[Case], list[Outcome]]:
    """The draws without the field: everywhere, and in a list's last item only."""
    cases, outcomes = [], []
    for case, outcome in tried:
        for last_only in (False, True) if path.in_list else (False,):
            inputs = without(case.inputs, path.steps, last_only=last_only)
            if inputs != case.inputs:
                cases.append(case._replace(inputs=inputs))
                outcomes.append(outcome)
    return cases, outcomes


def _made_up(path: FieldPath, case: Case, before: Outcome, after: Outcome) -> Finding:
    return Finding(
        "fabrication",
        f"without the field {path} it still {told(after)} (with it: "
        f"{shortened(before.outputs)})",
        "read the field with [...] and let a missing one raise",
        None,
        dict(case.inputs),
    )
