"""A person says yes to a repair that could not prove itself: it is gated, and swapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import BodyRefused
from core.gate import run_gate
from core.store.defect import REPAIRED
from core.store.defects import Defects
from core.store.quarantine import Quarantines
from wick.promotion import Promoted, Proven, promote
from wick.proposal import pending
from wick.repair import good_versions
from wick.resuming import put_on_probation
from wick.standing import standing

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.store import Store


def accept(store: Store, settings: Settings, sandbox: Sandbox, number: int) -> Promoted:
    """Make the proposed body live, on probation; the gate must pass it today.

    Raises NotFound when nothing waits, BodyRefused when the spec has changed or the gate
    refuses it now, and what `promote` raises.
    """
    defect = Defects(store).get(number)
    proposal = pending(defect)
    here = standing(store, settings, defect.module)
    if Quarantines(store).is_quarantined(defect.module, here.row.version):
        raise BodyRefused(
            f"{defect.module} is in quarantine: nothing is made live there",
            field="module",
            value=defect.module,
            remedy=f"`asza quarantine {defect.module} --lift` first",
        )
    if here.spec.digest != proposal.spec_digest:
        raise BodyRefused(
            f"the spec of {defect.module} has changed since this repair was proposed",
            field="spec",
            value=here.spec.digest,
            remedy=f"`asza wick retry {number}` looks for another",
        )
    certificate = run_gate(
        here.spec,
        proposal.body,
        sandbox=sandbox,
        vocabulary=here.vocabulary,
        recordings=here.recordings,
    )
    proven = Proven(
        here.spec,
        proposal.body,
        certificate,
        proposal.rung,
        f"repair: {defect.signature}",
        defect.cost_usd,
    )
    done = promote(store, settings, proven, replaces=proposal.version)
    put_on_probation(
        store, defect.module, done.version, good_versions(store, here), proposal.calls
    )
    Defects(store).settle(number, REPAIRED, repaired_by=done.version, proposed=None)
    return done
