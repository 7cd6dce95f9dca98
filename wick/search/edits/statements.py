"""Statements: deleted, doubled, changed over, moved in, out, up and down."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from wick.search.text import Edit, Place
from wick.search.view import View

FAMILY = "statements"


def edits(view: View) -> Iterator[Edit]:
    """Every statement moved about; blocks as a whole."""
    for place in view.text.places:
        yield from _deleted(view, place)
        yield from _changed_over(view, place)
        yield from _doubled(view, place)
        yield from _outward(view, place)
        yield from _inward(view, place)
        yield from _opened(view, place)


def rows_of(view: View, place: Place, indent: str) -> str:
    """The statement's rows, set at another depth."""
    last = place.node.end_lineno or place.line
    start, end = view.text.line_start(place.line), view.text.line_start(last + 1)
    rows = view.text.source[start:end].rstrip("\n").split("\n")
    cut = len(place.indent)
    return "\n".join(indent + row[cut:] for row in rows)


def _lines(view: View, first: ast.stmt, last: ast.stmt) -> tuple[int, int]:
    start = view.text.line_start(first.lineno)
    end = view.text.line_start((last.end_lineno or last.lineno) + 1)
    return start, end


def _spliced(
    view: View, first: ast.stmt, last: ast.stmt, text: str, prior: float, words: str
) -> Edit:
    """The edit that writes rows for whole statements."""
    start, end = _lines(view, first, last)
    newline = "\n" if text and view.text.source[:end].endswith("\n") else ""
    return Edit(start, end, text + newline, first.lineno, prior, FAMILY, words)


def _said(view: View, place: Place) -> str:
    return view.text.of(place.node).split("\n")[0]


def _deleted(view: View, place: Place) -> Iterator[Edit]:
    words = f"delete {_said(view, place)}"
    text = "" if len(place.block) > 1 else f"{place.indent}pass"
    prior = 0.3 if isinstance(place.node, ast.Assign) else 0.6
    if not isinstance(place.node, ast.Pass):
        yield _spliced(view, place.node, place.node, text, prior, words)


def _changed_over(view: View, place: Place) -> Iterator[Edit]:
    """With the next statement, and with the one after."""
    for step, prior in ((1, 0.7), (2, 0.3)):
        if place.position + step < len(place.block):
            other = place.block[place.position + step]
            rows = [
                rows_of(view, place._replace(node=node), place.indent)
                for node in place.block[place.position : place.position + step + 1]
            ]
            words = f"move {_said(view, place)} down"
            after = "\n".join([*rows[1:], rows[0]])
            yield _spliced(view, place.node, other, after, prior, words)
            if step == 2:
                before = "\n".join([rows[-1], *rows[:-1]])
                yield _spliced(view, place.node, other, before, prior, "move up")


def _doubled(view: View, place: Place) -> Iterator[Edit]:
    if isinstance(place.node, ast.AugAssign | ast.Assign | ast.Expr):
        rows = rows_of(view, place, place.indent)
        words = f"repeat {_said(view, place)}"
        yield _spliced(view, place.node, place.node, f"{rows}\n{rows}", 0.15, words)


def _outward(view: View, place: Place) -> Iterator[Edit]:
    """The block's last statements put after what they stand in; the first before it."""
    owner = place.owner
    if not isinstance(owner, ast.For | ast.While | ast.If) or len(place.indent) < 8:
        return
    if (
        place.position
        and place.node is not place.block[0]
        and _ends(owner, place.block)
    ):
        rows = [
            rows_of(view, place._replace(node=node), place.indent[4:])
            for node in place.block[place.position :]
        ]
        last = place.block[-1]
        words = f"move {_said(view, place)} out"
        yield _spliced(view, place.node, last, "\n".join(rows), 0.7, words)
    if place.position == 0 and len(place.block) > 1 and place.block is owner.body:
        header_start = view.text.line_start(owner.lineno)
        start, end = _lines(view, place.node, place.node)
        moved = rows_of(view, place, place.indent[4:])
        header = view.text.source[header_start:start]
        if not header.lstrip().startswith("elif"):
            words = f"move {_said(view, place)} before"
            text = f"{moved}\n{header}"
            yield Edit(header_start, end, text, place.line, 0.4, FAMILY, words)


def _ends(owner: ast.AST, block: list[ast.stmt]) -> bool:
    """Whether nothing of the owner comes after the block."""
    return block is getattr(owner, "orelse", None) or not getattr(owner, "orelse", None)


def _inward(view: View, place: Place) -> Iterator[Edit]:
    """Put at the end of the block before it, or at the start of the one after."""
    before = place.block[place.position - 1] if place.position else None
    if isinstance(before, ast.For | ast.While | ast.If | ast.With):
        rows = rows_of(view, place, place.indent + "    ")
        words = f"move {_said(view, place)} in"
        last = place.node
        yield _spliced(view, place.node, last, rows, 0.5, words)
        inner = before.body[-1] if not getattr(before, "orelse", None) else None
        if isinstance(inner, ast.For | ast.While | ast.If):
            deeper = rows_of(view, place, place.indent + "        ")
            yield _spliced(view, place.node, last, deeper, 0.3, words)
    after = place.block[place.position + 1 :][:1]
    if after and isinstance(after[0], ast.For | ast.While | ast.If):
        yield _into_next(view, place, after[0])


def _into_next(view: View, place: Place, after: ast.For | ast.While | ast.If) -> Edit:
    start = view.text.line_start(place.line)
    first = view.text.line_start(after.lineno)
    end = view.text.line_start(after.body[0].lineno)
    header = view.text.source[first:end]
    moved = rows_of(view, place, place.indent + "    ")
    words = f"move {_said(view, place)} into the block after it"
    return Edit(start, end, f"{header}{moved}\n", place.line, 0.5, FAMILY, words)


def _opened(view: View, place: Place) -> Iterator[Edit]:
    """A block without its condition, or without its other branch; branches changed over."""
    node = place.node
    if not isinstance(node, ast.If | ast.For | ast.While):
        return
    body = [_shifted(view, place, one) for one in node.body]
    if not node.orelse:
        words = f"drop {_said(view, place)}"
        yield _spliced(view, node, node, "\n".join(body), 0.3, words)
        return
    header = view.text.source[
        view.text.line_start(node.lineno) : view.text.line_start(node.body[0].lineno)
    ].rstrip("\n")
    other = [_shifted(view, place, one) for one in node.orelse]
    if isinstance(node, ast.If) and not _chained(node):
        deep = ["\n".join("    " + row for row in rows.split("\n")) for rows in body]
        after = ["\n".join("    " + row for row in rows.split("\n")) for rows in other]
        turned = [header, *after, f"{place.indent}else:", *deep]
        yield _spliced(view, node, node, "\n".join(turned), 0.5, "turn the branches")
        alone = "\n".join([header, *deep, *other])
        yield _spliced(view, node, node, alone, 0.4, "drop else")
        bare = "\n".join([header, *deep])
        yield _spliced(view, node, node, bare, 0.2, "delete the else branch")


def _chained(node: ast.If) -> bool:
    only = node.orelse[0]
    return isinstance(only, ast.If) and only.col_offset == node.col_offset


def _shifted(view: View, place: Place, node: ast.stmt) -> str:
    """A statement of the block, set at the depth of what it stands in."""
    inner = place._replace(node=node, indent=place.indent + "    ")
    return rows_of(view, inner, place.indent)
