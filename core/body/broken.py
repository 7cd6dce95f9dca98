"""A broken body rule: what, and on which line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from core.body.tree import Tree


@dataclass(frozen=True, slots=True)
class RuleBroken:
    """`remedy` is empty where the rule's own sentence says what to do."""

    message: str
    line: int
    remedy: str = ""


def broken_at(
    tree: "Tree", node: "cst.CSTNode", message: str, remedy: str = ""
) -> RuleBroken:
    return RuleBroken(message, max(1, tree.line(node)), remedy)
