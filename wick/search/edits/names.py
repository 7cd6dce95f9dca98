"""Names, attributes and keys: another of those in scope."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "names"


def edits(view: View) -> Iterator[Edit]:
    """Every name read as another of a like kind; assigned names too, less readily."""
    for node in view.text.expressions:
        if isinstance(node, ast.Name):
            yield from _renamed(view, node)
        elif isinstance(node, ast.Attribute):
            yield from _attributes(view, node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, int):
            yield from _named(view, node)
        elif isinstance(node, ast.Subscript):
            yield view.text.replaced(node, view.text.of(node.value), 0.3, FAMILY)


def _renamed(view: View, node: ast.Name) -> Iterator[Edit]:
    line = view.line_of(node)
    called = isinstance(view.text.parents.get(node), ast.Call) and node.id in _called(
        view, node
    )
    if called:
        return
    prior = 0.8 if isinstance(node.ctx, ast.Load) else 0.3
    for other in view.names(line, node):
        if other != node.id:
            likely = view.alike(line, node.id, other)
            yield view.text.replaced(node, other, prior if likely else 0.15, FAMILY)


def _called(view: View, node: ast.Name) -> tuple[str, ...]:
    parent = view.text.parents.get(node)
    return (node.id,) if isinstance(parent, ast.Call) and parent.func is node else ()


def _attributes(view: View, node: ast.Attribute) -> Iterator[Edit]:
    used = {one.attr for one in view.text.expressions if isinstance(one, ast.Attribute)}
    start = view.text.span(node.value)[1] + 1
    end = view.text.span(node)[1]
    for other in sorted(used - {node.attr}):
        said = f".{node.attr} -> .{other}"
        yield Edit(start, end, other, node.lineno, 0.3, FAMILY, said)


def _named(view: View, node: ast.Constant) -> Iterator[Edit]:
    """A number that should have been a name."""
    line = view.line_of(node)
    for name in view.names(line, node):
        kinds = view.kinds(line, name)
        if not kinds or kinds & {"int", "float"}:
            yield view.text.replaced(node, name, 0.3, FAMILY)
