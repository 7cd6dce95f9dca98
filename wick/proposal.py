"""A repair that waits for a person: what would be made live if they say yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.store.defect import REPAIRED, WAITING

if TYPE_CHECKING:
    from core.store.defect import Defect


CALLS = 100  # a probation's, where the proposal does not say


@dataclass(frozen=True, slots=True)
class Proposal:
    """A body for `module`, in place of `version`, under the spec with this digest.

    It is on probation for `calls` calls once it is live.
    """

    defect: int
    module: str
    version: int
    body: str
    spec_digest: str
    rung: str = ""
    calls: int = CALLS


def pending(defect: Defect) -> Proposal:
    """What this defect proposes; NotFound where nothing waits for a person."""
    asked = defect.proposed
    if not asked or defect.state == REPAIRED:
        raise NotFound(
            f"defect {defect.id} has no repair that waits for a person: it is "
            f"{defect.state}",
            field="defect",
            value=defect.id,
            remedy=f"`asza wick report` shows which are {WAITING}",
        )
    return Proposal(
        defect=defect.id,
        module=defect.module,
        version=defect.version,
        body=str(asked["body"]),
        spec_digest=str(asked.get("spec_digest", "")),
        rung=str(asked.get("rung", defect.verdict.get("rung", ""))),
        calls=int(asked.get("calls", CALLS)),
    )
