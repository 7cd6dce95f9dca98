"""A defect as it is kept: its states, what may be found, and how it grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from core.store.codec import encode

OPEN, REPAIRING, REPAIRED, WAITING = "open", "repairing", "repaired", "waiting"
AMBIGUOUS, NOT_REPAIRED = "ambiguous", "not repaired"
NOT_OURS, REFUSED = "not ours", "refused"
KEPT, REVERTED = "kept", "reverted"
REFUTED_BY_HELD_BACK, REFUTED_BY_PERSON = "refuted by held-back", "refuted by person"
WRONG = frozenset({REVERTED, REFUTED_BY_HELD_BACK, REFUTED_BY_PERSON})
SHOWN = 20  # values a list of the evidence keeps


@dataclass(frozen=True)
class Defect:
    """One defect. `seconds` is wall time, `cost_usd` what models took for it.

    `proposed` is a repair that waits for a person, `repaired_by` the version that is
    live instead, `earlier` the repairs of this very defect that turned out wrong.
    """

    id: int
    module: str
    version: int
    signature: str
    trigger: str
    remark: str
    times: int
    first_at: datetime
    last_at: datetime
    state: str
    owner: str
    owned_at: datetime | None
    evidence: Mapping[str, Any]
    diagnosis: Mapping[str, Any]
    rungs: Sequence[Mapping[str, Any]]
    candidates: int
    survivors: int
    verdict: Mapping[str, Any]
    proposed: Mapping[str, Any] | None
    repaired_by: int | None
    seconds: float
    cost_usd: Decimal
    settled_at: datetime | None
    fate: str | None
    fate_reason: str
    fate_at: datetime | None
    earlier: Sequence[Mapping[str, Any]]


class Found(TypedDict, total=False):
    """What is known of a defect so far; what is left out stays as it was."""

    diagnosis: Mapping[str, Any]
    rungs: Sequence[Mapping[str, Any]]
    candidates: int
    survivors: int
    verdict: Mapping[str, Any]
    proposed: Mapping[str, Any] | None
    repaired_by: int | None
    seconds: float
    cost_usd: Decimal


def folded(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence with more of it: lists grow by what is not in them, up to 20 values;
    of anything else the first stays."""
    both = {**new, **old}
    for name, value in new.items():
        if isinstance(value, list | tuple):
            unique = {encode(each): each for each in (*old.get(name, ()), *value)}
            both[name] = list(unique.values())[:SHOWN]
    return both


def folding(defect: Defect, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What seeing a defect again changes in it, beside its count."""
    both = folded(defect.evidence, evidence)
    changed = encode(both) != encode(dict(defect.evidence))
    return {**({"evidence": both} if changed else {}), **_reopened(defect)}


def _reopened(defect: Defect) -> dict[str, Any]:
    """A repair that turned out wrong makes room for another, and is remembered."""
    if defect.state != REPAIRED or defect.fate not in WRONG:
        return {}
    names = ("fate", "fate_reason", "fate_at", "repaired_by", "seconds", "cost_usd")
    past = {name: getattr(defect, name) for name in names}
    past |= {"fate_at": str(defect.fate_at), "cost_usd": str(defect.cost_usd)}
    past["rung"] = defect.verdict.get("rung", "")
    empty = dict.fromkeys(("fate", "fate_at", "repaired_by", "settled_at", "proposed"))
    fresh = {"state": OPEN, "fate_reason": "", "verdict": {}, "rungs": []}
    return {**empty, **fresh, "earlier": [*defect.earlier, past]}
