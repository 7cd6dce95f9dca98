"""A person says yes to a repair that could not prove itself: it is gated, and swapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import BodyRefused
from core.gate import run_gate
from core.store.defects import Defects
from core.store.quarantine import Quarantines
from wick.promotion import Promoted, Proven, promote
from wick.proposal import pending
from wick.resuming import SWAPPING, completed, was_swapped
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
    if was_swapped(defect, here):
        completed(store, defect, here)
        return Promoted(defect.module, here.row.version, defect.version, "")
    _refuse_quarantined(store, defect.module)
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
    _refuse_quarantined(store, defect.module)
    intent = {"body_hash": certificate.body_hash, "calls": proposal.calls}
    noted = Defects(store).note(number, verdict={**defect.verdict, SWAPPING: intent})
    done = promote(store, settings, proven, replaces=proposal.version)
    completed(store, noted, standing(store, settings, defect.module))
    return done


def _refuse_quarantined(store: Store, module: str) -> None:
    if Quarantines(store).is_quarantined(module):
        raise BodyRefused(
            f"{module} is in quarantine: nothing is made live there",
            field="module",
            value=module,
            remedy=f"`asza quarantine {module} --lift` first",
        )
