"""One defect from its diagnosis to its end: repaired, waiting for a person, or not.

Whatever happens on the way, the defect is settled with what was found. Nothing but
`wick.promotion` changes what runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING

from core.errors import AszaError
from core.store import Modules, VersionRow
from core.store.defect import (
    AMBIGUOUS,
    NOT_OURS,
    NOT_REPAIRED,
    REFUSED,
    REPAIRED,
    WAITING,
    Found,
)
from core.store.defects import Defects
from core.store.patches import Patches
from core.store.probation import Probations
from core.store.quarantine import Quarantines
from wick.causes import Diagnosis
from wick.clones import KNOWN_PATCH, LAST_GOOD, Allowance, Clone, Earlier, Task
from wick.evidence import (
    ContractJudge,
    Evidence,
    evidence_for,
    subject_of,
    trusted_versions,
)
from wick.ladder import Ladder, climb
from wick.policy import ASK_PERSON, REFUSE, Decision, decide, probation_calls
from wick.promotion import Promoted, Proven, promote
from wick.safety import Safety, safety_of
from wick.standing import Standing, standing
from wick.triage import cycle_of, diagnosed, trigger_of
from wick.trial import try_clones
from wick.verdict import Verdict
from wick.verdict import AMBIGUOUS as DISAGREED
from wick.verdict import REPAIRED as AGREED

if TYPE_CHECKING:
    from core.store.defect import Defect
    from wick.bench import Bench


def heal(bench: Bench, defect: Defect) -> Defect:
    """See the defect through; the defect as it is settled. The caller has claimed it."""
    began = monotonic()
    bench.say("defect", _seen(defect), defect, signature=defect.signature)
    try:
        here = standing(bench.store, bench.settings, defect.module)
    except AszaError as error:
        return _aside(bench, defect, Diagnosis("person", str(error), remedy=error.remedy))
    if here.row.version != defect.version:
        why = f"version {here.row.version} runs by now, not version {defect.version}"
        return _aside(bench, defect, Diagnosis("superseded", why))
    diagnosis = diagnosed(bench, here, defect)
    bench.say("diagnosis", _diagnosis(diagnosis), defect, **_plain(diagnosis))
    if not diagnosis.repairable:
        return _aside(bench, defect, diagnosis)
    return _Repair(bench, defect, here, diagnosis, began).done()
