"""The second rung: what mended a failure of this signature before."""

from __future__ import annotations

from wick.clones import KNOWN_PATCH, Clone, Report, Task
from wick.clones.visible import tried_again


def run(task: Task, report: Report) -> Clone:  # noqa: ARG001
    """Every patch known for the signature on the cases, the smallest change first."""
    return tried_again(KNOWN_PATCH, task, task.patches, "the patch of version")
