"""A missing operand: a value multiplied, shifted, divided or counted with another."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "operands"
_SIGNS = (("+", 0.4), ("-", 0.4), ("*", 0.4), ("//", 0.3), ("/", 0.25), ("%", 0.3))
_FREE = (
    ast.Return,
    ast.Assign,
    ast.Dict,
    ast.Call,
    ast.AugAssign,
    ast.BinOp,
    ast.Compare,
)


def edits(view: View) -> Iterator[Edit]:
    """Every number that is read, with each number and name in scope put to it."""
    for node in view.text.expressions:
        if isinstance(view.text.parents.get(node), _FREE) and _number(view, node):
            yield from _with_another(view, node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from _called_again(view, node)


def _number(view: View, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        kinds = view.kinds(view.line_of(node), node.id)
        return isinstance(node.ctx, ast.Load) and bool(kinds & {"int", "float"})
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Load)
    return isinstance(node, ast.BinOp | ast.Call)


def _with_another(view: View, node: ast.expr) -> Iterator[Edit]:
    line, text = view.line_of(node), view.text.of(node)
    held = f"({text})" if isinstance(node, ast.BinOp) else text
    names = [
        name
        for name in view.names(line, node)
        if name != text and view.kinds(line, name) & {"int", "float"}
    ]
    others = dict.fromkeys((*names, *view.numbers, "2"))
    for other in (one for one in others if one not in ("0", "1", "-1")):
        for sign, prior in _SIGNS:
            written = f"{held} {sign} {other}"
            yield view.text.replaced(node, written, prior, FAMILY)


def _called_again(view: View, node: ast.Name) -> Iterator[Edit]:
    """The function's own answer for a part, where there is one parameter to give it."""
    line, text = view.line_of(node), view.text
    if len(view.parameters) != 1 or node.id in view.parameters:
        return
    for name in view.names(line, node):
        if name not in view.parameters and view.alike(2, view.parameters[0], name):
            call = f"{text.function.name}({name})"
            yield text.replaced(node, call, 0.3, FAMILY)
            for form in ("max({}, {})", "min({}, {})", "{} + {}"):
                yield text.replaced(node, form.format(node.id, call), 0.3, FAMILY)
