"""Signs that a body lists the cases it was shown instead of computing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wick.subject import Case

# They stand in honest code too: an empty text, a first index, a sign.
_COMMON = frozenset(map(repr, (0, 1, -1, 2, 0.0, 1.0, "", None, True, False)))


def listed(source: str, before: str, cases: Sequence[Case]) -> int:
    """How many cases have an input that a function compares with, and did not before."""
    named = _compared(source) - _compared(before) - _COMMON
    return sum(not named.isdisjoint(_inputs(case)) for case in cases)


def _compared(source: str) -> frozenset[str]:
    """The literals a function compares with, or looks something up by."""
    found = (one for node in ast.walk(ast.parse(source)) for one in _sides(node))
    return frozenset(one for side in found for one in _literals(side))


def _sides(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    return [node.value] if isinstance(node, ast.MatchValue) else []


def _literals(node: ast.expr) -> Iterator[str]:
    """What a literal holds; nothing where it is none."""
    try:
        yield from _leaves(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return


def _inputs(case: Case) -> Iterator[str]:
    yield from _leaves((case.args, case.kwargs))


def _leaves(value: Any) -> Iterator[str]:
    """The single values in a value, 3.0 as 3."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list | tuple | set | frozenset):
        for part in value:
            yield from _leaves(part)
    else:
        whole = isinstance(value, float) and value.is_integer()
        yield repr(int(value) if whole else value)
