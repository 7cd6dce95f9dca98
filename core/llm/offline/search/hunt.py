"""What one search has met so far: accepted terms, rejected ones, open boundaries."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.conditions import Gap
from core.llm.offline.search.evidence import evidence, spoken_for
from core.llm.offline.search.price import price
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Term, build
from core.llm.offline.values import same


@dataclass(slots=True)
class Hunt:
    """What one search has met so far."""

    problem: Problem
    steps: Steps
    accepted: list[tuple[float, int, Term]] = field(default_factory=list)
    rejected: list[Term] = field(default_factory=list)
    gaps: dict[int, Gap] = field(default_factory=dict)
    too_long: Term | None = None
    banned: Callable[[Term], bool] | None = None

    def offer(self, term: Term) -> None:
        """Judge a term that gives every example."""
        final = _finished(self.problem, term)
        if final is None or (self.banned and self.banned(final)):
            return
        if len(self.accepted) + len(self.rejected) > 400:
            return
        if self.problem.accepts(final):
            entry = (price(self.problem, final), len(self.accepted), final)
            self.accepted.append(entry)
        else:
            self.rejected.append(final)

    def offer_long(self, term: Term, slack: float = 0) -> None:
        """Judge a term from beyond enumeration: its examples must carry its size."""
        if term.size - spoken_for(self.problem, term) - slack > evidence(self.problem):
            if self.too_long is None or term.size < self.too_long.size:
                self.too_long = term
            return
        self.offer(term)

    @property
    def best(self) -> float:
        """The price of the cheapest accepted term."""
        return min((entry[0] for entry in self.accepted), default=math.inf)

    @property
    def evaded(self) -> bool:
        """True when a clearly simpler rule gives the examples but breaks the contract:
        what is accepted then only invents a way around."""
        simpler = (price(self.problem, term) for term in self.rejected)
        return min(simpler, default=math.inf) + 1 < self.best

    def ranked(self) -> list[Term]:
        """Accepted terms, the cheapest first, in the order found among equals."""
        return [term for _, _, term in sorted(self.accepted, key=lambda e: e[:2])]


def _finished(problem: Problem, term: Term) -> Term | None:
    """The term as it is returned: rounded, when the prose says so."""
    if not problem.rounds or (term.op and term.op.name == "round"):
        return term
    digits = problem.digits or 0
    kind = "float" if digits else "int"
    final = build(ops.rounded(digits), kind, term)
    pairs = zip(final.values, problem.target, strict=False)
    return final if all(same(value, wanted) for value, wanted in pairs) else None
