"""What is read and never set, set at last; what an empty branch should have done."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from wick.search.edits.flow import GIVEN
from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "starts"
_STARTS = ("0", "[]", "{}", "''", "None", "set()", "1", "False", "True", "0.0", "-1")


def edits(view: View) -> Iterator[Edit]:
    """A start for each unset name before its first use, and a deed for each `pass`."""
    for place in view.text.places:
        if isinstance(place.node, ast.Pass):
            yield from _done(view, place)
        for name in view.unset:
            if place.line <= first_use(view, name):
                yield from _set(view, place, name)


def first_use(view: View, name: str) -> int:
    """The line of the statement that reads a name first."""
    rows = view.text.source.split("\n")
    found = (n for n, row in enumerate(rows, 1) if re.search(rf"\b{name}\b", row))
    return next(found, 0)


def _set(view: View, place: Place, name: str) -> Iterator[Edit]:
    names = [one for one in view.names(place.line) if one != name]
    for value in (*_STARTS, *names, *(f"{one}[0]" for one in names)):
        row = f"{name} = {value}"
        yield view.text.inserted(place.line, place.indent, row, 1.0, FAMILY)


def _done(view: View, place: Place) -> Iterator[Edit]:
    rows = [f"return {value}" for value in (*view.wanted, *GIVEN)]
    rows += [f"return {name}" for name in view.names(place.line)]
    rows += [f"raise {error}()" for error in view.raised]
    if view.in_loop(place):
        rows += ["continue", "break"]
    for row in dict.fromkeys(rows):
        yield view.text.inserted(place.line, place.indent, row, 1.0, FAMILY)
