"""The search for a repair: what is known, the ladder, and the trial of what it brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.body import parse_body
from core.gate.shrink import shrunk
from core.gate.trial import Case as GateCase
from core.gate.trial import Trial
from core.store.defect import WRONG
from core.store.defects import Defects
from core.store.patches import Patches
from core.store.probation import REVERTED, Probations
from core.store.quarantine import Quarantines
from wick.causes import DATA, OUTAGE, RESOURCE, UNKNOWN
from wick.clones import Clone, Earlier, Task
from wick.court import Court
from wick.evidence import (
    ContractJudge,
    Evidence,
    evidence_for,
    subject_of,
    trusted_versions,
)
from wick.ladder import Ladder, climb
from wick.subject import Allowance
from wick.triage import cycle_of, trigger_of
from wick.trial import try_clones
from wick.verdict import REPAIRED, Verdict

if TYPE_CHECKING:
    from core.store import Store, VersionRow
    from core.store.defect import Defect
    from wick.bench import Bench
    from wick.standing import Standing

# What is known not to be the version's own fault; of anything else it is suspected.
INNOCENT = frozenset({DATA, OUTAGE, RESOURCE, UNKNOWN})
MOST_DEFECTS = 1_000  # of one module, to know which of its versions failed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a repair came to: the ladder that was climbed and the trial of it all."""

    ladder: Ladder
    verdict: Verdict


@dataclass
class Repair:
    """One defect of one standing module, with what is known about it."""

    bench: Bench
    defect: Defect
    here: Standing
    _judged: tuple[Clone, ...] | None = field(default=None, init=False)
    _verdict: Verdict | None = field(default=None, init=False)

    @cached_property
    def suspect(self) -> frozenset[int]:
        """Versions whose results prove nothing."""
        return suspects(self.bench.store, self.here)

    @cached_property
    def earlier(self) -> list[VersionRow]:
        """Versions that were good as far as anybody knows, the newest first."""
        return good_versions(self.bench.store, self.here, self.suspect)

    @cached_property
    def evidence(self) -> Evidence:
        """What clones are shown, and what is held back from them."""
        trusted = trusted_versions(self.here.history, self.here.spec, self.suspect)
        return evidence_for(
            self.here.spec,
            self.here.recordings,
            self.failing,
            version=self.defect.version,
            trusted=trusted,
        )

    @cached_property
    def shows(self) -> bool:
        """Whether anything that is known fails now; else nothing can be found."""
        cases = (*self.evidence.visible, *self.evidence.held_back)
        judge = ContractJudge(self.here.spec.contract)
        court = Court(self.here.spec, self.bench.sandbox, self.here.vocabulary)
        rans = court.rows(self.here.row.body, [case.kwargs for case in cases])
        return not cases or not all(map(judge, cases, rans))

    @cached_property
    def failing(self) -> list[dict[str, Any]]:
        """The inputs that set it off, led by the smallest that fails in the same way."""
        shown = [dict(one.inputs) for one in trigger_of(self.defect).evidence]
        small = [inputs for inputs in map(self._smallest, shown[:1]) if inputs]
        return [*small, *(inputs for inputs in shown if inputs not in small)]

    def _smallest(self, inputs: dict[str, Any]) -> dict[str, Any] | None:
        """None where the contract is kept, so that nothing tells which are smaller."""
        here = self.here
        body, sandbox = parse_body(here.row.body), self.bench.sandbox
        trial = Trial(here.spec, body, sandbox, here.vocabulary)
        case = GateCase(inputs)
        if here.spec.contract.capabilities or not trial.valid(inputs):
            return None
        fault = trial.fault(inputs, trial.again(case))
        return dict(shrunk(trial, case, fault.kind).inputs) if fault else None

    def run(self) -> Outcome:
        """Climb until a repair is proven, or nothing is left to try."""
        limits = self.bench.limits
        ladder = climb(
            self._task(),
            self.bench.executor,
            settings=self.bench.settings,
            store=self.bench.store,
            allow=limits.rungs,
            seconds=limits.seconds,
            dollars=limits.dollars,
            judge_free=self._proves,
            on_event=self.bench.telling(self.defect),
        )
        return Outcome(ladder, self._tried(ladder.clones))

    def _proves(self, clones: Sequence[Clone]) -> bool:
        return self._tried(clones).kind == REPAIRED

    def _tried(self, clones: Sequence[Clone]) -> Verdict:
        """The trial of these clones; of the same ones only once."""
        if self._verdict is None or self._judged != tuple(clones):
            self._judged = tuple(clones)
            self._verdict = self._trial(clones)
        return self._verdict

    def _trial(self, clones: Sequence[Clone]) -> Verdict:
        earlier = self.earlier
        return try_clones(
            self.here.spec,
            clones,
            self.evidence,
            sandbox=self.bench.sandbox,
            vocabulary=self.here.vocabulary,
            failing=self.here.row.body,
            last_good=earlier[0].body if earlier else "",
            recordings=self.here.recordings,
            refused=self._refused_hashes,
        )

    def _task(self) -> Task:
        here, defect = self.here, self.defect
        return Task(
            module=defect.module,
            version=defect.version,
            signature=defect.signature,
            remark=defect.remark,
            subject=subject_of(here.spec, here.row.body),
            body=here.row.body,
            cases=self.evidence.visible,
            failing=self.evidence.failing,
            judge=ContractJudge(here.spec.contract),
            spec_text=here.spec.text,
            vocabulary=here.vocabulary_name,
            root=str(self.bench.settings.root),
            cycle=cycle_of(defect),
            earlier=tuple(Earlier(row.version, row.body) for row in self.earlier),
            patches=self._patches(),
            refused=tuple(row.body for row in self._refused),
            allowance=Allowance(seconds=self.bench.limits.seconds),
        )

    def _patches(self) -> tuple[Earlier, ...]:
        found = Patches(self.bench.store).find(
            self.defect.signature,
            self.here.spec.contract.digest,
            self.here.row.body_hash,
        )
        return tuple(
            Earlier(each.id, each.body, f"mended defect {each.defect}")
            for each in found
        )

    @property
    def _refused(self) -> list[VersionRow]:
        never = refused_versions(self.bench.store, self.defect.module)
        return [row for row in self.here.history if row.version in never]

    @property
    def _refused_hashes(self) -> frozenset[str]:
        return frozenset(row.body_hash for row in self._refused)


