"""Gate strength: how many small wrong versions of a body the gate refuses.

A gate that lets wrong bodies through proves little about the right one. Mutants that
no drawn input tells from the body are set aside: they may be the same function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from core.body import Body, parse_body, source_with
from core.gate.compare import same
from core.gate.mutants import Mutant, mutants, spread
from core.gate.trial import Case, Recorded, Trial, recorded_case
from core.outcome import Outcome
from core.sandbox import Sandbox
from core.sandbox.source import leaves
from core.spec import Spec, signature
from core.vocabulary import Vocabulary

MAX_MUTANTS = 40
_DRAWS = 60
_ASKING_DRAWS = 12
_LEAVES = 6_000
_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class MutationReport:
    """Killed: refused by the gate. Equivalent: no input tried tells it apart."""

    killed: int
    survived: tuple[Mutant, ...]
    equivalent: int
    seconds: float

    @property
    def strength(self) -> float:
        """The share of telling mutants killed, 0 to 1; 0 when there was none."""
        told = self.killed + len(self.survived)
        return self.killed / told if told else 0.0


def gate_strength(
    spec: Spec,
    body_text: str,
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    recordings: Sequence[Recorded] = (),
) -> float:
    """The share of mutants of an accepted body that the gate kills, 0 to 1."""
    return mutation_report(
        spec, body_text, sandbox=sandbox, vocabulary=vocabulary, recordings=recordings
    ).strength


def mutation_report(
    spec: Spec,
    body_text: str,
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    recordings: Sequence[Recorded] = (),
) -> MutationReport:
    """What became of each mutant; `survived` shows where the gate is blind."""
    began = perf_counter()
    trial = Trial(spec, parse_body(body_text), sandbox, vocabulary, recordings, _DRAWS)
    court = _Court(trial)
    types = {
        name: str(schema.get("type"))
        for name, schema in spec.contract.parameter_schemas.items()
    }
    killed, equivalent, survived = 0, 0, []
    for mutant in spread(mutants(trial.body.text, types), MAX_MUTANTS):
        verdict = court.judge(mutant)
        killed += verdict == "killed"
        equivalent += verdict == "equivalent"
        if verdict == "survived":
            survived.append(mutant)
    return MutationReport(killed, tuple(survived), equivalent, perf_counter() - began)


class _Court:
    """The inputs every mutant is tried on, and what the body itself gives there."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._cases, self._wanted = _evidence(trial)
        self._own = trial.run(self._cases)

    def judge(self, mutant: Mutant) -> str:
        """`killed`, `equivalent` or `survived`."""
        outcomes = self._run(mutant)
        found = zip(self._cases, self._wanted, outcomes, strict=True)
        if any(self._refuses(*one) for one in found):
            return "killed"
        pairs = zip(self._own, outcomes, strict=True)
        return "equivalent" if all(_equal(a, b) for a, b in pairs) else "survived"

    def _run(self, mutant: Mutant) -> list[Outcome]:
        body = Body(mutant.text, "", 0)
        source = source_with(signature(self._trial.spec), body)
        return self._trial.run(self._cases, source=source, seconds=_SECONDS)

    def _refuses(self, case: Case, wanted: Any, outcome: Outcome) -> bool:
        if self._trial.fault(case.inputs, outcome):
            return True
        if wanted is None or not outcome.ok:
            return False
        return any(not same(outcome.outputs[name], wanted[name]) for name in wanted)


def _equal(a: Outcome, b: Outcome) -> bool:
    return a.ok == b.ok and same(a.outputs, b.outputs)


def _evidence(trial: Trial) -> tuple[list[Case], list[Any]]:
    """Examples and approved recordings with what they must give, then draws."""
    asks = bool(trial.contract.capabilities)
    known = [
        (Case(dict(example.inputs)), example.out)
        for example in trial.contract.examples
        if not asks
    ]
    known += [
        (recorded_case(one), one.outputs or {})
        for one in trial.recordings
        if one.approved and trial.valid(dict(one.inputs))
    ]
    drawn = _within(trial.drawn, _LEAVES)[: _ASKING_DRAWS if asks else _DRAWS]
    cases = [*(case for case, _ in known), *drawn]
    return cases, [*(wanted for _, wanted in known), *([None] * len(drawn))]


def _within(cases: Sequence[Case], room: int) -> list[Case]:
    """The first cases whose values fit in `room`; always one."""
    kept: list[Case] = []
    for case in cases:
        room -= leaves(dict(case.inputs))
        if room >= 0 or not kept:
            kept.append(case)
    return kept
