"""What a repair changes: recorded and drawn inputs whose outcome is another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.sandbox.source import leaves
from wick.quorum import same_outcome
from wick.verdict import Change, Difference

if TYPE_CHECKING:
    from core.gate.trial import Case
    from wick.subject import Ran

FAILING_VERSION = "the failing version"
LAST_GOOD_VERSION = "the last good version"
SHOWN = 20


def difference(
    versus: str,
    cases: Sequence[Case],
    before: Sequence[Ran],
    after: Sequence[Ran],
    recorded: int,
) -> Difference:
    """Pure: the first `recorded` of the cases were lived through, the rest drawn."""
    changed = [
        (place, Change(case.inputs, old, new))
        for place, (case, old, new) in enumerate(zip(cases, before, after, strict=True))
        if not same_outcome(old, new)
    ]
    lived = [change for place, change in changed if place < recorded]
    drawn = [change for place, change in changed if place >= recorded]
    went_well = sum(ran.ok for ran in before[:recorded])
    broken = sum(change.before.ok for change in lived)
    return Difference(
        versus=versus,
        recorded=recorded,
        recorded_changed=len(lived),
        drawn=len(cases) - recorded,
        drawn_changed=len(drawn),
        broken=broken,
        kept=went_well - broken,
        shown=tuple([*_telling(lived), *_telling(drawn)][:SHOWN]),
    )


def _telling(changes: Sequence[Change]) -> list[Change]:
    """Those that answered before first, the smallest inputs first."""
    return sorted(changes, key=lambda c: (not c.before.ok, leaves(dict(c.inputs))))
