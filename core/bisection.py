"""What every version of a module answers to one input, and where the answer changes.

All versions run: an answer may change, change back and change again, and a binary
search would find any one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.body import parse_body
from core.errors import DataError, NotFound, SpecError
from core.gate.compare import alike, told
from core.gate.trial import Case, Trial
from core.library import vocabulary_of
from core.outcome import Outcome
from core.places import split_id
from core.spec import parse_spec
from core.store import LIVE, RETIRED, Modules

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.store import Store, VersionRow
    from core.vocabulary import Vocabulary

NOT_ASKED = "InputsInvalid"


@dataclass(frozen=True, slots=True)
class Answered:
    """One version's answer. `fault` says how it breaks that version's own contract.

    `changed`: it differs from the answer of the version before.
    """

    version: int
    state: str
    cause: str
    outcome: Outcome
    fault: str = ""
    changed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data; `answer` says it in words."""
        return {
            "version": self.version,
            "state": self.state,
            "cause": self.cause,
            "answer": told(self.outcome),
            "outputs": self.outcome.outputs if self.outcome.ok else None,
            "error": self.outcome.error,
            "fault": self.fault,
            "changed": self.changed,
        }


def answers(
    store: Store, settings: Settings, sandbox: Sandbox, module: str, case: Case
) -> list[Answered]:
    """The answer of every version that ever ran, oldest first.

    Capabilities answer as the case says, or abstain. NotFound when nothing ever ran,
    DataError when no version admits the input.
    """
    rows = [r for r in Modules(store).history(module) if r.state in (LIVE, RETIRED)]
    if not rows:
        raise NotFound(
            f"no version of {module} ever ran",
            field="module",
            value=module,
            remedy="`asza list` shows the modules there are",
        )
    words = vocabulary_of(settings, split_id(module)[0])
    found = [_answered(row, words, sandbox, case) for row in rows]
    if all(each.outcome.error == NOT_ASKED for each in found):
        raise DataError(
            f"no version of {module} admits this input: {found[-1].outcome.message}",
            field="--input",
            value=dict(case.inputs),
            remedy=f"give inputs that its contract allows (`asza show {module}`)",
        )
    return compared(found)


def compared(found: Sequence[Answered]) -> list[Answered]:
    """Each answer marked where it differs from the one before."""
    before = [None, *found[:-1]]
    return [
        replace(now, changed=then is not None and not alike(then.outcome, now.outcome))
        for then, now in zip(before, found, strict=True)
    ]


def _answered(
    row: VersionRow, words: Vocabulary, sandbox: Sandbox, case: Case
) -> Answered:
    known = (row.version, row.state, row.cause)
    try:
        spec = parse_spec(
            row.spec_text, stack=split_id(row.module)[0], vocabulary=words
        )
    except SpecError as error:  # written under a vocabulary that has changed since
        return Answered(*known, _not_asked(str(error)))
    trial = Trial(spec, parse_body(row.body), sandbox, words)
    if not trial.valid(case.inputs):
        return Answered(*known, _not_asked(_why(trial, case)))
    outcome = trial.abstained(case.inputs) if case.calls is None else trial.again(case)
    fault = trial.fault(case.inputs, outcome)
    return Answered(*known, outcome, fault.message if fault else "")


def _why(trial: Trial, case: Case) -> str:
    """Why the contract does not admit the input."""
    broken = trial.doors.explain_inputs(dict(case.inputs))
    if broken is not None:
        return str(broken)
    return f"{trial.doors.broken_assumption(case.inputs)} does not hold"


def _not_asked(why: str) -> Outcome:
    return Outcome(False, error=NOT_ASKED, message=why)
