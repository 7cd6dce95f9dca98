"""Slips in what is named: another variable, arguments in the wrong order, a place off."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def names_in_scope(tree: ast.FunctionDef) -> list[str]:
    """Parameters and locals, in the order of the text."""
    stored = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys([argument.arg for argument in tree.args.args] + stored))


def other_name(node: ast.AST, scope: Sequence[str]) -> Iterator[ast.AST]:
    """Another variable of the function where one is read."""
    match node:
        case ast.Name(name, ast.Load()) if name in scope:
            yield from (ast.Name(other) for other in scope if other != name)


def swapped(node: ast.AST) -> Iterator[ast.AST]:
    """Two arguments of a call, the sides of an operator, two targets, exchanged."""
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        for at in range(len(node.args) - 1):
            yield ast.Call(node.func, _exchanged(node.args, at), node.keywords)
    elif isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Mult):
        yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
        yield ast.Tuple(node.elts[::-1])


def _exchanged(items: Sequence[ast.expr], at: int) -> list[ast.expr]:
    return [*items[:at], items[at + 1], items[at], *items[at + 2 :]]


def moved_index(node: ast.AST) -> Iterator[ast.AST]:
    """An index or the end of a slice one off, a bound or a step forgotten."""
    if not isinstance(node, ast.Subscript):
        return
    if isinstance(node.slice, ast.Slice):
        for cut in _cuts(node.slice):
            yield ast.Subscript(node.value, cut)
    elif not _is_text(node.slice):
        for step in (1, -1):
            yield ast.Subscript(node.value, one_off(node.slice, step))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _cuts(cut: ast.Slice) -> Iterator[ast.Slice]:
    if cut.step is not None:
        yield ast.Slice(cut.lower, cut.upper)
    if cut.lower is not None:
        yield ast.Slice(one_off(cut.lower, 1), cut.upper, cut.step)
        yield ast.Slice(None, cut.upper, cut.step)
    if cut.upper is not None:
        yield ast.Slice(cut.lower, one_off(cut.upper, -1), cut.step)
        yield ast.Slice(cut.lower, None, cut.step)


def one_off(node: ast.expr, step: int) -> ast.expr:
    """The expression plus or minus one; a number is counted on."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ast.Constant(node.value + step)
    sign = ast.Add() if step > 0 else ast.Sub()
    return ast.BinOp(node, sign, ast.Constant(1))


def shifted_range(node: ast.AST) -> Iterator[ast.AST]:
    """A range that starts or ends one off."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return
    if node.func.id == "range":
        for at, argument in enumerate(node.args[:2]):
            step = -1 if at == len(node.args[:2]) - 1 else 1
            arguments = list(node.args)
            arguments[at] = one_off(argument, step)
            yield ast.Call(node.func, arguments, [])
