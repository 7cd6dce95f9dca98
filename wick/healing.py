"""One defect from its diagnosis to its end: repaired, waiting for a person, or not.

Whatever happens on the way, the defect is settled with what was found. Nothing but
`wick.promotion` changes what runs.
"""

from __future__ import annotations

from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Any

from core.errors import AszaError, StoreError
from core.gate.compare import shortened
from core.store.defect import NOT_OURS, NOT_REPAIRED, REFUSED
from core.store.defects import Defects
from core.store.quarantine import Quarantines
from wick.causes import Diagnosis
from wick.ending import Ending
from wick.repair import Repair
from wick.resuming import SWAPPING, resumed, was_swapped
from wick.standing import Standing, standing
from wick.telling import LIFT
from wick.triage import diagnosed, spent_on

if TYPE_CHECKING:
    from core.store.defect import Defect
    from wick.bench import Bench

PERSON, SUPERSEDED = "person", "superseded"
AGAIN = 30.0  # seconds after which what fails anew is looked at anew
SAY_MORE = "an invariant or an example in its spec would say what is right"


def heal(bench: Bench, defect: Defect) -> Defect:
    """See the defect through; the defect as it is settled. The caller has claimed it."""
    began = monotonic()
    bench.say("defect", _seen(defect), defect, signature=defect.signature)
    try:
        here = standing(bench.store, bench.settings, defect.module)
    except StoreError:
        raise
    except AszaError as error:
        return aside(bench, defect, person_at_work(str(error), error.remedy))
    if here.row.version != defect.version:
        if was_swapped(defect, here):
            return resumed(bench, defect, here)
        why = f"version {here.row.version} runs by now, not version {defect.version}"
        return aside(bench, defect, Diagnosis(SUPERSEDED, why, retry_after=AGAIN))
    if Quarantines(bench.store).is_quarantined(defect.module, here.row.version):
        why = "it is in quarantine: a person keeps it from running"
        return aside(bench, defect, person_at_work(why, LIFT))
    diagnosis = diagnosed(bench, here, defect)
    if not diagnosis.repairable:
        return aside(bench, defect, diagnosis)
    bench.say("diagnosis", _in_words(diagnosis), defect, **asdict(diagnosis))
    defect = Defects(bench.store).note(defect.id, diagnosis=asdict(diagnosis))
    return _repaired(bench, defect, here, began)


def person_at_work(why: str, remedy: str) -> Diagnosis:
    """A person is at work there; what fails once they are done is looked at again."""
    return Diagnosis(PERSON, why, remedy=remedy, retry_after=AGAIN)


def aside(bench: Bench, defect: Defect, diagnosis: Diagnosis) -> Defect:
    """Nothing in the module is repaired: say what it is instead, and what to do."""
    bench.say("diagnosis", _in_words(diagnosis), defect, **asdict(diagnosis))
    told: dict[str, Any] = {
        "why": f"{diagnosis.kind}: {diagnosis.cause}",
        "look_at": diagnosis.remedy,
    }
    if SWAPPING in defect.verdict:
        told[SWAPPING] = defect.verdict[SWAPPING]
    settled = Defects(bench.store).settle(
        defect.id,
        NOT_OURS,
        diagnosis=asdict(diagnosis),
        verdict=told,
        cost_usd=spent_on(bench, defect),
    )
    shown = {**told, "state": NOT_OURS, "module": defect.module, "defect": defect.id}
    came = "needs no repair" if diagnosis.kind == SUPERSEDED else "is not repaired"
    bench.say("verdict", f"{defect.module} {came}: {told['why']}", defect, **shown)
    return settled


def _repaired(bench: Bench, defect: Defect, here: Standing, began: float) -> Defect:
    repair = Repair(bench, defect, here)
    ending = Ending(bench, defect, repair, began)
    if pairs := repair.evidence.contradictions:
        a, b = pairs[0]
        why = (
            f"{a.label} and {b.label} contradict each other: for "
            f"{shortened(dict(a.kwargs))} one wants {shortened(a.expected)}, the other "
            f"{shortened(b.expected)}"
        )
        return ending.without(REFUSED, why, "withdraw the one that is wrong")
    if not repair.shows:
        why = "what failed keeps its contract, so nothing tells a repair from the fault"
        return ending.without(NOT_REPAIRED, why, SAY_MORE)
    return ending.of(repair.run())


def _seen(defect: Defect) -> str:
    times = f" ({defect.times} times)" if defect.times > 1 else ""
    return f"{defect.module}@{defect.version} failed{times}: {defect.remark}"


def _in_words(diagnosis: Diagnosis) -> str:
    shown = "; ".join(diagnosis.evidence)
    return f"diagnosis: {diagnosis.kind}: {diagnosis.cause}" + (
        f" ({shown})" if shown else ""
    )
