"""Lists that grow while a loop goes through them: found by their names."""

import ast
from collections.abc import Iterator

_GROWING = frozenset({"append", "extend", "insert"})
_FRESH = (ast.List, ast.ListComp, ast.BinOp, ast.Constant, ast.Dict, ast.DictComp)
_FRESH_CALLS = frozenset({"list", "sorted", "dict"})
Found = Iterator[tuple[str, int]]


def inner_growth(function: ast.FunctionDef) -> Found:
    """Growth in a loop of a list that has no name of its own, and slice stores."""
    for node in ast.walk(function):
        match node:
            case ast.Subscript(slice=ast.Slice(), ctx=ast.Store()):
                yield "it assigns to a slice", node.lineno
        if isinstance(node, ast.For | ast.ListComp | ast.GeneratorExp):
            for part in ast.walk(node):
                if _grows(part) and not isinstance(_receiver(part), ast.Name):
                    yield "a list inside another grows in a loop", part.lineno  # type: ignore[attr-defined]


def grown_lists(function: ast.FunctionDef) -> Found:
    """A list that grows in a loop over it, or over what may be the same list."""
    for loop in ast.walk(function):
        if not isinstance(loop, ast.For):
            continue
        gone_through = {n.id for n in ast.walk(loop.iter) if isinstance(n, ast.Name)}
        for part in ast.walk(loop):
            name = _receiver(part) if _grows(part) else None
            if not isinstance(name, ast.Name):
                continue
            if name.id in gone_through or not _own(function, name.id):
                yield f"'{name.id}' may grow while a loop goes through it", part.lineno  # type: ignore[attr-defined]


def _grows(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _GROWING
        case ast.AugAssign(op=ast.Add(), value=value):
            return isinstance(value, ast.List | ast.ListComp)
    return False


def _receiver(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Call(func=ast.Attribute(value=value)):
            return value
        case ast.AugAssign(target=target):
            return target
    return None


def _own(function: ast.FunctionDef, name: str) -> bool:
    """Is the list only ever made here, and known by no other name?"""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                if target == name and not _is_fresh(value):
                    return False
                if _named(value, name):
                    return False
            case ast.Assign(targets=targets, value=value):
                bound = {name for each in targets for name in _stored(each)}
                if name in bound or _named(value, name):
                    return False
            case ast.For(target=target_) | ast.comprehension(target=target_):
                if name in _stored(target_):
                    return False
            case ast.Call(func=ast.Attribute(), args=arguments):
                if any(_named(each, name) for each in arguments):
                    return False
    return True


def _stored(target: ast.expr) -> set[str]:
    names = (node for node in ast.walk(target) if isinstance(node, ast.Name))
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _is_fresh(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in _FRESH_CALLS
    return isinstance(value, _FRESH)


def _named(value: ast.expr, name: str) -> bool:
    """Does `value` hand the list itself on?"""
    match value:
        case ast.Name(id=found):
            return found == name
        case ast.IfExp(body=body, orelse=orelse):
            return _named(body, name) or _named(orelse, name)
        case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return any(_named(part, name) for part in parts)
        case ast.Dict(values=parts):
            return any(_named(part, name) for part in parts)
        case ast.ListComp(elt=part) | ast.DictComp(value=part):
            return _named(part, name)
    return False
