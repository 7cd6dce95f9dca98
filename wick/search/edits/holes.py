"""One expression at a time left open, and filled with what may stand there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.edits.conditions import is_test
from wick.search.pool import Pool
from wick.search.text import Edit
from wick.search.view import View

FAMILY = "holes"
CONDITIONS = "new conditions"
_FAR = 20.0


def edits(view: View, node: ast.expr, pool: Pool) -> Iterator[Edit]:
    """Every term for an expression; every condition for a test, alone or joined."""
    if is_test(view, node):
        yield from _tests(view, node, pool)
    if _open(view, node):
        old = view.text.of(node)
        for n, term in enumerate(pool.terms):
            if term.text != old:
                prior = 0.5 / (1.0 + n / _FAR)
                yield view.text.replaced(node, term.text, prior, FAMILY)


def _tests(view: View, node: ast.expr, pool: Pool) -> Iterator[Edit]:
    old = view.text.of(node)
    if isinstance(node, ast.BoolOp | ast.IfExp | ast.Lambda):
        old = f"({old})"
    for n, condition in enumerate(pool.conditions):
        prior = 1.0 / (1.0 + n / _FAR)
        yield view.text.replaced(node, condition.text, 0.6 * prior, CONDITIONS)
        for sign in ("and", "or"):
            text = f"{old} {sign} {condition.text}"
            yield view.text.replaced(node, text, 0.7 * prior, CONDITIONS)
            text = f"{condition.text} {sign} {old}"
            yield view.text.replaced(node, text, 0.35 * prior, CONDITIONS)


def _open(view: View, node: ast.expr) -> bool:
    """Whether it is a value that another may stand for."""
    if isinstance(node, ast.Slice) or not isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        return False
    parent = view.text.parents.get(node)
    return not (
        (isinstance(parent, ast.Call) and parent.func is node)
        or isinstance(parent, ast.Attribute)
    )
