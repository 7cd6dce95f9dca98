"""Probation: a repair proves itself in the calls it lives through, or goes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import AszaError, StoreError
from core.lineage import rollback
from core.store import Modules, Reflections
from core.store.defect import KEPT, REVERTED
from core.store.defects import Defects
from core.store.probation import PASSED, REPLACED, Probation, Probations
from core.store.probation import REVERTED as PROBATION_REVERTED
from core.store.quarantine import Quarantines
from wick.policy import KEEP, REVERT, Stats, after
from wick.signature import CAPABILITY, signature_of
from wick.telling import Told

if TYPE_CHECKING:
    from wick.bench import Bench

WICK = "wick"


def guard(bench: Bench) -> None:
    """Look at every running probation: keep, take back, or wait."""
    held = Quarantines(bench.store)
    for probation in Probations(bench.store).all_running():
        if held.is_quarantined(probation.module, probation.version):
            continue  # it does not run, so nothing is learnt
        try:
            _judge(bench, probation)
        except StoreError:
            raise
        except AszaError as error:
            text = f"the probation of {probation.module} was not judged: {error}"
            bench.tell(Told("waiting", text, probation.module))


def _judge(bench: Bench, probation: Probation) -> None:
    door = Probations(bench.store)
    live = Modules(bench.store).live(probation.module)
    runs = live.version if live else None
    action, why = after(lived(bench, probation), probation.calls_needed)
    if action == REVERT and runs in (probation.version, probation.safe_version):
        _revert(bench, probation, why, done=runs == probation.safe_version)
    elif runs != probation.version:
        door.finish(probation.id, REPLACED, "another version runs")
    elif action == KEEP and door.finish(probation.id, PASSED, why):
        _fate(bench, probation, KEPT, why)


def lived(bench: Bench, probation: Probation) -> Stats:
    """What the body has lived through; calls that were turned away do not count."""
    module, version = probation.module, probation.version
    repaired = Defects(bench.store).repaired_by(module, version)
    mended = {defect.signature for defect in repaired}
    door = Reflections(bench.store)
    ran = door.own_failures(module, version, probation.since)
    own = [each for each in map(signature_of, ran) if each.kind != CAPABILITY]
    total = Probations(bench.store).lived(probation)
    calls = max(total.calls - (total.failures - len(ran)), 0)
    return Stats(calls, len(own), sum(str(each) in mended for each in own))


def _revert(bench: Bench, probation: Probation, why: str, *, done: bool) -> None:
    """The last safe version comes back; where it cannot, the module is put away.

    `done`: it runs already, and whoever brought it back was killed before it said so.
    """
    what = f"version {probation.safe_version} runs again"
    if not done:
        what = _taken_back(bench, probation, why) or what
    if Probations(bench.store).finish(probation.id, PROBATION_REVERTED, why):
        _fate(bench, probation, REVERTED, f"{why}; {what}")


def _taken_back(bench: Bench, probation: Probation, why: str) -> str:
    """What was done instead of bringing the safe version back; "" when it is back."""
    module, safe = probation.module, probation.safe_version
    held = Quarantines(bench.store)
    reason = "there is no safe version"
    if safe is not None and not held.is_quarantined(module, safe):
        try:
            rollback(
                bench.store, bench.settings, module, safe, replaces=probation.version
            )
        except StoreError:
            raise
        except AszaError as error:  # a hand is at its file
            reason = str(error)
        else:
            return ""
    if not held.is_quarantined(module):
        held.set(module, reason=f"repair failed: {why}", by=WICK)
    return f"it is quarantined: {reason}"


def _fate(bench: Bench, probation: Probation, fate: str, why: str) -> None:
    """What became of the repair, in the ledger of repairs."""
    defects = Defects(bench.store)
    for defect in defects.repaired_by(probation.module, probation.version):
        defects.set_fate(defect.id, fate, why)
    text = f"{probation.module}@{probation.version}: its repair is {fate}: {why}"
    bench.tell(Told("probation", text, probation.module, data={"fate": fate}))
