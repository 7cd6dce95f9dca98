"""Model-free search: small changes, most suspicious first, judged by the cases.

An edit is a splice of text. Texts that give some failing case, or come nearer to it,
are changed further; so a repair of two or three edits is found one edit at a time.
Steps are budgeted, so the same input gives the same survivors; wall time only ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wick.search.hunt import Search
from wick.subject import Allowance, Case, Judge, Runner, Subject

__all__ = ["Search", "search"]


def search(
    subject: Subject,
    cases: Sequence[Case],
    judge: Judge,
    runner: Runner,
    allowance: Allowance,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> Search:
    """Survivors as they are found; `tried` of what it gives counts the candidates."""
    return Search(subject, cases, judge, runner, allowance, stop=stop)
