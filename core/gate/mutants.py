"""Small wrong versions of a body: each differs from it in one place.

Mutation operators after Offutt et al., "An experimental determination of sufficient
mutant operators" (1996): relational, arithmetic and logical operators, constants and
signs; with min/max and parameter swaps, which ten-line bodies live by.
"""

import ast
import copy
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OPERATORS: Mapping[type[ast.AST], tuple[type[Any], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sum": "len"}
_MATH = {"floor": "ceil", "ceil": "floor", "exp": "sqrt", "sqrt": "fabs", "log": "fabs"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A body's text with one change, and the change in words."""

    text: str
    change: str
    line: int


def mutants(text: str, parameters: Mapping[str, str]) -> list[Mutant]:
    """Every mutant of a canonical body; `parameters` maps each name to its type."""
    tree = ast.parse(f"def body():\n{textwrap.indent(text, '    ')}")
    found = {
        mutant.text: mutant
        for place, node in enumerate(ast.walk(tree))
        for change in _changes(node, parameters)
        if (mutant := _mutant(tree, place, change)).text
    }
    plain = ast.unparse(tree.body[0])
    found.pop(_body_of(plain), None)
    return list(found.values())


Change = tuple[str, Callable[[Any], None]]


def _mutant(tree: ast.Module, place: int, change: Change) -> Mutant:
    said, apply = change
    fresh = copy.deepcopy(tree)
    node = list(ast.walk(fresh))[place]
    line = getattr(node, "lineno", 2) - 1
    apply(node)
    return Mutant(_body_of(ast.unparse(fresh.body[0])), said, line)


def _body_of(function: str) -> str:
    return textwrap.dedent(function.partition("\n")[2]) + "\n"


def _changes(node: ast.AST, parameters: Mapping[str, str]) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        yield from _compared(node)
    elif isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        yield from _operated(node)
    elif isinstance(node, ast.UnaryOp):
        yield "drop " + type(node.op).__name__, _set("op", ast.UAdd())
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _renamed(node, parameters)
    elif isinstance(node, ast.Attribute) and node.attr in _MATH:
        other = _MATH[node.attr]
        yield f"{node.attr} -> {other}", _set("attr", other)
    elif isinstance(node, ast.If | ast.IfExp):
        yield "condition -> True", _set("test", ast.Constant(True))
        yield "condition -> False", _set("test", ast.Constant(False))


def _compared(node: ast.Compare) -> Iterator[Change]:
    for n, op in enumerate(node.ops):
        for other in _OPERATORS.get(type(op), ()):
            yield f"{_word(op)} -> {other.__name__}", _replace_op(n, other())


def _replace_op(n: int, other: ast.cmpop) -> Callable[[Any], None]:
    def apply(node: ast.Compare) -> None:
        node.ops[n] = other

    return apply


def _operated(node: ast.BinOp | ast.AugAssign | ast.BoolOp) -> Iterator[Change]:
    for other in _OPERATORS.get(type(node.op), ()):
        yield f"{_word(node.op)} -> {other.__name__}", _set("op", other())


def _constants(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} -> {not value}", _set("value", not value)
    elif isinstance(value, int | float):
        for other in sorted({value + 1, value * 0, value * 1.1} - {value}):
            yield f"{value} -> {other}", _set("value", other)


def _renamed(node: ast.Name, parameters: Mapping[str, str]) -> Iterator[Change]:
    if node.id in _NAMES:
        yield f"{node.id} -> {_NAMES[node.id]}", _set("id", _NAMES[node.id])
    kind = parameters.get(node.id)
    alike = [name for name, other in parameters.items() if other == kind]
    if kind and len(alike) > 1:
        other = alike[(alike.index(node.id) + 1) % len(alike)]
        yield f"{node.id} -> {other}", _set("id", other)


def _set(field: str, value: Any) -> Callable[[Any], None]:
    return lambda node: setattr(node, field, value)


def _word(op: ast.AST) -> str:
    return type(op).__name__


def spread(found: Sequence[Mutant], limit: int) -> list[Mutant]:
    """At most `limit` of them, evenly over the body."""
    if len(found) <= limit:
        return list(found)
    ordered = sorted(found, key=lambda mutant: (mutant.line, mutant.change))
    return [ordered[n * len(ordered) // limit] for n in range(limit)]
