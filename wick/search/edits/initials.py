"""What variables start from, and where: the values people forget to set right."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "initials"
_STARTS = (
    "0", "1", "[]", "{}", "''", "None", "set()", "True", "False", "-1", "0.0",
    "float('inf')", "-float('inf')",
)  # fmt: skip


def edits(view: View) -> Iterator[Edit]:
    """Every plain assignment started from another value, and set anew in its loops."""
    for place in view.text.places:
        node = place.node
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield from _started(view, node)
            yield from _set_anew(view, place)


def _started(view: View, node: ast.Assign) -> Iterator[Edit]:
    old = view.text.of(node.value)
    plain = isinstance(node.value, ast.Constant | ast.List | ast.Dict | ast.Set)
    for value in _STARTS:
        if value != old:
            prior = 0.5 if plain else 0.25
            yield view.text.replaced(node.value, value, prior, FAMILY)
    for name in view.names(node.lineno):
        kinds = view.kinds(node.lineno, name)
        if kinds & {"list", "tuple", "str"}:
            for form in ("{}[0]", "{}[:]", "len({})", "[{}[0]]", "list({})"):
                text = form.format(name)
                yield view.text.replaced(node.value, text, 0.25, FAMILY)
        elif kinds & {"dict"}:
            yield view.text.replaced(node.value, f"dict({name})", 0.25, FAMILY)


def _set_anew(view: View, place: Place) -> Iterator[Edit]:
    """The same start once more inside a loop that comes after it."""
    rows = view.text.of(place.node)
    for other in view.text.places:
        if isinstance(other.node, ast.For | ast.While) and other.line > place.line:
            inner = other.indent + "    "
            first, last = other.node.body[0].lineno, other.node.body[-1]
            yield view.text.inserted(first, inner, rows, 0.3, FAMILY)
            end = (last.end_lineno or last.lineno) + 1
            yield view.text.inserted(end, inner, rows, 0.25, FAMILY)
