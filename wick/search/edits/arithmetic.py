"""Arithmetic: another operator, an operand dropped, turned or grouped otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from wick.search.text import Edit
from wick.search.view import View

# Neither a power nor a shift is ever offered: a wrong one eats time and memory.
_SIGNS: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//",
    ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.MatMult: "@",
}  # fmt: skip
_LIKELY: Mapping[str, tuple[str, ...]] = {
    "+": ("-", "*", "/", "//", "%"),
    "-": ("+", "*", "/", "//", "%"),
    "*": ("+", "/", "-", "//", "%"),
    "/": ("//", "*", "-", "+", "%"),
    "//": ("/", "%", "*", "-", "+"),
    "%": ("//", "/", "*", "-", "+"),
    "**": ("*",),
    "<<": (">>", "*"),
    ">>": ("//",),
    "&": ("|", "-", "^"),
    "|": ("&", "^", "-"),
    "^": ("&", "|"),
}
_PRIORS = (0.9, 0.7, 0.5, 0.4, 0.3)
FAMILY = "arithmetic"


def edits(view: View) -> Iterator[Edit]:
    """Every operation changed in its sign, its operands or its grouping."""
    for node in view.text.expressions:
        if isinstance(node, ast.BinOp):
            yield from _signs(view, node, node.left, node.right)
            yield from _operands(view, node)
            yield from _grouped(view, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            yield view.text.replaced(node, view.text.of(node.operand), 0.5, FAMILY)
    for place in view.text.places:
        if isinstance(place.node, ast.AugAssign):
            yield from _signs(view, place.node, place.node.target, place.node.value)
            yield from _assigned(view, place.node)


def _signs(
    view: View, node: ast.BinOp | ast.AugAssign, left: ast.expr, right: ast.expr
) -> Iterator[Edit]:
    start, end = view.text.span(left)[1], view.text.span(right)[0]
    sign, between = _SIGNS[type(node.op)], view.text.source[start:end]
    for other, prior in zip(_LIKELY.get(sign, ()), _PRIORS, strict=False):
        text = between.replace(sign, other, 1)
        yield Edit(start, end, text, left.lineno, prior, FAMILY, f"{sign} -> {other}")


def _assigned(view: View, node: ast.AugAssign) -> Iterator[Edit]:
    """`x += y` as `x = y`; as a sum of its own it may not change x in place."""
    target, value = view.text.of(node.target), view.text.of(node.value)
    start, end = view.text.span(node)
    text = f"{target} = {value}"
    yield Edit(start, end, text, node.lineno, 0.4, FAMILY, f"{text} for an update")


def _operands(view: View, node: ast.BinOp) -> Iterator[Edit]:
    left, right = view.text.of(node.left), view.text.of(node.right)
    yield view.text.replaced(node, left, 0.4, FAMILY)
    yield view.text.replaced(node, right, 0.3, FAMILY)
    if not isinstance(node.op, ast.Mult):
        turned = f"({right}) {_SIGNS[type(node.op)]} ({left})"
        yield view.text.replaced(node, turned, 0.4, FAMILY)


def _grouped(view: View, node: ast.BinOp) -> Iterator[Edit]:
    """`a + b * c` as `(a + b) * c`, and back."""
    text, sign = view.text, _SIGNS[type(node.op)]
    inner = node.right
    if isinstance(inner, ast.BinOp):
        a, b, c = text.of(node.left), text.of(inner.left), text.of(inner.right)
        moved = f"({a} {sign} {b}) {_SIGNS[type(inner.op)]} {c}"
        yield text.replaced(node, moved, 0.5, FAMILY)
    inner = node.left
    if isinstance(inner, ast.BinOp):
        a, b, c = text.of(inner.left), text.of(inner.right), text.of(node.right)
        moved = f"{a} {_SIGNS[type(inner.op)]} ({b} {sign} {c})"
        yield text.replaced(node, moved, 0.5, FAMILY)
