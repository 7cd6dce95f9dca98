"""Expressions exchanged where they stand: the least that a repair can change in a text."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator, Sequence

Pair = tuple[ast.expr, ast.expr]


class _Unlike(Exception):
    """Two trees that differ in more than expressions."""


def rows_of(text: str) -> list[str]:
    """The lines as Python counts them, line feeds and all."""
    return list(io.StringIO(text, newline=""))


def column(line: str, offset: int) -> int:
    """The place in a line of what the parser counts in UTF-8 bytes."""
    return len(line.encode()[:offset].decode(errors="ignore"))


def exchanged(
    lines: Sequence[str], old: Sequence[ast.stmt], new: Sequence[ast.stmt]
) -> Iterator[str]:
    """The text with only the expressions that differ replaced, bare and in brackets.

    Nothing where statements differ. Whether a text means what it should is for the
    caller to see: an operator's precedence may call for the brackets.
    """
    try:
        pairs = _lists(list(old), list(new))
    except _Unlike:
        return
    for form in ("{}", "({})"):
        yield _replaced(lines, pairs, form)


def _replaced(lines: Sequence[str], pairs: Sequence[Pair], form: str) -> str:
    made = list(lines)
    for old, new in sorted(pairs, key=lambda pair: -_start(pair[0])):
        first, last = old.lineno - 1, (old.end_lineno or old.lineno) - 1
        before = made[first][: column(made[first], old.col_offset)]
        after = made[last][column(made[last], old.end_col_offset or 0) :]
        text = form.format(_bare(ast.unparse(new), new))
        made[first : last + 1] = [f"{before}{text}{after}"]
    return "".join(made)


def _bare(text: str, node: ast.expr) -> str:
    """A tuple as most people write it."""
    whole = isinstance(node, ast.Tuple) and node.elts and text.startswith("(")
    return text[1:-1] if whole else text


def _start(node: ast.expr) -> int:
    return node.lineno * 1_000_000 + node.col_offset


def _differing(old: ast.AST, new: ast.AST) -> list[Pair]:
    """The innermost expressions in which two trees differ."""
    if ast.dump(old) == ast.dump(new):
        return []
    try:
        return _inside(old, new)
    except _Unlike:
        if isinstance(old, ast.expr) and isinstance(new, ast.expr):
            return [(old, new)]
        raise


def _inside(old: ast.AST, new: ast.AST) -> list[Pair]:
    # The parts of an f-string have no places of their own.
    if type(old) is not type(new) or isinstance(old, ast.JoinedStr):
        raise _Unlike
    values = [(getattr(old, name), getattr(new, name)) for name in old._fields]
    return [pair for a, b in values for pair in _values(a, b)]


def _values(a: object, b: object) -> list[Pair]:
    if isinstance(a, ast.AST) and isinstance(b, ast.AST):
        return _differing(a, b)
    if isinstance(a, list) and isinstance(b, list):
        return _lists(a, b)
    if type(a) is type(b) and a == b:
        return []
    raise _Unlike


def _lists(a: Sequence[object], b: Sequence[object]) -> list[Pair]:
    if len(a) != len(b):
        raise _Unlike
    return [pair for x, y in zip(a, b, strict=True) for pair in _values(x, y)]
