"""From what is recorded to defects: new failures, broken promises, drift.

Whoever watches may do it; one at a time does. A failure that is read twice, since a
process was killed between two steps, is counted twice and never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time_ns
from typing import TYPE_CHECKING

from core.store import Modules, Reflections
from core.store.claims import sole_owner
from core.store.defects import Defects
from core.store.intake import FailuresRead
from wick.checks import check_stack
from wick.triggers import (
    CallId,
    Refusal,
    Trigger,
    from_drift,
    from_failures,
    from_refusals,
)

if TYPE_CHECKING:
    from core.records import Reflection
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.store import Store
    from core.store.defect import Defect

# A row's number is given before it is committed, so one may be passed: look back.
LOOK_BACK = 2_000
KNOWN = 1_000  # defects seen last
QUARANTINED = "Quarantined"  # what a quarantined module's calls say: no new failure


@dataclass
class Intake:
    """Reads what one database has recorded, and reports it as defects."""

    store: Store
    settings: Settings
    sandbox: Sandbox
    clock: Callable[[], int] = time_ns

    def failures(self) -> list[Defect]:
        """Calls that failed since anybody looked; [] while another process looks."""
        with sole_owner(self.store, "intake of failures") as alone:
            if alone is None:
                return []
            mark = FailuresRead(self.store)
            rows = Reflections(self.store).failures_after(mark.last())
            found = self._report(from_failures(row for _, row in rows if _counts(row)))
            if rows:
                mark.advance(rows[-1][0])
            return found

    def missed(self) -> list[Defect]:
        """Failures that were passed while their writer had not committed yet.

        Only what no defect is known of is reported: nothing is counted twice.
        """
        last = FailuresRead(self.store).last()
        rows = Reflections(self.store).failures_after(max(last - LOOK_BACK, 0))
        older = (row for number, row in rows if number <= last and _counts(row))
        known = {
            (each.module, each.version, each.signature)
            for each in Defects(self.store).list(limit=KNOWN)
        }
        return self._report(t for t in from_failures(older) if t.key not in known)

    def promises(self, stack: str) -> list[Defect]:
        """Examples and approved recordings of a stack that hold no more."""
        settings, store = self.settings, self.store
        found = check_stack(settings, store, self.sandbox, stack, self.clock())
        return self._report(trigger for trigger in found if trigger.version)

    def refusals(
        self,
        refusals: Iterable[Refusal],
        calls: Mapping[CallId, Reflection] | None = None,
    ) -> list[Defect]:
        """Intents refused downstream because of what a module gave; `calls` that did."""
        return self._report(from_refusals(refusals, calls))

    def drift(self, stack: str) -> list[Defect]:
        """Live versions that are slower, or fail more often, than their parents did.

        Where it is known already what fails, that it fails often is no news.
        """
        door, found = Reflections(self.store), []
        known = {(d.module, d.version) for d in Defects(self.store).list(limit=KNOWN)}
        for row in Modules(self.store).all_live(stack):
            if row.parent is not None and (row.module, row.version) not in known:
                now = door.stats(row.module, row.version)
                before = door.stats(row.module, row.parent)
                found += from_drift(row.module, row.version, now, before)
        return self._report(found)

    def _report(self, triggers: Iterable[Trigger]) -> list[Defect]:
        return [self._one(trigger) for trigger in triggers]

    def _one(self, trigger: Trigger) -> Defect:
        at = datetime.fromtimestamp((trigger.last_at or self.clock()) / 1e9, UTC)
        return Defects(self.store).report(
            trigger.module,
            trigger.version,
            str(trigger.signature),
            trigger=trigger.signature.kind,
            remark=trigger.remark,
            evidence=evidence_of(trigger),
            times=trigger.count,
            at=at,
        )


def _counts(row: Reflection) -> bool:
    return not row.remark.startswith(QUARANTINED)


def evidence_of(trigger: Trigger) -> dict[str, list[object]]:
    """What a trigger shows, as a defect keeps it."""
    return {
        "shown": [
            {"inputs": one.inputs, "calls": one.calls, "expected": one.expected}
            for one in trigger.evidence
        ],
        "call_ids": [[each.run_id, each.call_id] for each in trigger.call_ids],
    }
