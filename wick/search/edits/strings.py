"""Texts that are built: f-strings, joins, and the format of a number in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "strings"
_FIELD = re.compile(r"\{([^{}:!]+)(![rs])?(:[^{}]*)?\}")
_FORMATS = (":.2f", ":.1f", ":.0f", ":,", ":02d", ":03d", ":,.2f", ":.3f", ":.1%", "")


def edits(view: View) -> Iterator[Edit]:
    """Every f-string with other fields or formats, every join with another text."""
    for node in view.text.expressions:
        if isinstance(node, ast.JoinedStr):
            yield from _fields(view, node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "join":
                yield from _joins(view, node.func)
            elif node.func.attr in ("strip", "lstrip", "rstrip", "split"):
                yield from _stripped(view, node)


def _fields(view: View, node: ast.JoinedStr) -> Iterator[Edit]:
    text = view.text.of(node)
    found = list(_FIELD.finditer(text))
    for field in found:
        inner, turned, form = field[1], field[2] or "", field[3] or ""
        for other in _FORMATS:
            if other != form:
                yield _written(view, node, field, f"{{{inner}{turned}{other}}}", 0.4)
        for name in view.names(view.line_of(node), node):
            if name != inner:
                yield _written(view, node, field, f"{{{name}{turned}{form}}}", 0.5)
        for step in (" + 1", " - 1"):
            yield _written(view, node, field, f"{{{inner}{step}{form}}}", 0.3)
    for a, b in pairwise(found):
        swapped = f"{text[: a.start()]}{b[0]}{text[a.end() : b.start()]}{a[0]}{text[b.end() :]}"
        yield view.text.replaced(node, swapped, 0.6, FAMILY)


def _written(
    view: View, node: ast.JoinedStr, field: re.Match[str], new: str, prior: float
) -> Edit:
    text = view.text.of(node)
    whole = f"{text[: field.start()]}{new}{text[field.end() :]}"
    return view.text.replaced(node, whole, prior, FAMILY, f"{field[0]} -> {new}")


def _joins(view: View, node: ast.Attribute) -> Iterator[Edit]:
    for other in ("''", "' '", "','", "', '", "'-'", "'_'", "'\\n'", "'/'", "'.'"):
        if isinstance(node.value, ast.Constant) and other != view.text.of(node.value):
            yield view.text.replaced(node.value, other, 0.4, FAMILY)


def _stripped(view: View, node: ast.Call) -> Iterator[Edit]:
    value = view.text.of(node.func)
    for other in ("''", "' '", "','", "'-'", "':'", "'='", "'.'", "'0'", "'_'", ""):
        if other != "''":
            yield view.text.replaced(node, f"{value}({other})", 0.3, FAMILY)
