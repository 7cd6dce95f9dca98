"""The ways a function is changed: one small file a family, each gives splices.

`small` are what people's slips are undone by; `grown` write new conditions, statements
and expressions from the pool of a line.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from wick.search.edits import (
    arithmetic,
    calls,
    comparisons,
    conditions,
    constants,
    copies,
    flow,
    guards,
    holes,
    indexes,
    initials,
    loops,
    names,
    operands,
    starts,
    statements,
    strings,
    updates,
    wraps,
)
from wick.search.pool import Pool, pool_at
from wick.search.text import Edit
from wick.search.view import View

_SMALL: tuple[Callable[[View], Iterator[Edit]], ...] = (
    comparisons.edits,
    arithmetic.edits,
    constants.edits,
    names.edits,
    calls.edits,
    wraps.edits,
    conditions.edits,
    indexes.edits,
    loops.edits,
    statements.edits,
    flow.edits,
    initials.edits,
    strings.edits,
    starts.edits,
    copies.edits,
    operands.edits,
)


def small(view: View) -> Iterator[Edit]:
    """Every edit that needs nothing but the text and the names in scope."""
    for family in _SMALL:
        yield from family(view)


def grown(view: View, *, deep: bool = False) -> Iterator[Edit]:
    """Every edit that writes something new, line by line."""
    pools: dict[int, Pool] = {}
    for place in view.text.places:
        pool = pools.setdefault(place.line, pool_at(view, place.line, deep=deep))
        yield from guards.edits(view, place, pool)
        yield from updates.edits(view, place, pool)
    for node in view.text.expressions:
        line = view.line_of(node)
        if line not in pools:
            pools[line] = pool_at(view, line, deep=deep)
        yield from holes.edits(view, node, pools[line])


def parsed(text: str) -> ast.Module | None:
    """The tree of a candidate that both engines could run; None where it is none."""
    try:
        compile(text, "candidate", "exec")
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
