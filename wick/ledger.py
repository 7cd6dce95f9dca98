"""The ledger of repairs in figures: how many held, how long they took, what they cost.

Pure: it reads defects as the store keeps them, and counts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple, TypeVar

from core.store.defect import (
    NOT_OURS,
    OPEN,
    REPAIRED,
    REPAIRING,
    WRONG,
    Defect,
)
from wick.clones import RUNGS

T = TypeVar("T")
UNSETTLED = frozenset({OPEN, REPAIRING})


class Repair(NamedTuple):
    """One repair that was made live. `failure` is the defect's kind of trigger."""

    rung: str
    failure: str
    seconds: float
    cost_usd: Decimal
    wrong: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some repairs: how many, how many were wrong, and their medians.

    A repair is wrong that was reverted, or refuted by a held-back case or a person.
    Without repairs there is no rate and no median: None.
    """

    repairs: int
    wrong: int
    median_seconds: float | None
    median_usd: Decimal | None

    @property
    def false_fix_rate(self) -> float | None:
        """Wrong repairs a repair, 0..1."""
        return self.wrong / self.repairs if self.repairs else None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "repairs": self.repairs,
            "wrong": self.wrong,
            "false_fix_rate": self.false_fix_rate,
            "median_seconds": self.median_seconds,
            "median_usd": self.median_usd,
        }


@dataclass(frozen=True, slots=True)
class ByFailure:
    """Of the defects of one kind of failure: how many there were, and are repaired."""

    defects: int
    settled: int
    repaired: int
    figures: Figures

    @property
    def repair_rate(self) -> float | None:
        """Repaired defects a settled one, 0..1; None before the first is settled."""
        return self.repaired / self.settled if self.settled else None

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        counts = {"defects": self.defects, "settled": self.settled}
        rates = {"repaired": self.repaired, "repair_rate": self.repair_rate}
        return {**counts, **rates, **self.figures.as_dict()}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything the report says. `states` counts defects, `spent` is all model money."""

    total: ByFailure
    states: Mapping[str, int]
    spent: Decimal
    by_rung: Mapping[str, Figures]
    by_failure: Mapping[str, ByFailure]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            **self.total.as_dict(),
            "states": dict(self.states),
            "spent_usd": self.spent,
            "by_rung": {rung: each.as_dict() for rung, each in self.by_rung.items()},
            "by_failure": {
                kind: each.as_dict() for kind, each in self.by_failure.items()
            },
        }


def ledger(defects: Sequence[Defect]) -> Ledger:
    """The figures of these defects, as a whole, by rung and by kind of failure."""
    made = [repair for defect in defects for repair in repairs(defect)]
    kinds = _grouped(defects, lambda defect: defect.trigger)
    rungs = _grouped(made, lambda repair: repair.rung)
    return Ledger(
        total=by_failure(defects),
        states=Counter(defect.state for defect in defects),
        spent=sum((spent_on(defect) for defect in defects), Decimal(0)),
        by_rung={rung: figures(rungs[rung]) for rung in sorted(rungs, key=_place)},
        by_failure={kind: by_failure(kinds[kind]) for kind in sorted(kinds)},
    )


def repairs(defect: Defect) -> list[Repair]:
    """Every repair of a defect that was made live: those that were wrong, then the last."""
    past = [_earlier(defect.trigger, one) for one in defect.earlier]
    if defect.state != REPAIRED:
        return past
    rung, wrong = str(defect.verdict.get("rung", "")), defect.fate in WRONG
    last = Repair(rung, defect.trigger, defect.seconds, defect.cost_usd, wrong)
    return [*past, last]


def by_failure(defects: Sequence[Defect]) -> ByFailure:
    """Defects that are not the module's fault are none that could be repaired."""
    settled = [d for d in defects if d.state not in UNSETTLED and d.state != NOT_OURS]
    return ByFailure(
        defects=len(defects),
        settled=len(settled),
        repaired=sum(d.state == REPAIRED and d.fate not in WRONG for d in settled),
        figures=figures([one for defect in defects for one in repairs(defect)]),
    )


def figures(made: Sequence[Repair]) -> Figures:
    """How these repairs fared."""
    return Figures(
        repairs=len(made),
        wrong=sum(repair.wrong for repair in made),
        median_seconds=median([r.seconds for r in made]) if made else None,
        median_usd=median([r.cost_usd for r in made]) if made else None,
    )


def spent_on(defect: Defect) -> Decimal:
    """US dollars for a defect so far: each try is kept with what all had cost by then."""
    past = (Decimal(str(one.get("cost_usd", 0))) for one in defect.earlier)
    return max((defect.cost_usd, *past))


def _earlier(failure: str, past: Mapping[str, Any]) -> Repair:
    cost = Decimal(str(past.get("cost_usd", 0)))
    return Repair(str(past.get("rung", "")), failure, past["seconds"], cost, wrong=True)


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


def _place(rung: str) -> tuple[int, str]:
    """Cheapest first, as the ladder is climbed."""
    return (RUNGS.index(rung) if rung in RUNGS else len(RUNGS), rung)
