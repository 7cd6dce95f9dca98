"""A swap and its probation, and what a Wick that was killed between the two had begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.store.defect import REPAIRED
from core.store.defects import Defects
from core.store.probation import Probations
from wick.repair import good_versions
from wick.triage import spent

if TYPE_CHECKING:
    from core.store import Store, VersionRow
    from core.store.defect import Defect
    from wick.bench import Bench
    from wick.standing import Standing

SWAPPING = "swapping"  # of a verdict: what is about to be made live


def was_swapped(defect: Defect, here: Standing) -> bool:
    """Whether what runs is the repair of this defect, whose Wick died before it said so."""
    intent = defect.verdict.get(SWAPPING)
    return intent is not None and here.row.body_hash == intent["body_hash"]


def resumed(bench: Bench, defect: Defect, here: Standing) -> Defect:
    """Finish what a killed Wick had begun, and say so."""
    settled = completed(bench.store, defect, here)
    text = f"{defect.module}: version {here.row.version} had been swapped in already"
    bench.say("verdict", text, settled, **settled.verdict)
    return settled


def completed(store: Store, defect: Defect, here: Standing) -> Defect:
    """The swap is done; its probation and its place in the ledger are made up for."""
    version, intent = here.row.version, defect.verdict[SWAPPING]
    running = Probations(store).running(defect.module)
    if running is None or running.version != version:
        earlier = good_versions(store, here)
        put_on_probation(store, defect.module, version, earlier, intent["calls"])
    cost = spent(store, defect)
    told = {**defect.verdict, "state": REPAIRED, "module": defect.module}
    told |= {"defect": defect.id, "cost_usd": str(cost)}
    return Defects(store).settle(
        defect.id,
        REPAIRED,
        verdict=told,
        repaired_by=version,
        proposed=None,
        cost_usd=cost,
    )


def put_on_probation(
    store: Store, module: str, version: int, earlier: Sequence[VersionRow], calls: int
) -> None:
    """From now on the version has to prove itself; the newest good one is the way back."""
    safe = next((row.version for row in earlier if row.version != version), None)
    Probations(store).start(module, version, safe_version=safe, calls_needed=calls)
