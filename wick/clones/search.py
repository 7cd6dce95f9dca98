"""The third rung: model-free search, and a little more of it once something survives.

The first survivor is often right and sometimes only fits. So the search goes on for as
long as it took, and at least a moment: more survivors give the quorum something to
count, or show that the cases do not decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from wick.clones import SEARCH, Clone, Report, Task
from wick.clones.visible import refused_sources, runner
from wick.search import search
from wick.search.normal import normal_form
from wick.subject import Survivor

LEAST_WINDOW = 0.3  # seconds the search goes on after its first survivor
_OFTEN = 0.1  # seconds between two reports


def run(task: Task, report: Report) -> Clone:
    """Survivors within the task's allowance, in the order they were found."""
    if not task.cases:
        return Clone(SEARCH, note="no case is shown, so nothing tells right from wrong")
    window = Window(report, perf_counter())
    refused = set(map(normal_form, refused_sources(task)))
    with runner(task) as running:
        hunt = search(
            task.subject,
            task.cases,
            task.judge,
            running,
            task.allowance,
            stop=lambda: window.over(hunt.tried),
        )
        survivors = tuple(
            one for one in map(window.seen, hunt) if one.normal_form not in refused
        )
    took = perf_counter() - window.began
    note = "" if survivors else _why_none(task, took)
    return Clone(SEARCH, survivors, hunt.tried, took, note=note)


@dataclass
class Window:
    """How long a search goes on; it tells of the search while it is asked."""

    report: Report
    began: float
    survivors: int = 0
    ends: float | None = None
    told: float = 0.0

    def seen(self, survivor: Survivor) -> Survivor:
        """Count a survivor; the first one opens the window."""
        now = perf_counter()
        self.survivors += 1
        if self.ends is None:
            self.ends = now + max(LEAST_WINDOW, now - self.began)
        return survivor

    def over(self, tried: int) -> bool:
        """Whether the window has closed."""
        now = perf_counter()
        if now - self.told > _OFTEN:
            self.told = now
            self.report(tried, self.survivors)
        return self.ends is not None and now > self.ends


def _why_none(task: Task, took: float) -> str:
    if took >= task.allowance.seconds:
        return "nothing survived in the time there was"
    return "nothing it can try gives every visible case"
