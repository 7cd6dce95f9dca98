"""Indexes and slices: a bound moved, added or dropped, a step turned."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "indexes"


def edits(view: View) -> Iterator[Edit]:
    """Every index and slice moved."""
    for node in view.text.expressions:
        if isinstance(node, ast.Subscript):
            if isinstance(node.slice, ast.Slice):
                yield from _sliced(view, node, node.slice)
            else:
                yield from _indexed(view, node)


def _indexed(view: View, node: ast.Subscript) -> Iterator[Edit]:
    value, index = view.text.of(node.value), view.text.of(node.slice)
    forms = [
        (f"{index} + 1", 0.7), (f"{index} - 1", 0.7), ("0", 0.5), ("-1", 0.6),
        ("1", 0.4), ("-2", 0.2), (f"-{index}", 0.3), (f"-({index}) - 1", 0.3),
        (f"{index}:", 0.3), (f":{index}", 0.3), (f"{index} + 1:", 0.2),
    ]  # fmt: skip
    for form, prior in forms:
        if form != index:
            yield view.text.replaced(node, f"{value}[{form}]", prior, FAMILY)
    if isinstance(node.ctx, ast.Load):
        for text in (f"{value}.get({index}, 0)", f"{value}.get({index})"):
            yield view.text.replaced(node, text, 0.3, FAMILY)
        for name in view.names(view.line_of(node), node):
            if name not in (index, value):
                yield view.text.replaced(node, f"{name}[{index}]", 0.2, FAMILY)


def _sliced(view: View, node: ast.Subscript, part: ast.Slice) -> Iterator[Edit]:
    value = view.text.of(node.value)
    low, high, step = (
        view.text.of(one) if one else "" for one in (part.lower, part.upper, part.step)
    )
    for a, b, c, prior in _bounds(low, high, step):
        inner = f"{a}:{b}:{c}" if c else f"{a}:{b}"
        yield view.text.replaced(node, f"{value}[{inner}]", prior, FAMILY)
    for name in view.names(view.line_of(node), node):
        if "int" in view.kinds(view.line_of(node), name):
            for inner in (f"{name}:{high}", f"{low}:{name}"):
                yield view.text.replaced(node, f"{value}[{inner}]", 0.5, FAMILY)


def _bounds(low: str, high: str, step: str) -> Iterator[tuple[str, str, str, float]]:
    for moved in _moved(low, "1"):
        yield moved, high, step, 0.7
    for moved in _moved(high, "-1"):
        yield low, moved, step, 0.7
    yield high, low, step, 0.3
    yield low, high, "" if step else "-1", 0.4
    yield low, high, "2", 0.2
    if step:
        yield low, high, f"-({step})", 0.5
        yield low, high, f"{step} + 1", 0.3


def _moved(bound: str, usual: str) -> list[str]:
    """A bound one further, one nearer, or gone; the usual one where there is none."""
    if not bound:
        return [usual, "2" if usual == "1" else "-2"]
    return ["", f"{bound} + 1", f"{bound} - 1", usual, f"-({bound})", "0"]
