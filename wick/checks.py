"""What no call would report: an example or an approved recording that holds no more.

A wrong but valid output raises nothing, so this is asked at load, at a swap and on a
schedule; of one module it costs one batch in the sandbox. `replayed` asks the same of a
trigger's own inputs: do they fail again?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.body import parse_body
from core.calls import as_call
from core.gate.compare import same, shortened, told
from core.gate.trial import Case, Recorded, Trial, recorded_case
from core.library import library, vocabulary_of
from core.outcome import Outcome
from core.records import OK
from core.store.recordings import APPROVED, Recordings
from wick.signature import (
    EXAMPLE,
    EXCEPTION,
    RECORDING,
    STOPS,
    WHOLE,
    Signature,
    alike,
    signature_of_outcome,
)
from wick.triggers import Evidence, Replay, Trigger, folded

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store
    from core.vocabulary import Vocabulary

TWICE = 2


@dataclass(frozen=True, slots=True)
class Promise:
    """What a module must give on one case; `kind` says who said so."""

    kind: str
    case: Case
    wanted: Mapping[str, Any]


def check_module(
    spec: Spec,
    body: str,
    version: int,
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    recordings: Sequence[Recorded] = (),
    at: int = 0,
) -> list[Trigger]:
    """A trigger for each way in which examples and approved recordings fail now.

    Recordings that nobody approved promise nothing, nor do those outside today's
    contract. `at` is the time of the check (nanoseconds since 1970 UTC).
    """
    trial = Trial(spec, parse_body(body), sandbox, vocabulary, recordings)
    kept = promises(trial)
    outcomes = _run(trial, kept)
    found = []
    for promise, outcome in zip(kept, outcomes, strict=True):
        if broken := _broken(trial, promise, outcome):
            shown = (_evidence(promise, outcome),)
            found.append(
                Trigger(spec.id, version, *broken, shown, first_at=at, last_at=at)
            )
    return folded(found)


def check_stack(
    settings: Settings, store: Store, sandbox: Sandbox, stack: str, at: int = 0
) -> list[Trigger]:
    """`check_module` for every module of a stack that stands on disk."""
    words, kept = vocabulary_of(settings, stack), Recordings(store)
    found: list[Trigger] = []
    for entry in library(settings, store, stack):
        found += check_module(
            entry.spec,
            entry.body,
            entry.version,
            sandbox=sandbox,
            vocabulary=words,
            recordings=kept.list(entry.module, APPROVED),
            at=at,
        )
    return found


def promises(trial: Trial) -> list[Promise]:
    """The spec's examples and the approved recordings, as what must be given."""
    found = [
        Promise(EXAMPLE, Case(dict(one.inputs)), one.out)
        for one in trial.contract.examples
    ]
    return found + [
        Promise(RECORDING, recorded_case(one), one.outputs)
        for one in trial.recordings
        if one.approved and one.outcome == OK and one.outputs is not None
        if trial.valid(dict(one.inputs))
    ]


def replayed(
    trigger: Trigger, spec: Spec, body: str, *, sandbox: Sandbox, vocabulary: Vocabulary
) -> Replay:
    """Run a trigger's inputs again, each twice in a fresh session, with its answers.

    It fails again if it breaks the contract alike, or does not give what was expected.
    Of what never ends only the smallest is tried: each try takes all the time there is.
    """
    trial = Trial(spec, parse_body(body), sandbox, vocabulary)
    few = trigger.evidence[: 1 if trigger.signature.kind in STOPS else None]
    times = [
        sum(_fails(trial, trigger.signature, one) for _ in range(TWICE)) for one in few
    ]
    always = times.count(TWICE)
    return Replay(len(times), always, len(times) - always - times.count(0))


def _run(trial: Trial, kept: Sequence[Promise]) -> list[Outcome]:
    if not trial.contract.capabilities:
        return trial.run([promise.case for promise in kept])
    return [
        trial.abstained(one.case.inputs)
        if one.kind == EXAMPLE
        else trial.again(one.case)
        for one in kept
    ]


def _broken(
    trial: Trial, promise: Promise, outcome: Outcome
) -> tuple[Signature, str] | None:
    """How it is broken, and that in words; None where it is kept."""
    inputs = dict(promise.case.inputs)
    about = f"{promise.kind}: for {shortened(inputs)} it"
    if outcome.injected:  # it asks what it did not ask when this was approved
        return Signature(promise.kind, WHOLE), f"{about} {told(outcome)}"
    found = signature_of_outcome(trial.doors, inputs, outcome)
    if found is not None:
        return _with_line(trial, promise.case, found), f"{about} {told(outcome)}"
    wrong = list(differing(promise.wanted, outcome.outputs))
    if not wrong:
        return None
    shown = "; ".join(_unlike(promise, name, outcome) for name in wrong)
    return Signature(promise.kind, " ".join(wrong)), f"{about} gives {shown}"


def _unlike(promise: Promise, name: str, outcome: Outcome) -> str:
    """Models are told this: it must not say what a held-back recording gives."""
    secret = promise.kind == RECORDING
    wanted = "what was approved" if secret else shortened(promise.wanted[name])
    return f"{name} {shortened(outcome.outputs.get(name))}, not {wanted}"


def _with_line(trial: Trial, case: Case, found: Signature) -> Signature:
    """A batch does not know the line of an exception; the call alone does."""
    if found.kind != EXCEPTION or found.line is not None:
        return found
    again = signature_of_outcome(trial.doors, case.inputs, trial.again(case))
    return again if again and alike(again, found) else found


def differing(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """The names whose value is not the wanted one."""
    return (name for name in wanted if not same(given.get(name), wanted[name]))


def _evidence(promise: Promise, outcome: Outcome) -> Evidence:
    case = promise.case
    calls = outcome.calls if case.calls is None else case.calls
    return Evidence(case.inputs, calls, promise.wanted)


def _fails(trial: Trial, signature: Signature, one: Evidence) -> bool:
    calls = tuple(map(as_call, one.calls))
    outcome = trial.again(Case(dict(one.inputs), calls))
    found = signature_of_outcome(trial.doors, one.inputs, outcome)
    if found is None:
        return any(differing(one.expected or {}, outcome.outputs))
    return one.expected is not None or alike(found, signature)
