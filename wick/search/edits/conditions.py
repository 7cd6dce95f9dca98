"""Conditions: turned, joined otherwise, a part dropped, and the choice they make."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "conditions"


def edits(view: View) -> Iterator[Edit]:
    """Every test and every `and`, `or`, `not`, and choice in one line."""
    for node in view.text.expressions:
        if isinstance(node, ast.BoolOp):
            yield from _joined(view, node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield view.text.replaced(node, view.text.of(node.operand), 0.8, FAMILY)
        elif isinstance(node, ast.IfExp):
            yield from _chosen(view, node)
        elif isinstance(node, ast.comprehension):
            continue
        if is_test(view, node):
            text = view.text.of(node)
            yield view.text.replaced(node, f"not ({text})", 0.6, FAMILY)
            yield view.text.replaced(node, "True", 0.3, FAMILY)
            yield view.text.replaced(node, "False", 0.3, FAMILY)


def is_test(view: View, node: ast.expr) -> bool:
    """Whether only an expression's truth is asked for."""
    parent = view.text.parents.get(node)
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is node
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    return isinstance(parent, ast.BoolOp)


def _joined(view: View, node: ast.BoolOp) -> Iterator[Edit]:
    parts = [_part(view, one) for one in node.values]
    sign, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    yield view.text.replaced(node, f" {other} ".join(parts), 0.9, FAMILY)
    for n in range(len(parts)):
        kept = parts[:n] + parts[n + 1 :]
        yield view.text.replaced(node, f" {sign} ".join(kept), 0.5, FAMILY)
        turned = [*parts[:n], f"(not {parts[n]})", *parts[n + 1 :]]
        yield view.text.replaced(node, f" {sign} ".join(turned), 0.5, FAMILY)
    yield view.text.replaced(node, f" {sign} ".join(parts[::-1]), 0.3, FAMILY)


def _part(view: View, node: ast.expr) -> str:
    text = view.text.of(node)
    return text if isinstance(node, ast.Name | ast.Call | ast.Compare) else f"({text})"


def _chosen(view: View, node: ast.IfExp) -> Iterator[Edit]:
    body, test, other = (
        view.text.of(one) for one in (node.body, node.test, node.orelse)
    )
    yield view.text.replaced(node, f"{other} if {test} else {body}", 0.7, FAMILY)
    yield view.text.replaced(node, body, 0.4, FAMILY)
    yield view.text.replaced(node, other, 0.4, FAMILY)
