"""Check 4: what the module has lived through, with the answers it was given then."""

from collections.abc import Iterator, Sequence

from core.findings import Finding
from core.gate.compare import same, shortened, told
from core.gate.trial import Case, Recorded, Trial, Verdict, recorded_case
from core.outcome import Outcome
from core.records import OK

_Lived = tuple[Recorded, Case, Outcome]


def check_recordings(trial: Trial) -> Verdict:
    """Approved recordings must be equal; observed ones make a behaviour diff."""
    kept = [one for one in trial.recordings if trial.valid(dict(one.inputs))]
    cases = [recorded_case(one) for one in kept]
    lived = list(zip(kept, cases, trial.run(cases), strict=True))
    found = [*_broken(trial, lived), *_unequal(lived), *_changed(lived)]
    return Verdict(_figure(trial, kept), tuple(found))


def _figure(trial: Trial, kept: Sequence[Recorded]) -> str:
    if not trial.recordings:
        return "no recordings"
    approved = sum(one.approved for one in kept)
    stale = len(trial.recordings) - len(kept)
    foreign = f", {stale} outside the contract now" if stale else ""
    return f"{approved} approved, {len(kept) - approved} observed{foreign}"


def _broken(trial: Trial, lived: Sequence[_Lived]) -> Iterator[Finding]:
    for _, case, outcome in lived:
        fault = trial.fault(case.inputs, outcome)
        if fault:
            yield Finding(
                "recordings",
                f"on a recorded input it {fault.message}",
                fault.remedy,
                trial.again(case).line,
                dict(case.inputs),
            )


def _unequal(lived: Sequence[_Lived]) -> Iterator[Finding]:
    for recording, case, outcome in lived:
        if recording.approved and _differs(recording, outcome):
            yield Finding(
                "recordings",
                f"{told(outcome)}, approved was {shortened(recording.outputs)}",
                "give what was approved, or withdraw the approval",
                None,
                dict(case.inputs),
            )


def _changed(lived: Sequence[_Lived]) -> Iterator[Finding]:
    """One note for all: how many observed results change, and the first that does."""
    observed = [one for one in lived if not one[0].approved and one[0].outcome == OK]
    changed = [one for one in observed if _differs(one[0], one[2])]
    if changed:
        recording, case, outcome = changed[0]
        yield Finding(
            "recordings",
            f"{len(changed)} of {len(observed)} observed results change; first: "
            f"{told(outcome)}, was {shortened(recording.outputs)}",
            "look whether the change is meant",
            None,
            dict(case.inputs),
            severity="note",
        )


def _differs(recording: Recorded, outcome: Outcome) -> bool:
    return not outcome.ok or not same(outcome.outputs, recording.outputs)
