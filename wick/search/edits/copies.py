"""Statements the function already holds, written once more elsewhere.

A statement that was lost often has a sibling: the same with two names changed over, or
for a name that is read and never set.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import combinations

from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "copies"
_MOST_NAMES = 6
_PLAIN = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)


def edits(view: View) -> Iterator[Edit]:
    """Every plain statement before every other, as it is and with names changed."""
    rows = dict.fromkeys(
        row
        for place in view.text.places
        if isinstance(place.node, _PLAIN)
        for row in _variants(view, view.text.of(place.node))
    )
    for place in view.text.places:
        for row in rows:
            yield from _written(view, place, row)


def _written(view: View, place: Place, row: str) -> Iterator[Edit]:
    prior = 0.5 if isinstance(place.node, ast.Pass) else 0.3
    if view.unset and any(row.startswith(f"{name} =") for name in view.unset):
        prior = 0.9
    if row != view.text.of(place.node):
        yield view.text.inserted(place.line, place.indent, row, prior, FAMILY)
    ends = place.position == len(place.block) - 1
    if ends and not isinstance(place.node, ast.Return):
        end = (place.node.end_lineno or place.line) + 1
        yield view.text.inserted(end, place.indent, row, prior, FAMILY)


def _variants(view: View, row: str) -> Iterator[str]:
    yield row
    held = [name for name in view.bound if re.search(rf"\b{name}\b", row)]
    others = [name for name in view.bound if name not in held][:_MOST_NAMES]
    changed = [_swapped(row, a, b) for a, b in combinations(held[:_MOST_NAMES], 2)]
    changed += [re.sub(rf"\b{a}\b", b, row) for a in held for b in others]
    yield from changed
    target = re.match(r"(\w+) = ", row)
    if target:
        for name in view.unset:
            yield from (
                f"{name} = {one.partition(' = ')[2]}" for one in (row, *changed)
            )


def _swapped(row: str, a: str, b: str) -> str:
    return re.sub(rf"\b({a}|{b})\b", lambda found: b if found[1] == a else a, row)
