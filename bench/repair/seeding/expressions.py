"""Slips in an expression: operators, constants, booleans, calls.

Each operator takes a node and yields what a tired hand might have written instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.LtE),
    ast.NotEq: (ast.Eq, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
}
_CALLED = {
    "min": "max",
    "max": "min",
    "abs": "int",
    "int": "round",
    "sum": "len",
    "len": "sum",
    "append": "extend",
    "extend": "append",
    "islower": "isupper",
    "isupper": "islower",
    "isalnum": "isalpha",
    "isdigit": "isalpha",
    "lower": "upper",
    "capitalize": "upper",
    "strip": "lstrip",
    "startswith": "endswith",
    "items": "keys",
    "values": "keys",
}
_UNWRAPPED = ("abs", "sorted", "int", "str", "max", "min", "len", "list", "dict")


def compared(node: ast.AST) -> Iterator[ast.AST]:
    """Another comparison."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARED.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other()], node.comparators)


def computed(node: ast.AST) -> Iterator[ast.AST]:
    """Another arithmetic operator, or only one side of it."""
    if isinstance(node, ast.BinOp):
        for other in _COMPUTED.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)
        if not isinstance(node.left, ast.List | ast.Call):
            yield node.left
    match node:
        case ast.UnaryOp(ast.USub(), ast.Name() as operand):
            yield operand


def other_constant(node: ast.AST) -> Iterator[ast.AST]:
    """A number one off or ten times off, a truth turned round, another word."""
    if isinstance(node, ast.Constant):
        for value in _values(node.value):
            yield ast.Constant(value)


def _values(value: object) -> Sequence[str | bool | float]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1 if value > 0 else value + 2]
        case float():
            return [value * 10, value + 1] if value else [1.0]
        case str():
            return [value[:-1] + "x"] if len(value) > 1 else [value + " "]
        case _:
            return []


def truth(node: ast.AST) -> Iterator[ast.AST]:
    """`and` for `or`, an operand forgotten, a `not` forgotten or too many."""
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
        for place in range(len(node.values)):
            left = [v for at, v in enumerate(node.values) if at != place]
            yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.If | ast.While):
        yield _with_test(node, ast.UnaryOp(ast.Not(), node.test))


def _with_test(node: ast.If | ast.While, test: ast.expr) -> ast.AST:
    return type(node)(test=test, body=node.body, orelse=node.orelse)


def called(node: ast.AST) -> Iterator[ast.AST]:
    """A kindred function or method, or the call forgotten around its argument."""
    if not isinstance(node, ast.Call):
        return
    name = node.func
    if isinstance(name, ast.Name) and name.id in _CALLED:
        yield ast.Call(ast.Name(_CALLED[name.id]), node.args, node.keywords)
    if isinstance(name, ast.Name) and name.id in _UNWRAPPED and node.args:
        yield from node.args
    if isinstance(name, ast.Attribute):
        if name.attr in _CALLED:
            method = ast.Attribute(name.value, _CALLED[name.attr])
            yield ast.Call(method, node.args, node.keywords)
        if not node.args and not node.keywords:
            yield name.value
