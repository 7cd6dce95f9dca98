"""A defect from the database, diagnosed: is there anything in the module to repair?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any

import psutil

from core.drift import drift
from core.errors import AszaError
from core.llm.routing import choice_of
from core.records import OK
from core.store import BudgetLedger, Reflections, Runs
from core.store.defects import Defects
from wick.causes import UNKNOWN, Context, Diagnosis
from wick.checks import replayed
from wick.clones.money import purse
from wick.diagnosis import diagnose
from wick.reviewer import Incident, ask_diagnosis
from wick.signature import read_signature
from wick.triggers import CallId, Evidence, Trigger

if TYPE_CHECKING:
    from core.store import Store
    from core.store.defect import Defect
    from wick.bench import Bench
    from wick.standing import Standing

RECENT = 50  # calls that went well, to compare with
OTHERS = 50  # defects seen last, to tell a fault from an event


def trigger_of(defect: Defect) -> Trigger:
    """The trigger that the defect was reported for."""
    shown = defect.evidence.get("shown", ())
    return Trigger(
        module=defect.module,
        version=defect.version,
        signature=read_signature(defect.signature),
        remark=defect.remark,
        evidence=tuple(_evidence(each) for each in shown),
        call_ids=tuple(
            CallId(str(run), int(number))
            for run, number in defect.evidence.get("call_ids", ())
        ),
        first_at=int(defect.first_at.timestamp() * 1e9),
        last_at=int(defect.last_at.timestamp() * 1e9),
        count=defect.times,
    )


def _evidence(shown: Mapping[str, Any]) -> Evidence:
    return Evidence(shown["inputs"], tuple(shown["calls"] or ()), shown["expected"])


def diagnosed(bench: Bench, here: Standing, defect: Defect) -> Diagnosis:
    """What is at fault: by rules, and where they know nothing by a model, if allowed."""
    trigger = trigger_of(defect)
    found = diagnose(trigger, _context(bench, here, trigger))
    if found.kind != UNKNOWN:
        return found
    return _opinion(bench, here, defect) or found


def _context(bench: Bench, here: Standing, trigger: Trigger) -> Context:
    door, module = Reflections(bench.store), trigger.module
    return Context(
        contract=here.spec.contract,
        replay=replayed(
            trigger,
            here.spec,
            here.row.body,
            sandbox=bench.sandbox,
            vocabulary=here.vocabulary,
        ),
        others=[trigger_of(each) for each in Defects(bench.store).list(limit=OTHERS)],
        history=door.input_stats(module),
        drifts=drift(door, module),
        recent=[r.inputs for r in door.recent(module, RECENT) if r.outcome == OK],
        interval=interval_of(bench.store, trigger),
        free_memory=psutil.virtual_memory().available / psutil.virtual_memory().total,
    )


def interval_of(store: Store, trigger: Trigger) -> float | None:
    """Seconds a bar of the live run it happened in; None where bars are of the past."""
    runs = {call.run_id for call in trigger.call_ids[:1]}
    found = [Runs(store).detail(run).get("interval") for run in runs]
    return float(found[0]) if found and isinstance(found[0], int | float) else None


def _opinion(bench: Bench, here: Standing, defect: Defect) -> Diagnosis | None:
    """A reviewer's diagnosis; None where no model stands behind the role."""
    settings = bench.settings
    if settings.sealed or choice_of("reviewer", settings).provider == "offline":
        return None
    incident = Incident(
        module=defect.module,
        failure=defect.remark,
        body=here.row.body,
        contract=here.spec.text,
        cycle=cycle_of(defect),
    )
    try:
        limits = bench.limits
        ends = monotonic() + limits.seconds
        writer = purse(settings, bench.store, ends, limits.dollars).writer("reviewer")
        return ask_diagnosis(incident, writer).diagnosis()
    except AszaError as error:
        bench.say("diagnosis", f"no model could be asked: {error}", defect)
        return None


def spent_on(bench: Bench, defect: Defect) -> Decimal:
    """US dollars spent or reserved for the defect: diagnosis, clones, earlier tries."""
    return spent(bench.store, defect)


def spent(store: Store, defect: Defect) -> Decimal:
    """The same, where there is no bench."""
    return BudgetLedger(store).totals(cycle_of(defect)).request


def cycle_of(defect: Defect) -> str:
    """What the defect's money is charged to."""
    return f"defect {defect.id}"
