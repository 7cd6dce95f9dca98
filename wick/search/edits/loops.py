"""Loops: the range they run over, the order, and what they start from."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "loops"


def edits(view: View) -> Iterator[Edit]:
    """Every range with other bounds, every loop over other rows of the same."""
    for node in view.text.expressions:
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if called and node.func.id == "range":  # type: ignore[attr-defined]
            yield from _ranges(view, node)  # type: ignore[arg-type]
    for place in view.text.places:
        if isinstance(place.node, ast.For):
            yield from _over(view, place.node.iter)
    for node in view.text.expressions:
        for part in getattr(node, "generators", ()):
            yield from _over(view, part.iter)


def _ranges(view: View, node: ast.Call) -> Iterator[Edit]:
    bounds = [view.text.of(one) for one in node.args]
    for text, prior in _bounds(bounds):
        yield view.text.replaced(node, f"range({text})", prior, FAMILY)


def _bounds(bounds: list[str]) -> Iterator[tuple[str, float]]:
    if len(bounds) == 1:
        (stop,) = bounds
        yield from (
            (f"{stop} + 1", 0.9), (f"{stop} - 1", 0.9), (f"1, {stop}", 0.8),
            (f"1, {stop} + 1", 0.8), (f"0, {stop}, 2", 0.2), (f"2, {stop} + 1", 0.3),
            (f"{stop} - 1, -1, -1", 0.5), (f"2, {stop}", 0.3), (f"{stop} - 2", 0.2),
            (f"{stop}, 0, -1", 0.3), (f"{stop} + 2", 0.2), (f"{stop} // 2", 0.2),
        )  # fmt: skip
        return
    start, stop, *step = bounds
    tail = "".join(f", {one}" for one in step)
    for moved in (f"{start} + 1", f"{start} - 1", "0", "1"):
        yield f"{moved}, {stop}{tail}", 0.8
    for moved in (f"{stop} + 1", f"{stop} - 1"):
        yield f"{start}, {moved}{tail}", 0.8
    yield f"{start} + 1, {stop} + 1{tail}", 0.5
    yield f"{start} - 1, {stop} - 1{tail}", 0.5
    yield f"{stop}, {start}{tail}", 0.3
    yield stop, 0.3
    yield f"{stop} - 1, {start} - 1, -1", 0.3
    if step:
        yield f"{start}, {stop}", 0.5
        yield f"{start}, {stop}, -({step[0]})", 0.5
        yield f"{start}, -1, {step[0]}", 0.4
    else:
        yield f"{start}, {stop}, 2", 0.3
        yield f"{start}, {stop}, -1", 0.4


def _over(view: View, rows: ast.expr) -> Iterator[Edit]:
    text = view.text.of(rows)
    forms = (
        ("{}[1:]", 0.6), ("{}[:-1]", 0.5), ("reversed({})", 0.6), ("sorted({})", 0.6),
        ("sorted({}, reverse=True)", 0.3), ("list({})", 0.4), ("{}[::-1]", 0.3),
        ("{}.items()", 0.5), ("{}.values()", 0.4), ("enumerate({})", 0.4),
        ("set({})", 0.3), ("range(len({}))", 0.4), ("range({})", 0.3),
        ("{}[::2]", 0.2), ("enumerate({}, 1)", 0.2), ("{}.split()", 0.3),
        ("zip({0}, {0}[1:])", 0.3), ("sorted(set({}))", 0.2), ("{}[2:]", 0.2),
    )  # fmt: skip
    held = (
        text if isinstance(rows, ast.Name | ast.Call | ast.Subscript) else f"({text})"
    )
    for form, prior in forms:
        yield view.text.replaced(rows, form.format(held), prior, FAMILY)
    for name in view.names(view.line_of(rows)):
        kinds = view.kinds(view.line_of(rows), name)
        if name != text and kinds & {"list", "tuple", "str", "dict", "set"}:
            yield view.text.replaced(rows, name, 0.4, FAMILY)
