"""A missing statement: an update, an append, a start, a return, an else branch."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.edits.starts import first_use
from wick.search.pool import Pool
from wick.search.terms import Term
from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "updates"
_MOST, _FAR = 60, 12.0


def edits(view: View, place: Place, pool: Pool) -> Iterator[Edit]:
    """Every plain statement that may be missing before a statement, or after the last."""
    rows = list(_statements(view, place, pool))
    for row, prior in rows:
        yield view.text.inserted(place.line, place.indent, row, prior, FAMILY)
    if place.position == len(place.block) - 1 and not _leaves(place.node):
        end = (place.node.end_lineno or place.line) + 1
        for row, prior in rows:
            yield view.text.inserted(end, place.indent, row, prior, FAMILY)
        yield from _else(view, place, rows)


def _leaves(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return | ast.Break | ast.Continue | ast.Raise)


def _else(view: View, place: Place, rows: list[tuple[str, float]]) -> Iterator[Edit]:
    """The branch that an `if` without one may want."""
    owner = place.owner
    if not isinstance(owner, ast.If) or owner.orelse or place.block is not owner.body:
        return
    end = (place.node.end_lineno or place.line) + 1
    for row, prior in rows:
        branch = f"else:\n    {row}"
        yield view.text.inserted(end, place.indent[4:], branch, prior * 0.8, FAMILY)


def _statements(view: View, place: Place, pool: Pool) -> Iterator[tuple[str, float]]:
    terms = pool.terms[:_MOST]
    for name in view.names(place.line):
        kinds = view.kinds(place.line, name)
        for n, term in enumerate(terms):
            prior = 0.8 / (1.0 + n / _FAR)
            for row, weight in _updates(name, kinds, term):
                yield row, prior * weight
        yield from _alone(name, kinds)
    for name in view.unset:
        if place.line <= first_use(view, name):
            yield from (
                (f"{name} = {term.text}", 1.0 / (1.0 + n / _FAR))
                for n, term in enumerate(pool.terms)
            )
    for n, term in enumerate(terms):
        yield f"return {term.text}", 0.5 / (1.0 + n / _FAR)
    yield from _keyed(view, place, terms)
    if view.in_loop(place):
        yield from (("break", 0.5), ("continue", 0.4))


def _updates(
    name: str, kinds: frozenset[str], term: Term
) -> Iterator[tuple[str, float]]:
    if term.text == name:
        return
    if term.kind in kinds or not kinds or term.kind == "None" or "NoneType" in kinds:
        yield f"{name} = {term.text}", 0.9
    numbers = {"int", "float"}
    if kinds & numbers and term.kind in numbers:
        yield f"{name} += {term.text}", 0.8
        yield f"{name} -= {term.text}", 0.5
        yield f"{name} *= {term.text}", 0.3
        yield f"{name} //= {term.text}", 0.15
        yield f"{name} %= {term.text}", 0.1
    if "list" in kinds:
        yield f"{name}.append({term.text})", 0.9
        if term.kind in ("list", "tuple"):
            yield f"{name}.extend({term.text})", 0.6
    if "set" in kinds:
        yield f"{name}.add({term.text})", 0.9
    if "str" in kinds and term.kind == "str":
        yield f"{name} += {term.text}", 0.7


def _alone(name: str, kinds: frozenset[str]) -> Iterator[tuple[str, float]]:
    if "list" in kinds:
        yield from (
            (f"{name}.sort()", 0.8), (f"{name}.reverse()", 0.5), (f"{name}.pop()", 0.6),
            (f"{name}.pop(0)", 0.4), (f"{name} = sorted({name})", 0.7),
            (f"{name} = list({name})", 0.5), (f"{name}.sort(reverse=True)", 0.3),
            (f"{name}.clear()", 0.3), (f"{name} = []", 0.5),
            (f"{name} = sorted({name}, reverse=True)", 0.2),
        )  # fmt: skip
    if "dict" in kinds:
        yield from ((f"{name} = dict({name})", 0.5), (f"{name} = {{}}", 0.5))
    if "str" in kinds:
        yield from (
            (f"{name} = {name}.strip()", 0.5), (f"{name} = {name}.lower()", 0.5),
            (f"{name} = ''", 0.5), (f"{name} = {name}[::-1]", 0.2),
        )  # fmt: skip
    if kinds & {"int", "float"}:
        yield from ((f"{name} = abs({name})", 0.4), (f"{name} = -{name}", 0.3))
    if "set" in kinds:
        yield f"{name} = set()", 0.4
    yield from (
        (f"{name} = None", 0.3),
        (f"{name} = True", 0.2),
        (f"{name} = False", 0.2),
    )


def _keyed(view: View, place: Place, terms: list[Term]) -> Iterator[tuple[str, float]]:
    """`d[k] = v` for the dicts in scope, and for rows by their index."""
    plain = [term for term in terms if term.size < 1.5]
    for name in view.names(place.line):
        kinds = view.kinds(place.line, name)
        if not kinds & {"dict", "list"}:
            continue
        wanted = ("str", "int", "tuple", "bool") if "dict" in kinds else ("int",)
        keys = [one for one in plain if one.kind in wanted and one.text != name][:12]
        for n, key in enumerate(keys):
            prior = 0.6 / (1.0 + n / 4)
            if "dict" in kinds:
                counted = f"{name}[{key.text}] = {name}.get({key.text}, 0) + "
                yield f"{counted}1", prior
                gathered = f"{name}.setdefault({key.text}, [])"
                yield from (
                    (f"{gathered}.append({one.text})", prior * 0.6) for one in plain[:8]
                )
                yield from ((f"{counted}{one.text}", prior * 0.5) for one in plain[:6])
            for m, value in enumerate(plain[:20]):
                text = f"{name}[{key.text}] = {value.text}"
                yield text, prior / (1.0 + m / 8)
