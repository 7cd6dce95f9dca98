"""Probation: a repair proves itself in the calls it lives through, or goes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lineage import rollback
from core.store import Modules, Reflections
from core.store.defect import KEPT, REVERTED
from core.store.defects import Defects
from core.store.probation import PASSED, REPLACED, Probation, Probations
from core.store.probation import REVERTED as PROBATION_REVERTED
from core.store.quarantine import Quarantines
from wick.policy import KEEP, REVERT, Stats, after
from wick.signature import ASSUMPTION, CAPABILITY, INPUTS, signature_of
from wick.telling import Told

if TYPE_CHECKING:
    from wick.bench import Bench

LOOKED_AT = 500  # newest failures of a module
NOT_ITS_FAULT = frozenset({INPUTS, ASSUMPTION, CAPABILITY})
WICK = "wick"


def guard(bench: Bench) -> None:
    """Look at every running probation: keep, take back, or wait."""
    for probation in Probations(bench.store).all_running():
        _judge(bench, probation)


def _judge(bench: Bench, probation: Probation) -> None:
    door = Probations(bench.store)
    live = Modules(bench.store).live(probation.module)
    if live is None or live.version != probation.version:
        door.finish(probation.id, REPLACED, "another version runs")
        return
    action, why = after(lived(bench, probation), probation.calls_needed)
    if action == KEEP and door.finish(probation.id, PASSED, why):
        _fate(bench, probation, KEPT, why)
    elif action == REVERT:
        _revert(bench, probation, why)


def lived(bench: Bench, probation: Probation) -> Stats:
    """What the version has lived through; inputs that broke its contract do not count."""
    repaired = Defects(bench.store).repaired_by(probation.module, probation.version)
    mended = {defect.signature for defect in repaired}
    failed = Reflections(bench.store).last_failures(probation.module, LOOKED_AT)
    began = probation.since.timestamp() * 1e9
    own = [
        signature
        for one in failed
        if one.version == probation.version and one.at >= began
        if (signature := signature_of(one)).kind not in NOT_ITS_FAULT
    ]
    calls = Probations(bench.store).lived(probation).calls
    return Stats(calls, len(own), sum(str(each) in mended for each in own))


def _revert(bench: Bench, probation: Probation, why: str) -> None:
    """The last safe version comes back; without one the module is put away."""
    if not Probations(bench.store).finish(probation.id, PROBATION_REVERTED, why):
        return
    module, version = probation.module, probation.version
    safe = probation.safe_version
    held = Quarantines(bench.store)
    if safe is not None and not held.is_quarantined(module, safe):
        rollback(bench.store, bench.settings, module, safe, replaces=version)
        what = f"version {safe} runs again"
    else:
        held.set(module, reason=f"repair failed: {why}", by=WICK)
        what = "it is quarantined: there is no safe version"
    _fate(bench, probation, REVERTED, f"{why}; {what}")


def _fate(bench: Bench, probation: Probation, fate: str, why: str) -> None:
    """What became of the repair, in the ledger of repairs."""
    defects = Defects(bench.store)
    for defect in defects.repaired_by(probation.module, probation.version):
        defects.set_fate(defect.id, fate, why)
    text = f"{probation.module}@{probation.version}: its repair is {fate}: {why}"
    bench.tell(Told("probation", text, probation.module, data={"fate": fate}))
