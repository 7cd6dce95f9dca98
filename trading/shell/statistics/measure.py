"""Everything that is measured of a result, in one call."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from trading.shell.engine.result import Result
from trading.shell.statistics import Figure
from trading.shell.statistics.evidence import Evidence, evidence
from trading.shell.statistics.facts import Facts, facts_of
from trading.shell.statistics.groups import Group, groups
from trading.shell.statistics.returns import buy_and_hold, usual
from trading.shell.statistics.truth import truths


@dataclass(frozen=True)
class Rejection:
    """Signals that one check rejected, and the last reason it gave."""

    check: str
    count: int
    reason: str


@dataclass(frozen=True)
class Metrics:
    """The figures of a result; `held` is buy and hold over `facts.times`."""

    facts: Facts
    truths: Sequence[Figure]
    usual: Sequence[Figure]
    groups: Mapping[str, Sequence[Group]]
    rejections: Sequence[Rejection]
    evidence: Sequence[Evidence]
    held: NDArray[np.float64]

    def figure(self, name: str) -> Figure:
        """The figure of this name; KeyError when there is none."""
        return {one.name: one for one in (*self.truths, *self.usual)}[name]


def measure(
    result: Result,
    *,
    now: int | None = None,
    scans_since_start: int | None = None,
    model_cost: Decimal | None = None,
) -> Metrics:
    """Measure a result; the keywords are what only a running session knows."""
    facts = facts_of(
        result, now=now, scans_since_start=scans_since_start, model_cost=model_cost
    )
    held = buy_and_hold(result, facts.times)
    return Metrics(
        facts=facts,
        truths=truths(facts),
        usual=usual(facts, held),
        groups=groups(result.trades),
        rejections=rejections(result),
        evidence=evidence(result),
        held=held,
    )


def rejections(result: Result) -> list[Rejection]:
    """Rejected signals by the check that rejected them, most first."""
    refused = [one for one in result.signals if not one.acted]
    counts = Counter(one.rejected_by or "unnamed" for one in refused)
    reasons = {one.rejected_by or "unnamed": one.reason for one in refused}
    return [Rejection(check, n, reasons[check]) for check, n in counts.most_common()]
