"""The first rung: an earlier version that gives every visible case."""

from __future__ import annotations

from wick.clones import LAST_GOOD, Clone, Report, Task
from wick.clones.visible import tried_again


def run(task: Task, report: Report) -> Clone:  # noqa: ARG001
    """Every earlier version's body on the cases, the smallest change first."""
    return tried_again(LAST_GOOD, task, task.earlier, "version")
