"""Expressions put into a call, a sign or a bound."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "wraps"
_NUMBER = (
    ("abs({})", 0.6), ("int({})", 0.4), ("float({})", 0.2), ("-({})", 0.4),
    ("round({})", 0.3), ("round({}, 2)", 0.3), ("max(0, {})", 0.5),
    ("min(1, {})", 0.2), ("max(1, {})", 0.3), ("str({})", 0.4), ("[{}]", 0.2),
)  # fmt: skip
_ROW = (
    ("sorted({})", 0.5), ("list({})", 0.3), ("set({})", 0.4), ("len({})", 0.5),
    ("sorted(set({}))", 0.2), ("{}[::-1]", 0.4), ("sum({})", 0.3), ("tuple({})", 0.3),
    ("{}[1:]", 0.3), ("{}[:-1]", 0.3), ("{}.copy()", 0.4), ("list(reversed({}))", 0.2),
    ("max({})", 0.2), ("min({})", 0.2), ("{}[0]", 0.4), ("{}[-1]", 0.4), ("[{}]", 0.4),
)  # fmt: skip
_TEXT = (
    ("{}.lower()", 0.5), ("{}.strip()", 0.5), ("{}.upper()", 0.4), ("len({})", 0.4),
    ("int({})", 0.4), ("{}.split()", 0.3), ("{}[::-1]", 0.4), ("list({})", 0.3),
    ("sorted({})", 0.3), ("{}.title()", 0.2), ("''.join({})", 0.2), ("{}[1:]", 0.3),
    ("{}[0]", 0.4), ("{}.rstrip()", 0.2), ("{}.lstrip()", 0.2), ("float({})", 0.2),
    ("{}[:-1]", 0.3), ("{}[-1]", 0.3), ("set({})", 0.2), ("[{}]", 0.3),
    ("str({})", 0.1), ("{}.capitalize()", 0.2),
)  # fmt: skip
_DICT = (
    ("len({})", 0.3), ("sorted({})", 0.3), ("list({})", 0.3), ("{}.copy()", 0.3),
    ("{}.items()", 0.5), ("{}.values()", 0.5), ("{}.keys()", 0.1), ("dict({})", 0.3),
)  # fmt: skip
_ANY = (
    ("str({})", 0.25), ("int({})", 0.2), ("list({})", 0.25), ("sorted({})", 0.3),
    ("len({})", 0.3), ("abs({})", 0.3), ("set({})", 0.15), ("max(0, {})", 0.25),
    ("{}.strip()", 0.2), ("{}.lower()", 0.2), ("-({})", 0.25), ("{}[::-1]", 0.2),
    ("round({}, 2)", 0.2), ("{}[0]", 0.1), ("{}[-1]", 0.1), ("not ({})", 0.2),
    ("tuple({})", 0.15), ("[{}]", 0.15), ("dict({})", 0.1), ("sum({})", 0.1),
)  # fmt: skip
_OF_KIND = {
    "int": _NUMBER, "float": _NUMBER, "list": _ROW, "tuple": _ROW, "set": _ROW,
    "str": _TEXT, "dict": _DICT, "bool": (("not {}", 0.5), ("int({})", 0.2)),
}  # fmt: skip


def edits(view: View) -> Iterator[Edit]:
    """Every expression that is read, wrapped as its kind allows."""
    for node in view.text.expressions:
        if _stands(view, node):
            text = _held(view, node)
            for form, prior in _forms(view, node):
                yield view.text.replaced(node, form.format(text), prior, FAMILY)
            yield from _bounded(view, node)


def _stands(view: View, node: ast.expr) -> bool:
    """Whether it is a value of its own: no target, no function, no constant, no test."""
    if isinstance(node, ast.Constant | ast.Compare | ast.BoolOp | ast.Slice):
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    parent = view.text.parents.get(node)
    return not (isinstance(parent, ast.Call) and parent.func is node)


def _held(view: View, node: ast.expr) -> str:
    text = view.text.of(node)
    return (
        text if isinstance(node, ast.Name | ast.Call | ast.Subscript) else f"({text})"
    )


def _forms(view: View, node: ast.expr) -> tuple[tuple[str, float], ...]:
    if isinstance(node, ast.Name):
        for kind in view.kinds(view.line_of(node), node.id):
            if kind in _OF_KIND:
                return _OF_KIND[kind]
    if isinstance(node, ast.List | ast.ListComp):
        return _ROW
    if isinstance(node, ast.JoinedStr):
        return _TEXT
    arithmetic = isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add)
    return _NUMBER if arithmetic else _ANY


def _bounded(view: View, node: ast.expr) -> Iterator[Edit]:
    """Kept below or above each number in scope."""
    if not isinstance(node, ast.BinOp | ast.Name | ast.Call):
        return
    line, text = view.line_of(node), view.text.of(node)
    parent = view.text.parents.get(node)
    if not isinstance(parent, ast.Return | ast.Assign | ast.Call | ast.Dict):
        return
    names = [name for name in view.names(line, node) if _is_number(view, line, name)]
    for other in (*names, *view.numbers):
        if other != text:
            yield view.text.replaced(node, f"min({other}, {text})", 0.25, FAMILY)
            yield view.text.replaced(node, f"max({other}, {text})", 0.25, FAMILY)


def _is_number(view: View, line: int, name: str) -> bool:
    return bool(view.kinds(line, name) & {"int", "float"})
