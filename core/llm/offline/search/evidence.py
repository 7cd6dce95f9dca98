"""How large a rule the examples can carry."""

import math
from typing import Any

from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Term


def evidence(problem: Problem) -> float:
    """The largest rule the examples can carry, in nodes.

    A rule of n nodes says about 2.8 bits a node; examples must say clearly more.
    """
    bits = sum(_bits(value) for value in problem.target)
    spoken = 2 if problem.words else 0
    if problem.kind == "bool":
        return 4 + problem.count / 2 + spoken
    return max(5.0, (bits - 4) / 2.8) + spoken


def spoken_for(problem: Problem, term: Term) -> int:
    """Nodes that need no evidence: each input once, and numbers the prose states."""
    stated = {(type(value), value) for value in problem.stated}
    parts = [part.literal for part in term.walk() if not part.op and not part.name]
    known = sum((type(value), value) in stated for value in parts)
    return max(0, term.used.bit_count() - 1) + 2 * known


def roomiest(problem: Problem) -> int:
    """The largest term worth looking for."""
    free = len(problem.names) - 1 + 2 * min(3, len(problem.stated))
    return int(evidence(problem) + free)


def _bits(value: Any) -> float:
    if isinstance(value, str):
        return 3.0 * len(value)
    if isinstance(value, tuple):
        return sum(map(_bits, value), 1.0)
    digits = len(repr(value).partition(".")[2].rstrip("0")) if _plain(value) else 6
    bits = 1 + math.log2(1 + abs(value) * 10 ** min(6, digits))
    return bits if value == int(value) else max(6.0, bits)


def _plain(value: Any) -> bool:
    return "e" not in repr(value)
