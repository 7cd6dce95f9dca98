"""Comparisons: another operator, the sides changed over."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from wick.search.text import Edit
from wick.search.view import View

_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==",
    ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip
_LIKELY: Mapping[str, tuple[str, ...]] = {
    "<": ("<=", ">", ">=", "!=", "=="),
    "<=": ("<", ">=", ">", "=="),
    ">": (">=", "<", "<=", "!=", "=="),
    ">=": (">", "<=", "<", "=="),
    "==": ("!=", "<=", ">=", "<", ">", "in", "is"),
    "!=": ("==", "<", ">", "not in", "is not"),
    "is": ("is not", "=="),
    "is not": ("is", "!="),
    "in": ("not in", "=="),
    "not in": ("in", "!="),
}
_PRIORS = (1.0, 0.8, 0.6, 0.4, 0.3, 0.2)


def edits(view: View) -> Iterator[Edit]:
    """Every comparison with another sign, and with its sides changed over."""
    for node in view.text.expressions:
        if isinstance(node, ast.Compare):
            yield from _signs(view, node)
            if len(node.ops) == 1:
                left, right = view.text.of(node.left), view.text.of(node.comparators[0])
                text = f"{right} {_SIGNS[type(node.ops[0])]} {left}"
                yield view.text.replaced(node, text, 0.2, "comparisons")


def _signs(view: View, node: ast.Compare) -> Iterator[Edit]:
    sides = [node.left, *node.comparators]
    for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
        start, end = view.text.span(left)[1], view.text.span(right)[0]
        sign = _SIGNS[type(op)]
        between = view.text.source[start:end]
        for other, prior in zip(_LIKELY[sign], _PRIORS, strict=False):
            text = between.replace(sign, other, 1)
            said = f"{sign} -> {other}"
            yield Edit(start, end, text, left.lineno, prior, "comparisons", said)
