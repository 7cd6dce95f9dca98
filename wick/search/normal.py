"""One text for functions that differ only in layout, locals' names or redundant signs.

Only rewrites that keep every value: nothing here may make two behaviours one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_MOST_ROUNDS = 4
_MIRRORED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def normal_form(source: str) -> str:
    """The function's text in its normal form; equal forms behave alike."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            function.body = without_docstring(function.body)
    text = _named_in_order(tree)
    for _ in range(_MOST_ROUNDS):
        before, text = text, _named_in_order(_Folded().visit(ast.parse(text)))
        if text == before:
            break
    return text


def _named_in_order(tree: ast.AST) -> str:
    """Locals named first: operands are sorted by their text, which holds names."""
    renamed = _Renamed(_locals(tree)).visit(tree)
    return ast.unparse(ast.fix_missing_locations(renamed))


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that do something; `pass` where none does."""
    first = body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (body[1:] or [ast.Pass()]) if told else body


class _Folded(ast.NodeTransformer):
    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(node.op, ast.Not) and isinstance(inner, ast.Compare):
            return _opposite(inner) or node
        if isinstance(node.op, ast.USub) and _is(inner, ast.USub):
            return inner.operand  # type: ignore[attr-defined,no-any-return]
        return inner if isinstance(node.op, ast.UAdd) else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) > 1:
            return node
        kind = type(node.ops[0])
        left, right = node.left, node.comparators[0]
        if kind in _MIRRORED:
            return ast.Compare(right, [_MIRRORED[kind]()], [left])
        if kind in (ast.Eq, ast.NotEq):
            first, second = sorted((left, right), key=ast.unparse)
            return ast.Compare(first, node.ops, [second])
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not _commutes(node):
            return node
        first, second = sorted((node.left, node.right), key=ast.unparse)
        return ast.BinOp(first, node.op, second)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if all(map(_cannot_fail, node.values)):
            node.values = sorted(node.values, key=ast.unparse)
        return node

    def visit_If(self, node: ast.If) -> ast.stmt:
        self.generic_visit(node)
        node.test = _tested(node.test)
        if node.orelse and _is(node.test, ast.Not):
            test = node.test.operand  # type: ignore[attr-defined]
            return ast.If(test, node.orelse, node.body)
        return node

    def visit_While(self, node: ast.While) -> ast.stmt:
        self.generic_visit(node)
        node.test = _tested(node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        node.test = _tested(node.test)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name) or not _number(node.value):
            return node
        loaded = ast.Name(node.target.id, ast.Load())
        value = self.visit_BinOp(ast.BinOp(loaded, node.op, node.value))
        return ast.Assign([node.target], value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        return node if node.value is None else ast.Assign([node.target], node.value)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        self.generic_visit(node)
        node.returns = None
        return node


def _opposite(node: ast.Compare) -> ast.expr | None:
    kind = _OPPOSITE.get(type(node.ops[0]))
    if kind is None or len(node.ops) > 1:
        return None
    return ast.Compare(node.left, [kind()], node.comparators)


def _tested(test: ast.expr) -> ast.expr:
    """A test without doubled negations, which only its truth can tell."""
    while _is(test, ast.Not) and _is(test.operand, ast.Not):  # type: ignore[attr-defined]
        test = test.operand.operand  # type: ignore[attr-defined]
    return test


def _is(node: ast.AST, operator: type[ast.unaryop]) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, operator)


def _number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _commutes(node: ast.BinOp) -> bool:
    """A product always; a sum only where a number stands in it: texts do not."""
    if isinstance(node.op, ast.Mult):
        return True
    return isinstance(node.op, ast.Add) and (_number(node.left) or _number(node.right))


def _cannot_fail(node: ast.expr) -> bool:
    """Identity and equality of names and constants: their order cannot be told."""
    if not isinstance(node, ast.Compare):
        return False
    safe = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
    return all(isinstance(op, safe) for op in node.ops) and all(
        isinstance(one, ast.Name | ast.Constant)
        for one in (node.left, *node.comparators)
    )


def _locals(tree: ast.AST) -> dict[str, str]:
    """A new name for each local, in the order in which they are first bound."""
    kept = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    kept |= set(_outer(tree))
    found: dict[str, str] = {}
    for node in _in_order(tree):
        bound = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        if bound and node.id not in kept:  # type: ignore[attr-defined]
            found.setdefault(node.id, f"_{len(found)}")  # type: ignore[attr-defined]
    return found


def _outer(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)
