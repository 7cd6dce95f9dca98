"""What a rule costs: its size, what it ignores, less what the prose speaks of."""

from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Term


def unused(problem: Problem, term: Term) -> list[str]:
    """Parameters the term does not read."""
    return [
        name for place, name in enumerate(problem.names) if not term.used >> place & 1
    ]


def price(problem: Problem, term: Term) -> float:
    """What a rule costs: its size, what it ignores, less what the prose speaks of."""
    ignored = sum(_ignoring(problem, name) for name in unused(problem, term))
    spoken = {
        part.op.name
        for part in term.walk()
        if part.op and part.op.name in problem.words
    }
    return term.size + ignored - 0.75 * min(2, len(spoken))


def _ignoring(problem: Problem, name: str) -> float:
    values = {repr(row[name]) for row in problem.rows[: problem.count]}
    return 1.5 if len(values) > 3 else 3.0
