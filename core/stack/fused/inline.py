"""A body as statements of a phase's function: no call, no dict, the same values.

Only bodies that plainly return a dict of their results are taken, and only where no
name of theirs can meet another's: their locals get a prefix, everything else they name
is an input, a listed builtin or `math`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any, TypeGuard

from core.native import restricted_namespace

_STATEMENTS = (
    *(ast.Assign, ast.AugAssign, ast.If, ast.For, ast.While, ast.Return),
    *(ast.Pass, ast.Break, ast.Continue, ast.Expr),
)
# A comprehension is a function of its own: what it reads would be slow for all.
_APART = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


def inlined(
    source: str,
    given: Mapping[str, str],
    results: Mapping[str, str],
    prefix: str,
    space: dict[str, Any],
) -> list[str] | None:
    """Lines that leave the body's results in variables; None if they cannot stand so.

    `given` and `results` say in which variable an input or output stands; the builtins
    that the lines name go into `space`.
    """
    defined = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    statements = defined[-1].body
    names = _Names(statements, given)
    if not names.plain or not _returns_only(statements, set(results)):
        return None
    space.update(names.builtins)
    renamed = _Renamed({**given, **{name: prefix + name for name in names.local}})
    moved = [renamed.visit(each) for each in statements]
    lines, ends = _lowered(moved, results)
    return lines if ends else None


class _Names:
    """What a function names: its locals, its builtins, and whether that is all."""

    def __init__(self, statements: list[ast.stmt], given: Mapping[str, str]) -> None:
        nodes = [node for each in statements for node in ast.walk(each)]
        named = [node for node in nodes if isinstance(node, ast.Name)]
        self.local = {n.id for n in named if not isinstance(n.ctx, ast.Load)}
        allowed = restricted_namespace()
        allowed |= allowed.pop("__builtins__")
        read = {n.id for n in named} - self.local - set(given)
        self.builtins = {name: allowed[name] for name in read if name in allowed}
        self.plain = (
            read == set(self.builtins)
            and not self.local & set(given)
            and all(
                isinstance(n, _STATEMENTS) for n in nodes if isinstance(n, ast.stmt)
            )
            and not any(isinstance(n, (*_APART, ast.NamedExpr)) for n in nodes)
        )


class _Renamed(ast.NodeTransformer):
    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._variables.get(node.id, node.id), node.ctx)


def gives_only(source: str, results: Collection[str]) -> bool:
    """Whether a body plainly returns a dict of just these names, wherever it returns.

    One that ends without a return gives None, in which no name can be found.
    """
    nodes = ast.walk(ast.parse(source))
    returns = [node.value for node in nodes if isinstance(node, ast.Return)]
    return all(_is_dict_of(value, results) for value in returns)


def _is_dict_of(value: ast.expr | None, results: Collection[str]) -> bool:
    if not _is_dict(value) or len(value.keys) != len(results):
        return False
    keys = {key.value for key in value.keys if isinstance(key, ast.Constant)}
    return keys == set(results)


def _returns_only(statements: list[ast.stmt], results: set[str]) -> bool:
    """Every return is a dict of the results, and none stands inside a loop."""
    nodes = [node for each in statements for node in ast.walk(each)]
    loops = [node for node in nodes if isinstance(node, ast.For | ast.While)]
    inside = [node for loop in loops for node in ast.walk(loop)]
    return not any(isinstance(node, ast.Return) for node in inside) and all(
        _is_dict_of(node.value, results)
        for node in nodes
        if isinstance(node, ast.Return)
    )


def _lowered(
    statements: list[ast.stmt], results: Mapping[str, str]
) -> tuple[list[str], bool]:
    """Source without `return`, and whether every way through it ends in one.

    What stands behind a branch that may return goes into the branches.
    """
    lines: list[str] = []
    for place, statement in enumerate(statements):
        if isinstance(statement, ast.Return):
            return [*lines, *_kept(statement, results)], True
        if isinstance(statement, ast.If) and _may_return(statement):
            rest = statements[place + 1 :]
            yes, first = _lowered([*statement.body, *rest], results)
            no, second = _lowered([*statement.orelse, *rest], results)
            lines += [f"if {ast.unparse(statement.test)}:", *_indented(yes)]
            return [*lines, "else:", *_indented(no or ["pass"])], first and second
        lines += ast.unparse(statement).splitlines()
    return lines, False


def _may_return(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in ast.walk(statement))


def _kept(statement: ast.Return, results: Mapping[str, str]) -> list[str]:
    """The entries of the dict that would be returned, in their order."""
    value = statement.value
    entries = zip(value.keys, value.values, strict=True) if _is_dict(value) else ()
    return [
        f"{results[str(key.value)]} = {ast.unparse(each)}"
        for key, each in entries
        if isinstance(key, ast.Constant)
    ]


def _is_dict(value: ast.expr | None) -> TypeGuard[ast.Dict]:
    return isinstance(value, ast.Dict)


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
