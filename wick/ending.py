"""How a repair ends: swapped in, proposed to a person, or told why there is none.

What was found is kept with the defect and told in one verdict, whatever the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from core.body import parse_body
from core.errors import AszaError
from core.library import open_stack
from core.store import Recordings, Reflections
from core.store.defect import (
    AMBIGUOUS,
    KEPT,
    NOT_REPAIRED,
    REFUSED,
    REPAIRED,
    WAITING,
)
from core.store.defects import Defects
from core.store.patches import Patches
from core.store.quarantine import Quarantines
from wick.account import (
    SHOWN,
    changes_of,
    look_at,
    questions_of,
    rung_of,
    why_not,
)
from wick.blast import blast_radius
from wick.clones import KNOWN_PATCH, LAST_GOOD
from wick.policy import (
    ASK_PERSON,
    REFUSE,
    SHADOW,
    Action,
    Decision,
    History,
    after_shadow,
    decide,
)
from wick.promotion import Proven, promote
from wick.repair import MOST_DEFECTS
from wick.resuming import SWAPPING, put_on_probation
from wick.safety import Safety, safety_of
from wick.shadow import shadow
from wick.signature import DRIFT
from wick.telling import LIFT
from wick.triage import spent_on
from wick.verdict import AMBIGUOUS as DISAGREED
from wick.verdict import NONE, Verdict, plain_of

if TYPE_CHECKING:
    from core.store.defect import Defect
    from wick.bench import Bench
    from wick.repair import Outcome, Repair


@dataclass(frozen=True)
class Ending:
    """What all ends of one repair share."""

    bench: Bench
    defect: Defect
    repair: Repair
    began: float

    def of(self, outcome: Outcome) -> Defect:
        """The end that a climb and its trial lead to."""
        verdict = outcome.verdict
        if verdict.kind == NONE:
            return self._end(
                NOT_REPAIRED, outcome, why=why_not(outcome), look_at=look_at(outcome)
            )
        if verdict.kind == DISAGREED:
            asked = "say what is right for one of these inputs: " + "; ".join(
                questions_of(verdict)
            )
            return self._end(AMBIGUOUS, outcome, why=verdict.why, next=asked)
        return self._decided(outcome)

    def without(self, state: str, why: str, look_at: str) -> Defect:
        """An end before anything was tried."""
        told = {**self._head(state), "why": why, "look_at": look_at}
        settled = Defects(self.bench.store).settle(
            self.defect.id,
            state,
            verdict=told,
            seconds=self._seconds(),
            cost_usd=spent_on(self.bench, self.defect),
        )
        return self._told(settled, told)

    def _decided(self, outcome: Outcome) -> Defect:
        verdict = outcome.verdict
        safety, (blast, known) = self._safety(verdict), self._blast(verdict)
        reverted = History(self._reverted())
        failed = self.defect.trigger != DRIFT
        decision = decide(
            verdict, safety, failed=failed, reach_known=known, history=reverted
        )
        if decision.action == SHADOW:
            decision = self._shadowed(verdict, decision)
        figures: dict[str, Any] = {"safer": safety.why, "blast": blast}
        if decision.action == REFUSE:
            return self._end(REFUSED, outcome, why=decision.why, **figures)
        if decision.action == ASK_PERSON:
            return self._proposed(outcome, decision, figures)
        return self._swapped(outcome, decision, figures)

    def _reverted(self) -> int:
        """How many repairs of the module were wrong since the last one that held."""
        found = Defects(self.bench.store).list(self.defect.module, MOST_DEFECTS)
        fates = [each.fate for each in found if each.fate]
        return next((n for n, fate in enumerate(fates) if fate == KEPT), len(fates))

    def _shadowed(self, verdict: Verdict, decision: Decision) -> Decision:
        """Beside a version that works it runs on recent calls first; a person decides."""
        bench, here = self.bench, self.repair.here
        recent = Reflections(bench.store).recent(here.spec.id, decision.calls)
        found = shadow(
            here.spec,
            here.row.body,
            verdict.body,
            recent,
            sandbox=bench.sandbox,
            vocabulary=here.vocabulary,
        )
        step = after_shadow(found)
        action: Action = REFUSE if step.action == REFUSE else ASK_PERSON
        why = f"{decision.why}; in its shadow {step.why}"
        return Decision(action, why, decision.calls)

    def _swapped(
        self, outcome: Outcome, decision: Decision, figures: Mapping[str, Any]
    ) -> Defect:
        bench, defect, verdict = self.bench, self.defect, outcome.verdict
        if Quarantines(bench.store).is_quarantined(defect.module):
            why = "the module was put in quarantine while it was being repaired"
            return self._end(REFUSED, outcome, why=why, look_at=LIFT, **figures)
        proven = self._proven(outcome)
        intent = {"body_hash": parse_body(proven.body).hash, "calls": decision.calls}
        told = {"rung": verdict.rung, "why": decision.why, SWAPPING: intent}
        Defects(bench.store).note(defect.id, verdict=told)
        try:
            done = promote(bench.store, bench.settings, proven, replaces=defect.version)
        except (
            AszaError
        ) as error:  # somebody else was quicker, or a hand is at the file
            return self._end(
                REFUSED, outcome, why=str(error), look_at=error.remedy, **figures
            )
        put_on_probation(
            bench.store,
            defect.module,
            done.version,
            self.repair.earlier,
            decision.calls,
        )
        self._remember(verdict)
        text = f"{defect.module}: version {done.version} runs instead of {done.before}"
        bench.say("swapped", text, defect, version=done.version, diff=done.diff)
        return self._end(
            REPAIRED,
            outcome,
            why=decision.why,
            repaired_by=done.version,
            diff=done.diff,
            **figures,
        )

    def _proposed(
        self, outcome: Outcome, decision: Decision, figures: Mapping[str, Any]
    ) -> Defect:
        verdict = outcome.verdict
        proposed = {
            "body": verdict.body,
            "rung": verdict.rung,
            "spec_digest": self.repair.here.spec.digest,
            "certificate": verdict.certificate.as_dict()
            if verdict.certificate
            else None,
            "calls": decision.calls,
        }
        return self._end(
            WAITING,
            outcome,
            why=f"a person must say yes: {decision.why}",
            next=f"`asza wick accept {self.defect.id}` makes it live",
            proposed=proposed,
            **figures,
        )

    def _proven(self, outcome: Outcome) -> Proven:
        verdict, here = outcome.verdict, self.repair.here
        before = next((r for r in self.repair.earlier if r.body == verdict.body), None)
        return Proven(
            spec=here.spec,
            body=verdict.body,
            certificate=verdict.certificate,
            rung=verdict.rung,
            cause=f"repair: {self.defect.signature}",
            cost_usd=spent_on(self.bench, self.defect),
            version=before.version
            if before is not None and verdict.rung == LAST_GOOD
            else None,
        )

    def _remember(self, verdict: Verdict) -> None:
        """A repair of this failure is worth trying when it comes again."""
        patches, here = Patches(self.bench.store), self.repair.here
        kept = patches.keep(
            self.defect.signature,
            here.spec.contract.digest,
            here.row.body_hash,
            verdict.body,
            module=self.defect.module,
            defect=self.defect.id,
        )
        if verdict.rung == KNOWN_PATCH:
            patches.count_use(kept.id)

    def _safety(self, verdict: Verdict) -> Safety:
        here, earlier = self.repair.here, self.repair.earlier
        return safety_of(
            here.spec,
            verdict.body,
            earlier[0].body if earlier else "",
            sandbox=self.bench.sandbox,
            vocabulary=here.vocabulary,
            recordings=here.recordings,
            failing=self.repair.failing,
        )

    def _blast(self, verdict: Verdict) -> tuple[str, bool]:
        """What else would change, or why that cannot be said; and whether it can."""
        here, store = self.repair.here, self.bench.store
        try:
            found = blast_radius(
                open_stack(self.bench.settings, here.spec.stack, store),
                here.spec.id,
                verdict.body,
                here.row.body,
                recordings_of=Recordings(store).list,
                sandbox=self.bench.sandbox,
            )
        except AszaError as error:
            return f"it could not be replayed: {error}", False
        return found.sentence, True

    def _end(
        self,
        state: str,
        outcome: Outcome,
        *,
        why: str,
        proposed: Mapping[str, Any] | None = None,
        repaired_by: int | None = None,
        **told: Any,
    ) -> Defect:
        verdict, ladder = outcome.verdict, outcome.ladder
        cost = spent_on(self.bench, self.defect)
        shown = {
            **self._head(state),
            **told,
            "why": why,
            "rung": verdict.rung,
            "edits": list(verdict.edits),
            "before": self.repair.here.row.body,
            "after": verdict.body,
            "changed": list(changes_of(verdict)),
            "strength": verdict.strength,
            "falls": [plain_of(fall) for fall in verdict.falls[:SHOWN]],
            "questions": [plain_of(each) for each in verdict.questions],
            "tried": ladder.candidates,
            "survivors": len(ladder.survivors),
            "cost_usd": str(cost),
            "seconds": round(self._seconds(), 3),
        }
        settled = Defects(self.bench.store).settle(
            self.defect.id,
            state,
            rungs=[rung_of(clone) for clone in ladder.clones],
            candidates=ladder.candidates,
            survivors=len(ladder.survivors),
            verdict=shown,
            proposed=proposed,
            repaired_by=repaired_by,
            seconds=self._seconds(),
            cost_usd=cost,
        )
        return self._told(settled, shown)

    def _told(self, settled: Defect, shown: Mapping[str, Any]) -> Defect:
        text = f"{settled.module}: {shown['state']}: {shown['why']}"
        self.bench.say("verdict", text, settled, **shown)
        return settled

    def _head(self, state: str) -> dict[str, Any]:
        return {"state": state, "module": self.defect.module, "defect": self.defect.id}

    def _seconds(self) -> float:
        return monotonic() - self.began
