"""Which of many known cases clones are shown: the examples, then small ones, evenly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.sandbox.source import leaves

if TYPE_CHECKING:
    from wick.subject import Case


def spread(cases: Sequence[Case], room: int) -> list[Case]:
    """At most `room`, the examples first, then evenly from the smallest upwards."""
    ordered = sorted(cases, key=_cost)
    named = [case for case in ordered if case.label.startswith("example")][:room]
    others = [case for case in ordered if not case.label.startswith("example")]
    left = room - len(named)
    if len(others) > left:
        # The smaller half of what there is: a large case costs every candidate.
        others = others[: max(left, (len(others) + 1) // 2)]
        others = [others[n * len(others) // left] for n in range(left)] if left else []
    return sorted([*named, *others], key=_cost)


def _cost(case: Case) -> int:
    return leaves(dict(case.kwargs))
