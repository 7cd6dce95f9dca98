"""Slips in statements: one forgotten, one too early, one in the wrong block."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_JUMPS = ast.Return | ast.Raise | ast.Continue | ast.Break
_LONGEST_LOSS = 3


def without_guard(node: ast.AST) -> Iterator[tuple[ast.AST, ...]]:
    """A guard forgotten: an `if` that leaves, a branch of a chain, a condition."""
    if isinstance(node, ast.If):
        left = _is_guard(node) or node.orelse
        yield tuple(node.orelse if left else node.body)
    elif isinstance(node, ast.IfExp):
        yield (node.body,)
        yield (node.orelse,)


def without_statement(node: ast.AST) -> Iterator[tuple[ast.AST, ...]]:
    """A statement forgotten: an update, a start value, a call, a return."""
    lost = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr | ast.Return | ast.If
    if not isinstance(node, lost) or _is_guard(node):
        return
    if len(ast.unparse(node).splitlines()) < _LONGEST_LOSS:
        yield ()


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.body[-1], _JUMPS)


def other_statement(node: ast.AST) -> Iterator[tuple[ast.AST, ...]]:
    """Another jump, an update that overwrites, branches exchanged."""
    if isinstance(node, ast.Break):
        yield (ast.Continue(),)
    elif isinstance(node, ast.Continue):
        yield (ast.Break(),)
    elif isinstance(node, ast.AugAssign):
        yield (ast.Assign([node.target], node.value),)
        yield (ast.AugAssign(node.target, _other(node.op), node.value),)
    elif isinstance(node, ast.If) and node.orelse:
        yield (ast.If(node.test, node.orelse, node.body),)


def _other(operator: ast.operator) -> ast.operator:
    return ast.Sub() if isinstance(operator, ast.Add) else ast.Add()


def other_block(node: ast.AST) -> Iterator[tuple[ast.AST, ...]]:
    """The last statement of a loop or an `if` out of its block."""
    if not isinstance(node, ast.For | ast.While | ast.If) or node.orelse:
        return
    if len(node.body) > 1 and not isinstance(node.body[-1], _JUMPS):
        yield _shortened(node), node.body[-1]


def _shortened(node: ast.For | ast.While | ast.If) -> ast.AST:
    if isinstance(node, ast.For):
        return ast.For(node.target, node.iter, node.body[:-1], [])
    return type(node)(test=node.test, body=node.body[:-1], orelse=[])


def too_early(node: ast.AST, after: ast.AST) -> Iterator[tuple[ast.AST, ...]]:
    """A loop that takes the statement behind it into its own block."""
    if isinstance(node, ast.For | ast.While) and isinstance(after, ast.Return):
        longer = [*node.body, after]
        if isinstance(node, ast.For):
            yield (ast.For(node.target, node.iter, longer, []),)
        else:
            yield (ast.While(node.test, longer, []),)


def exchanged(node: ast.AST, after: ast.AST) -> Iterator[tuple[ast.AST, ...]]:
    """Two simple statements in the other order, as the second's replacement."""
    simple = ast.Assign | ast.AugAssign | ast.Expr
    if isinstance(node, simple) and isinstance(after, simple):
        yield after, node