def suspects(store: Store, here: Standing) -> frozenset[int]:
    """Versions of a module that were faulty or never certified, and those to refuse."""
    module = here.spec.id
    found = Defects(store).list(module, MOST_DEFECTS)
    faulty = {d.version for d in found if d.diagnosis.get("kind") not in INNOCENT}
    unproven = {row.version for row in here.history if row.certificate is None}
    return frozenset({*faulty, *unproven, *refused_versions(store, module)})


def refused_versions(store: Store, module: str) -> frozenset[int]:
    """Versions that must not come back: quarantined, or a repair that was wrong."""
    found = Defects(store).list(module, MOST_DEFECTS)
    wrong = {each.repaired_by for each in found if each.fate in WRONG}
    earlier = {past.get("repaired_by") for each in found for past in each.earlier}
    reverted = {
        each.version
        for each in Probations(store).history(module)
        if each.state == REVERTED
    }
    numbers = {*wrong, *earlier, *reverted, *quarantined(store, module)}
    return frozenset(number for number in numbers if number is not None)


def good_versions(
    store: Store, here: Standing, suspect: frozenset[int] | None = None
) -> list[VersionRow]:
    """Versions that ran before and that nothing speaks against, the newest first."""
    wrong = suspects(store, here) if suspect is None else suspect
    return [row for row in here.earlier if row.version not in wrong]


def quarantined(store: Store, module: str) -> frozenset[int]:
    """The versions of a module that are put away."""
    held = Quarantines(store).holding(module)
    return frozenset(each.version for each in held if each.version is not None)
