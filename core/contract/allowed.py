"""What an expression of a contract may hold: the list of allowed nodes, and the check."""

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from core.errors import SpecError
from core.names import suggest

Schema = Mapping[str, Any]

MAX_LENGTH = 300
# Levels of syntax tree; every pass over it recurses.
MAX_DEPTH = 40
MAX_DIGITS = 12
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "len": len,
    "sum": sum,
    "all": all,
    "any": any,
    "round": round,
    "sorted": sorted,
    "zip": zip,
    "isclose": math.isclose,
}
_SCALAR_CALLS = {"abs", "len", "sum", "all", "any", "round", "isclose"}
_KEYWORDS = {"rel_tol", "abs_tol", "reverse", "default", "strict"}
_SCALARS = {"number", "integer", "boolean", "null"}
_PLAIN = (
    ast.Expression,
    ast.BoolOp,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.IfExp,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.List,
    ast.Load,
    ast.Store,
    ast.boolop,
    ast.unaryop,
    ast.cmpop,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
)


class Checker(ast.NodeVisitor):
    """Refuses every node that is not on the list."""

    def __init__(self, text: str, schemas: Mapping[str, Schema]) -> None:
        self.text = text
        self.schemas: dict[str, Schema | None] = dict(schemas)
        self.used: set[str] = set()
        self.local: set[str] = set()

    def generic_visit(self, node: ast.AST) -> None:
        if not isinstance(node, _PLAIN):
            raise self._refuse(node)
        super().generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self.schemas:
            remedy = suggest(node.id, self.schemas)
            raise refused(self.text, f"uses the unknown name '{node.id}'", remedy)
        if node.id not in self.local:
            self.used.add(node.id)

    def visit_Constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, bool | int | float | str | None):
            raise self._refuse(node)
        if isinstance(node.value, int | float) and not abs(node.value) < 1e18:
            raise refused(self.text, "holds a number beyond 1e18", "use a smaller one")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, _PLAIN):
            raise self._refuse(node)
        self.generic_visit(node)
        if not isinstance(node.op, ast.Mult | ast.Mod):
            return
        if self._may_grow(node.left) or self._may_grow(node.right):
            why = f"multiplies or formats what may not be a number: {_show(node)}"
            raise refused(self.text, why, "use * and % on numbers only")

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            remedy = f"the functions are: {', '.join(FUNCTIONS)}"
            raise refused(self.text, f"calls {_show(node.func)}", remedy)
        if any(word.arg not in _KEYWORDS for word in node.keywords):
            raise self._refuse(node)
        if name == "sum" and len(node.args) != 1:
            raise refused(self.text, "gives sum a start", "write sum(values)")
        if name == "round" and not _plain_round(node):
            why = f"rounds to digits that are no constant of 0 to {MAX_DIGITS}"
            raise refused(self.text, why, "write round(x) or round(x, 2)")
        for argument in (*node.args, *(word.value for word in node.keywords)):
            self.visit(argument)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        if len(node.generators) != 1 or self.local or node.generators[0].is_async:
            raise refused(self.text, "nests loops", "use one loop in a comprehension")
        loop = node.generators[0]
        self.visit(loop.iter)
        outside = dict(self.schemas)
        self._bind_each(loop.target, loop.iter)
        for part in (*loop.ifs, node.elt):
            self.visit(part)
        self.schemas, self.local = outside, set()

    def _bind_each(self, target: ast.expr, source: ast.expr) -> None:
        """Bind the target of a loop over `source`; zip gives each part its own."""
        if not _is_zip(source) or not isinstance(target, ast.Tuple):
            self._bind(target, self._items(source))
            return
        if len(target.elts) != len(source.args):
            raise refused(self.text, f"unpacks {_show(source)} badly", "name each")
        for part, argument in zip(target.elts, source.args, strict=True):
            self._bind_each(part, argument)

    def _bind(self, target: ast.expr, schema: Schema | None) -> None:
        if isinstance(target, ast.Tuple):
            for part in target.elts:
                self._bind(part, schema)
            return
        if not isinstance(target, ast.Name) or target.id in self.schemas:
            raise refused(self.text, f"binds {_show(target)}", "use a new short name")
        if target.id.startswith("_") or target.id in FUNCTIONS:
            raise refused(self.text, f"binds {_show(target)}", "use a new short name")
        self.schemas[target.id] = schema
        self.local.add(target.id)

    def _items(self, node: ast.expr) -> Schema | None:
        """The schema of what a loop over `node` gives; None for the tuples of zip."""
        schema = self._schema(node)
        return schema.get("items") if schema else None

    def _schema(self, node: ast.expr) -> Schema | None:
        """The schema of a name, a slice, an item or a field; None if not known."""
        if isinstance(node, ast.Name):
            return self.schemas.get(node.id)
        if isinstance(node, ast.Call) and _show(node.func) == "sorted":
            return self._schema(node.args[0]) if node.args else None
        if not isinstance(node, ast.Subscript):
            return None
        schema = self._schema(node.value)
        if schema is None or isinstance(node.slice, ast.Slice):
            return schema
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            field: Schema | None = schema.get("properties", {}).get(node.slice.value)
            return field
        return schema.get("items")

    def _may_grow(self, node: ast.expr) -> bool:
        """Could `node` be text or a list, which * and % would make huge?"""
        match node:
            case ast.Constant(value=value):
                return isinstance(value, str)
            case ast.BinOp(left=left, right=right):
                return self._may_grow(left) or self._may_grow(right)
            case ast.BoolOp(values=parts):
                return any(map(self._may_grow, parts))
            case ast.IfExp(body=body, orelse=orelse):
                return self._may_grow(body) or self._may_grow(orelse)
            case ast.UnaryOp() | ast.Compare():
                return False
            case ast.Call(func=ast.Name(id="min" | "max"), args=[one], keywords=more):
                instead = any(self._may_grow(word.value) for word in more)
                return instead or not _is_scalar(self._items(one))
            case ast.Call(func=ast.Name(id="min" | "max"), args=parts):
                return any(map(self._may_grow, parts))
            case ast.Call(func=ast.Name(id=name)):
                return name not in _SCALAR_CALLS
        return not _is_scalar(self._schema(node))

    def _refuse(self, node: ast.AST) -> SpecError:
        remedy = (
            "use names, numbers, text, arithmetic, comparisons, and/or/not, if-else, "
            f"one-loop comprehensions and {', '.join(FUNCTIONS)}"
        )
        return refused(self.text, f"is not allowed to hold {_show(node)}", remedy)


def deeper(tree: ast.AST, most: int) -> bool:
    level = [tree]
    for _ in range(most):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def _plain_round(node: ast.Call) -> bool:
    """`round(x)`, or to a constant digit count: round(7, -10**8) never ends."""
    match node.args[1:]:
        case []:
            return True
        case [ast.Constant(value=int(digits))]:
            return 0 <= digits <= MAX_DIGITS
    return False


def _is_zip(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and _show(node.func) == "zip"


def _is_scalar(schema: Schema | None) -> bool:
    if not schema or "type" not in schema:
        return False
    kinds = schema["type"]
    return {kinds} <= _SCALARS if isinstance(kinds, str) else set(kinds) <= _SCALARS


def _show(node: ast.AST) -> str:
    try:
        return ast.unparse(node) or type(node).__name__
    except (AttributeError, ValueError, RecursionError):
        return type(node).__name__


def refused(text: Any, why: str, remedy: str) -> SpecError:
    return SpecError(f"the rule {str(text)[:120]!r} {why}", remedy=remedy, value=text)
