"""Candidates before the cases: those that fail now first, the cheapest of them foremost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from wick.search.closeness import closeness
from wick.search.terms import told
from wick.subject import Case, Judge, Ran, Runner


@dataclass
class Court:
    """The cases in the order they are tried, and what the function itself gives.

    `tried` counts the candidates that were run at all.
    """

    preamble: str
    cases: Sequence[Case]
    judge: Judge
    runner: Runner
    tried: int = 0
    own: list[Ran] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)

    def open(self, source: str) -> None:
        """Run the function itself; from then on the failing cases come first."""
        self.own = self.runner.rows(self.preamble, source, self.cases)
        right = [self.judge(*pair) for pair in zip(self.cases, self.own, strict=True)]
        by_size = sorted(range(len(self.cases)), key=lambda n: _size(self.cases[n]))
        self.failing = [n for n in by_size if not right[n]]
        self.order = [*self.failing, *(n for n in by_size if right[n])]

    def sift(self, sources: Sequence[str]) -> tuple[list[Ran], list[int]]:
        """What came of the first failing case, and the places of those that pass all."""
        self.tried += len(sources)
        first = self.order[0]
        found = self.runner.each(self.preamble, sources, self.cases[first])
        left = [n for n, ran in enumerate(found) if self.judge(self.cases[first], ran)]
        for number in self.order[1:]:
            if not left:
                break
            case = self.cases[number]
            rans = self.runner.each(self.preamble, [sources[n] for n in left], case)
            left = [
                n for n, ran in zip(left, rans, strict=True) if self.judge(case, ran)
            ]
        return found, left

    def scores(self, sources: Sequence[str]) -> list[tuple[float, str]]:
        """How much better than the function itself each is, and its outcomes as text."""
        columns = [
            self.runner.each(self.preamble, sources, case) for case in self.cases
        ]
        return [self._score(row) for row in zip(*columns, strict=True)]

    def _score(self, rans: Sequence[Ran]) -> tuple[float, str]:
        score = 0.0
        for number, (case, ran, own) in enumerate(
            zip(self.cases, rans, self.own, strict=True)
        ):
            right = self.judge(case, ran)
            if number in self.failing:
                score += 1.0 if right else _nearer(case, ran, own)
            elif not right:
                score -= 0.6
        return score, "|".join(map(outcome_text, rans))


def _size(case: Case) -> int:
    return len(repr((case.args, case.kwargs)))


def _nearer(case: Case, ran: Ran, own: Ran) -> float:
    return 0.5 * (closeness(case, ran) - closeness(case, own))


def outcome_text(ran: Ran) -> str:
    """Equal for outcomes that are alike."""
    return f"{told(ran.value)} {ran.after!r}" if ran.ok else f"!{ran.error}"
