"""Evidence: what spoke for each trade and against it, and how those trades ended.

Evidence is a score of -1 (for a short) to 1 (for a long) among a decision's values,
known by its name: `trend_score`, `evidence`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trading.shell.engine.result import Result

SCORES = ("score", "evidence", "confluence")
NEUTRAL = ("scan_score",)
"""How much a market moves speaks for no side of a trade in it."""


@dataclass
class Evidence:
    """How trades ended with one score for them, or against them, at the entry."""

    name: str
    for_won: int = 0
    for_lost: int = 0
    against_won: int = 0
    against_lost: int = 0
    silent: int = 0

    @property
    def win_rate_for(self) -> float | None:
        """Trades won as a share of those it spoke for; None when it never did."""
        return _share(self.for_won, self.for_lost)

    @property
    def win_rate_against(self) -> float | None:
        """Trades won as a share of those it spoke against; None when it never did."""
        return _share(self.against_won, self.against_lost)

    @property
    def lift(self) -> float | None:
        """The first less the second: above 0, the score was worth hearing."""
        with_it, against = self.win_rate_for, self.win_rate_against
        return None if with_it is None or against is None else with_it - against

    def heard(self, score: float, won: bool) -> None:
        """One more trade; `score` is signed for the side that was traded."""
        if score == 0:
            self.silent += 1
        elif score > 0:
            self.for_won += won
            self.for_lost += not won
        else:
            self.against_won += won
            self.against_lost += not won


def scores(values: Mapping[str, Any]) -> dict[str, float]:
    """The evidence among a decision's values, in their order."""
    return {
        name: float(value)
        for name, value in values.items()
        if is_score(name)
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    }


def is_score(name: str) -> bool:
    """Whether values of this name are evidence."""
    return name in SCORES or (name.endswith("_score") and name not in NEUTRAL)


def evidence(result: Result) -> list[Evidence]:
    """Every score on the decisions that opened trades, the one worth most first.

    A trade that did not gain counts as lost; one whose decision was not kept, not at
    all.
    """
    decisions = {one.id: one for one in result.decisions}
    found: dict[str, Evidence] = {}
    for trade in result.trades:
        decision = decisions.get(trade.decision)
        sign = -1 if trade.side == "short" else 1
        for name, score in scores(decision.values if decision else {}).items():
            one = found.setdefault(name, Evidence(name))
            one.heard(sign * score, trade.net > 0)
    return sorted(found.values(), key=_worth)


def _worth(one: Evidence) -> tuple[float, str]:
    return (1.0 if one.lift is None else -one.lift, one.name)


def _share(won: int, lost: int) -> float | None:
    return won / (won + lost) if won + lost else None
