"""What else of its file a function may use: definitions, never what the file does.

A statement at the top level is kept where the function needs a name that it defines.
Definitions without a side effect are kept beside them: a repair may call a helper that
the broken function forgot.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MOST_BESIDES = 40  # statements that are not needed


class Preamble(NamedTuple):
    """The statements as text: all that may help, and only those that are needed."""

    all: str
    needed: str
    notes: tuple[str, ...] = ()


class _Part(NamedTuple):
    """One top-level statement: what it defines, what it reads."""

    node: ast.stmt
    defines: frozenset[str]
    reads: frozenset[str]


def preamble_of(tree: ast.Module, function: ast.FunctionDef) -> Preamble:
    """What `function` may use of its file."""
    parts = [
        _part(node)
        for node in tree.body
        if node is not function and not _is_main_guard(node)
    ]
    needed = _needed(parts, _reads(function))
    besides = [p for p in parts if p not in needed and _is_harmless(p, parts)]
    kept = {id(part) for part in (*needed, *besides[:_MOST_BESIDES])}
    everything = [part for part in parts if id(part) in kept]
    return Preamble(_text(everything), _text(needed), _notes(needed))


def _part(node: ast.stmt) -> _Part:
    return _Part(node, frozenset(_defines(node)), frozenset(_reads(node)))


def _text(parts: Iterable[_Part]) -> str:
    return "\n".join(ast.unparse(part.node) for part in parts)


def _needed(parts: Sequence[_Part], wanted: Iterable[str]) -> list[_Part]:
    """The parts that define what is wanted, and what those want in turn."""
    names, chosen = set(wanted), set[int]()
    grown = True
    while grown:
        fresh = [
            n
            for n, part in enumerate(parts)
            if n not in chosen and (part.defines & names or _is_future(part.node))
        ]
        grown = bool(fresh)
        chosen.update(fresh)
        names.update(name for n in fresh for name in parts[n].reads)
    return [part for n, part in enumerate(parts) if n in chosen]


def _is_harmless(part: _Part, parts: Sequence[_Part]) -> bool:
    """A plain definition that uses nothing but other such, and the standard library."""
    others = (other for other in parts if other is not part)
    changed = any(part.defines & other.defines for other in others)
    if changed or not _is_definition(part.node):
        return False
    return all(map(_is_light, _needed(parts, part.reads)))


def _is_light(part: _Part) -> bool:
    return _is_definition(part.node) or _is_standard(part.node)


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list
    value = getattr(node, "value", None)
    return isinstance(node, ast.Assign | ast.AnnAssign) and _is_literal(value)


def _is_literal(value: ast.expr | None) -> bool:
    try:
        ast.literal_eval(value) if value is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _is_standard(node: ast.stmt) -> bool:
    return bool(_modules(node)) and _modules(node) <= sys.stdlib_module_names


def _modules(node: ast.stmt) -> set[str]:
    """The first names of what a statement imports; `.` for the file's own package."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {"." if node.level else (node.module or ".").partition(".")[0]}
    return set()


def _defines(node: ast.stmt) -> set[str]:
    """The names a top-level statement binds, or whose values it changes."""
    if isinstance(node, _DEFINITIONS):
        return {node.name}
    if isinstance(node, ast.Expr):
        return {_root(node.value)} - {""}
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.alias):
            found.add(each.asname or each.name.partition(".")[0])
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, ast.Subscript | ast.Attribute):
            found.add(_root(each) if isinstance(each.ctx, ast.Store) else "")
        elif isinstance(each, _DEFINITIONS):
            found.add(each.name)
    return found - {""}


def _root(node: ast.expr) -> str:
    """`table` of `table.update(…)`, `table[1]` and `table.x.y`; "" of `print(…)`."""
    inner: ast.expr = node.func if isinstance(node, ast.Call) else node
    reached = isinstance(inner, ast.Attribute | ast.Subscript)
    while isinstance(inner, ast.Attribute | ast.Subscript):
        inner = inner.value
    return inner.id if reached and isinstance(inner, ast.Name) else ""


def _reads(node: ast.AST) -> set[str]:
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }


def _is_main_guard(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If):
        return False
    return {"__name__", "TYPE_CHECKING"} & _reads(node.test) != set()


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _notes(needed: Sequence[_Part]) -> tuple[str, ...]:
    actions = [
        ast.unparse(part.node).splitlines()[0]
        for part in needed
        if not isinstance(part.node, _DEFINITIONS)
        and not _modules(part.node)
        and any(isinstance(each, ast.Call) for each in ast.walk(part.node))
    ]
    return tuple(f"runs `{line}` of its file, which it needs" for line in actions)
