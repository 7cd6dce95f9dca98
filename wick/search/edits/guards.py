"""Guards: a missing `if` before a statement, an unneeded one around it, a base case."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.edits.flow import GIVEN
from wick.search.pool import Pool
from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "guards"
_MOST = 60
_FAR = 8.0


def edits(view: View, place: Place, pool: Pool) -> Iterator[Edit]:
    """Every condition of the pool with something to do where it holds."""
    for n, condition in enumerate(pool.conditions[:_MOST]):
        prior = 1.0 / (1.0 + n / _FAR)
        for action, weight in _actions(view, place):
            rows = f"if {condition.text}:\n    {action}"
            yield view.text.inserted(
                place.line, place.indent, rows, prior * weight, FAMILY
            )
        if isinstance(place.node, ast.AugAssign | ast.Assign | ast.Expr | ast.Return):
            yield _around(view, place, condition.text, 0.5 * prior)
        yield from _otherwise(view, place, condition.text, prior)


def _actions(view: View, place: Place) -> Iterator[tuple[str, float]]:
    looped = view.in_loop(place)
    if looped:
        yield from (("continue", 0.9), ("break", 0.6))
    weight = 0.45 if looped else 0.9
    if view.results:
        for n, result in enumerate(view.results):
            yield f"return {result}", weight / (1.0 + n / _FAR)
        return
    like = _like(view)
    for value in dict.fromkeys((*view.wanted, *like, *GIVEN)):
        likely = value in like or value in view.wanted
        yield f"return {value}", weight * (1.0 if likely else 0.5)
    for name in view.names(place.line):
        if name not in like:
            yield f"return {name}", weight * 0.5
    for error in view.raised:
        yield f"raise {error}()", 1.0


def _like(view: View) -> list[str]:
    """What the failing cases want, where it is one of the plain values."""
    wanted = {repr(value) for value in view.expected}
    return [value for value in (*GIVEN, *view.names(2)) if value in wanted]


def _around(view: View, place: Place, condition: str, prior: float) -> Edit:
    start, end = view.text.span(place.node)
    inner = place.indent + "    "
    row = view.text.of(place.node)
    text = f"if {condition}:\n{inner}{row}"
    words = f"only if {condition}: {row}"
    return Edit(start, end, text, place.line, prior, FAMILY, words)


def _otherwise(
    view: View, place: Place, condition: str, prior: float
) -> Iterator[Edit]:
    """`else` as an `elif`, where the statement is the first of such a branch."""
    owner = place.owner
    if not isinstance(owner, ast.If) or owner.orelse[:1] != [place.node]:
        return
    start, end = view.text.line_start(place.line - 1), view.text.line_start(place.line)
    if view.text.source[start:end].strip() == "else:":
        text = f"{place.indent[4:]}elif {condition}:\n"
        words = f"else -> elif {condition}"
        yield Edit(start, end, text, place.line, prior, FAMILY, words)
