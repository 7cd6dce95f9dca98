"""A repaired function put back into its file: what did not change stays as written.

Statements that the repair left alone keep their text, comments and layout; only those
it changed are written anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher, unified_diff

from core.errors import RequestRefused
from wick.plain.exchange import column, exchanged, rows_of
from wick.plain.extract import Found, tree_of
from wick.search.normal import without_docstring

_BLOCKS = ("body", "orelse", "finalbody")
_Body = Sequence[ast.stmt]


def spliced(found: Found, source: str) -> str:
    """The file's text with the function's statements replaced by those of `source`.

    RequestRefused where the file's layout lets nothing be put into it.
    """
    new = ast.parse(source).body[0]
    assert isinstance(new, ast.FunctionDef)  # noqa: S101 a survivor's source is one
    for text in _texts(found, new):
        if _means(text, found, new):
            return text
    raise RequestRefused(
        f"the repair of {found.name} cannot be put back into its file",
        where=str(found.path),
        field="function",
        value=source,
        remedy="give the function lines of its own, then try again",
    )


def _texts(found: Found, new: ast.FunctionDef) -> Iterator[str]:
    """The file as it may be then: the one that changes least comes first."""
    lines = rows_of(found.text)
    old = body_as_written(found.node)
    yield from exchanged(lines, old, new.body)
    yield _rejoined(lines, old, _Splice(lines).block(old, new.body))
    yield _rejoined(lines, old, _anew(new.body, old[0], lines))


def difference(found: Found, text: str) -> str:
    """What changes in the file, as a unified diff."""
    name = str(found.path).lstrip("/")
    before, after = rows_of(found.text), rows_of(text)
    return "".join(unified_diff(before, after, f"a/{name}", f"b/{name}"))


class _Splice:
    """Merges new statements into the lines of old ones."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines

    def block(self, old: _Body, new: _Body) -> list[str]:
        """The lines of a block as it is to be, from its first statement to its last."""
        same = SequenceMatcher(None, _dumps(old), _dumps(new), autojunk=False)
        made: list[str] = []
        for tag, a, b, c, d in same.get_opcodes():
            if tag == "equal":
                made += self._kept(old, a, b)
            else:
                made += self._changed(old, range(a, b), new[c:d])
        return made

    def _kept(self, old: _Body, start: int, end: int) -> list[str]:
        return list(self.lines[_first(old, start) : _last(old[end - 1])])

    def _changed(self, old: _Body, places: range, new: _Body) -> list[str]:
        """Pairs of statements are merged where only what is inside them changed."""
        made: list[str] = []
        for n, statement in enumerate(new):
            place = places[n] if n < len(places) else None
            if place is not None:
                made += self.lines[_first(old, place) : old[place].lineno - 1]
            made += self._one(None if place is None else old[place], statement, old)
        return made

    def _one(self, old: ast.stmt | None, new: ast.stmt, block: _Body) -> list[str]:
        inner = _changed_block(old, new)
        if old is None or inner is None:
            return _anew([new], block[0], self.lines)
        before, after = inner
        start = _first(before, 0, least=old.lineno)
        tail = list(self.lines[_last(before[-1]) : _last(old)])
        return self._head(old, new, start) + self.block(before, after) + tail

    def _head(self, old: ast.stmt, new: ast.stmt, end: int) -> list[str]:
        """The lines before a block: the statement's own line anew where it changed."""
        if not _differing(old, new) - {*_BLOCKS}:
            return list(self.lines[old.lineno - 1 : end])
        body: _Body = getattr(old, "body", ())
        start = _first(body, 0, least=old.lineno)
        between = self.lines[old.lineno : start]
        comments = [line for line in between if line.lstrip().startswith("#")]
        head = _anew([new], old, self.lines)[:1]
        return head + comments + list(self.lines[start:end])


def _changed_block(old: ast.stmt | None, new: ast.stmt) -> tuple[_Body, _Body] | None:
    """The one block in which two statements may differ, each on lines of its own."""
    if old is None or type(old) is not type(new) or not hasattr(old, "body"):
        return None
    changed = _differing(old, new) & {*_BLOCKS}
    if len(changed) > 1:
        return None
    name = next(iter(changed), "body")
    before, after = getattr(old, name), getattr(new, name)
    own_lines = before and after and before[0].lineno > old.lineno
    return (before, after) if own_lines and not _is_elif(old, name) else None


def _differing(old: ast.stmt, new: ast.stmt) -> set[str]:
    return {name for name in old._fields if _dump(old, name) != _dump(new, name)}


def _is_elif(node: ast.stmt, block: str) -> bool:
    """`elif` is an `if` that stands where its parent does: it has no lines of its own."""
    inner = getattr(node, block)[0]
    return isinstance(inner, ast.If) and inner.col_offset == node.col_offset


def _dump(node: ast.stmt, name: str) -> str:
    value = getattr(node, name)
    items = value if isinstance(value, list) else [value]
    return str([ast.dump(x) if isinstance(x, ast.AST) else x for x in items])


def _dumps(body: _Body) -> list[str]:
    return [ast.dump(statement) for statement in body]


def _first(block: _Body, place: int, least: int = 0) -> int:
    """Where a statement's lines begin: behind the statement before it, with comments."""
    if place == 0:
        return max(least, block[0].lineno - 1)
    return max(_last(block[place - 1]), least)


def _last(node: ast.stmt) -> int:
    assert node.end_lineno is not None  # noqa: S101 the parser sets it
    return node.end_lineno


def _anew(body: _Body, beside: ast.stmt, lines: Sequence[str]) -> list[str]:
    """Statements written anew, as far to the right as the one they stand beside."""
    line = lines[beside.lineno - 1]
    before = line[: column(line, beside.col_offset)]
    margin = before if before.isspace() or not before else " " * 4
    rows = [row for each in body for row in ast.unparse(each).split("\n")]
    return [f"{margin}{row}{_ending(lines)}" for row in rows]


def _ending(lines: Sequence[str]) -> str:
    return "\r\n" if lines and lines[0].endswith("\r\n") else "\n"


def body_as_written(node: ast.FunctionDef) -> _Body:
    """The statements as they stand in the file; the docstring where there is no other."""
    kept = without_docstring(node.body)
    return kept if hasattr(kept[0], "lineno") else node.body


def _rejoined(lines: Sequence[str], old: _Body, new: Sequence[str]) -> str:
    start, end = old[0].lineno - 1, _last(old[-1])
    before = lines[start][: column(lines[start], old[0].col_offset)]
    if before.strip():  # `def f(x): return x` on one line
        ending = _ending(lines)
        new = [before.rstrip() + ending, *new]
    return "".join([*lines[:start], *_ended(new, lines, end), *lines[end:]])


def _ended(new: Sequence[str], lines: Sequence[str], end: int) -> Iterator[str]:
    """A file that ends without a line feed still does."""
    for n, line in enumerate(new):
        last = n == len(new) - 1 and end == len(lines)
        yield line.rstrip("\r\n") if last and not lines[-1].endswith("\n") else line


def _means(text: str, found: Found, new: ast.FunctionDef) -> bool:
    """Whether the text holds the repaired function, and else what it held."""
    try:
        tree = tree_of(text)
    except (SyntaxError, ValueError):
        return False
    before = tree_of(found.text)
    for node in ast.walk(before):
        if isinstance(node, ast.FunctionDef) and node.lineno == found.node.lineno:
            told = node.body[: len(node.body) - len(body_as_written(node))]
            node.body = [*told, *new.body]
    return ast.dump(before) == ast.dump(tree)
