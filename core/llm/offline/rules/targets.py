"""Which conditions of a truth to want true or false, so that it comes out as asked."""

from __future__ import annotations

from collections.abc import Sequence

from core.llm.offline.rules.reading import PlainRule
from core.llm.offline.rules.tree import (
    All,
    Between,
    Compare,
    Either,
    Flag,
    Name,
    Node,
    Not,
    Num,
    Truth,
)


def targets(node: Node, want: bool, plain: PlainRule) -> list[tuple[Truth, bool]]:
    """Conditions that make a truth come out as wanted, each with what it should be."""
    match node:
        case Not(part):
            return targets(part, not want, plain)
        case All(parts):
            return _joint(parts, want, True, plain)
        case Either(parts):
            return _joint(parts, want, False, plain)
        case Compare(Name(name), ">=", Num()) if name in plain.counters:
            return targets(plain.counters[name][0], want, plain)
        case Compare() | Between() | Flag():
            return [(node, want)]
    return []


def _joint(
    parts: Sequence[Truth], want: bool, every: bool, plain: PlainRule
) -> list[tuple[Truth, bool]]:
    if want == every:
        return [each for part in parts for each in targets(part, want, plain)]
    first, *rest = parts
    others = [each for part in rest for each in targets(part, not want, plain)]
    return targets(first, want, plain) + others
