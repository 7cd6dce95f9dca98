"""Flow: if, elif, while, break, continue, return and what they leave with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "flow"
GIVEN = ("None", "0", "True", "False", "[]", "''", "-1", "1", "{}")


def edits(view: View) -> Iterator[Edit]:
    """Every leaving statement as another, every return of something else."""
    for place in view.text.places:
        yield from _leaving(view, place)
        yield from _keywords(view, place)
    yield from _elifs(view)
    yield from _last_return(view)


def _leaving(view: View, place: Place) -> Iterator[Edit]:
    node, text = place.node, view.text
    start, end = text.span(node)
    if isinstance(node, ast.Break | ast.Continue):
        other = "continue" if isinstance(node, ast.Break) else "break"
        for word, prior in ((other, 0.7), ("pass", 0.3), *_returns(view, place)):
            words = f"{text.of(node)} -> {word}"
            yield Edit(start, end, word, place.line, prior, FAMILY, words)
    elif isinstance(node, ast.Return):
        for word, prior in _returned(view, place, node):
            words = f"{text.of(node)} -> {word}"
            yield Edit(start, end, word, place.line, prior, FAMILY, words)


def _returns(view: View, place: Place) -> Iterator[tuple[str, float]]:
    for name in (*view.names(place.line), *GIVEN[:4]):
        yield f"return {name}", 0.2


def _returned(
    view: View, place: Place, node: ast.Return
) -> Iterator[tuple[str, float]]:
    old = view.text.of(node.value) if node.value else "None"
    for name in (*view.names(place.line), *GIVEN):
        if name != old:
            yield f"return {name}", 0.5 if name in view.bound else 0.35
    yield f"return not {old}" if " " not in old else f"return not ({old})", 0.4
    if view.in_loop(place):
        yield from (("continue", 0.3), ("break", 0.3))
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
        a, b = map(view.text.of, node.value.elts)
        yield f"return ({b}, {a})", 0.5


def _keywords(view: View, place: Place) -> Iterator[Edit]:
    start = view.text.span(place.node)[0]
    if isinstance(place.node, ast.If) and not place.node.orelse:
        yield Edit(start, start + 2, "while", place.line, 0.4, FAMILY, "if -> while")
        before = place.block[place.position - 1] if place.position else None
        if isinstance(before, ast.If):
            yield Edit(start, start + 2, "elif", place.line, 0.5, FAMILY, "if -> elif")
    elif isinstance(place.node, ast.While):
        yield Edit(start, start + 5, "if", place.line, 0.4, FAMILY, "while -> if")


def _elifs(view: View) -> Iterator[Edit]:
    """`elif` as an `if` of its own."""
    for number, row in enumerate(view.text.source.split("\n"), 1):
        if row.lstrip().startswith("elif "):
            at = view.text.line_start(number) + row.index("elif")
            yield Edit(at, at + 4, "if", number, 0.5, FAMILY, "elif -> if")


def _last_return(view: View) -> Iterator[Edit]:
    """A function that may fall off its end: what it should give."""
    last = view.text.function.body[-1]
    if isinstance(last, ast.Return | ast.Raise):
        return
    end = (last.end_lineno or last.lineno) + 1
    for name in (*view.bound, *GIVEN):
        yield view.text.inserted(end, "    ", f"return {name}", 0.6, FAMILY)
