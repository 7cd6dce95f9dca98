"""The store: one Postgres, one Redis, embedded or external. SQL stands nowhere else.

`open_store(settings)` gives a Store; the query doors below take it.
"""

from core.store.connection import Statements, Store, open_store
from core.store.defect import Defect
from core.store.defects import Defects
from core.store.journal import Journal, JournalEntry
from core.store.modules import LIVE, PREPARED, RETIRED, UNDONE, Modules, VersionRow
from core.store.patches import Patch, Patches
from core.store.plans import PlanRow, Plans
from core.store.probation import Probation, Probations
from core.store.quarantine import Quarantine, Quarantines
from core.store.recordings import Recording, Recordings, as_recording
from core.store.reflections import InputStats, Reflections, Stats
from core.store.runs import DecisionRow, RunRow, Runs
from core.store.spending import BudgetLedger, SpendingRow
from core.store.thoughts import ThoughtRow, Thoughts

__all__ = [
    "LIVE",
    "PREPARED",
    "RETIRED",
    "UNDONE",
    "BudgetLedger",
    "DecisionRow",
    "Defect",
    "Defects",
    "InputStats",
    "Journal",
    "JournalEntry",
    "Modules",
    "Patch",
    "Patches",
    "PlanRow",
    "Plans",
    "Probation",
    "Probations",
    "Quarantine",
    "Quarantines",
    "Recording",
    "Recordings",
    "Reflections",
    "RunRow",
    "Runs",
    "SpendingRow",
    "Statements",
    "Stats",
    "Store",
    "ThoughtRow",
    "Thoughts",
    "VersionRow",
    "as_recording",
    "open_store",
]
