"""Where bodies of one module are run on many inputs, in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from core.body import parse_body
from core.gate.compare import shortened
from core.gate.trial import Case as GateCase
from core.gate.trial import Recorded, Trial, recorded_case
from wick.bodies import admits
from wick.subject import Ran

if TYPE_CHECKING:
    from core.outcome import Outcome
    from core.sandbox import Sandbox
    from core.spec import Spec
    from core.vocabulary import Vocabulary

# A body has no `while`: one that needs longer than this eats its time on purpose.
_SECONDS, _ROW_SECONDS = 0.25, 0.01


class Tried(NamedTuple):
    """What came of a case, and how that breaks the contract ("": it keeps it)."""

    ran: Ran
    fault: str


@dataclass(frozen=True)
class Court:
    """One module's law, and the sandbox its bodies are tried in."""

    spec: Spec
    sandbox: Sandbox
    vocabulary: Vocabulary

    def tried(self, body: str, cases: Sequence[GateCase]) -> list[Tried]:
        """What came of each case; capabilities answer as recorded, or by seed."""
        trial = Trial(self.spec, parse_body(body), self.sandbox, self.vocabulary)
        outcomes = trial.run(cases, seconds=_SECONDS, row_seconds=_ROW_SECONDS)
        return [
            Tried(as_ran(outcome), _fault(trial, case, outcome))
            for case, outcome in zip(cases, outcomes, strict=True)
        ]

    def ran(self, body: str, cases: Sequence[GateCase]) -> list[Ran]:
        """What came of each case, whether it keeps the contract or not."""
        return [one.ran for one in self.tried(body, cases)]

    def rows(self, body: str, inputs: Iterable[Mapping[str, Any]]) -> list[Ran]:
        """What came of inputs alone."""
        return self.ran(body, self.cases(inputs))

    def cases(self, inputs: Iterable[Mapping[str, Any]]) -> list[GateCase]:
        """Inputs as cases; the n-th are answered by capabilities by the same seed."""
        return [GateCase(dict(row), seed=n) for n, row in enumerate(inputs)]

    def lived(self, recordings: Sequence[Recorded]) -> list[GateCase]:
        """Recordings whose inputs the contract still admits, answers included."""
        kept = [one for one in recordings if admits(self.spec, one.inputs)]
        return [recorded_case(one) for one in kept]


def _fault(trial: Trial, case: GateCase, outcome: Outcome) -> str:
    found = trial.fault(case.inputs, outcome)
    return f"{found.message}, for {shortened(dict(case.inputs))}" if found else ""


def as_ran(outcome: Outcome) -> Ran:
    """An outcome of the sandbox as Wick keeps it."""
    return Ran(
        ok=outcome.ok,
        value=outcome.outputs,
        error=outcome.error,
        message=outcome.message,
        line=outcome.line,
        crashed=outcome.crashed,
    )
