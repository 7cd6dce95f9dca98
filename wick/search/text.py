"""A function's text and the places in it, so that an edit is a splice and no more.

Offsets count characters. Text inside an f-string has no place of its own (before
Python 3.12 its positions are wrong), so such a string is edited whole or not at all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

_ATOM = re.compile(r"-?[\w.]+|[\w.]+\([^()]*\)|\[[^\[\]]*\]|'[^']*'|\([^()]*\)")
_OPEN = (
    ast.Call, ast.keyword, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign,
    ast.Subscript, ast.If, ast.While, ast.List, ast.Tuple, ast.Dict, ast.Expr,
)  # fmt: skip


class Edit(NamedTuple):
    """A splice: `text` for what stands from `start` to `end`, made at `line`.

    `prior` is how often people's mistakes are undone by such an edit, 1 = commonly.
    """

    start: int
    end: int
    text: str
    line: int
    prior: float
    family: str
    words: str

    def apply(self, source: str) -> str:
        """The source with this edit made."""
        return f"{source[: self.start]}{self.text}{source[self.end :]}"


class Place(NamedTuple):
    """A statement, the block it stands in, and how deep."""

    node: ast.stmt
    block: list[ast.stmt]
    position: int
    owner: ast.AST
    indent: str

    @property
    def line(self) -> int:
        return self.node.lineno


class Text:
    """A function as text and tree together."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(source)
        self.function = _function(self.tree)
        self._lines = source.split("\n")
        self._starts = _starts(self._lines)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Each node's parent."""
        return {
            child: node
            for node in ast.walk(self.tree)
            for child in ast.iter_child_nodes(node)
        }

    @cached_property
    def places(self) -> list[Place]:
        """Every statement of the body, in the order of its lines."""
        return sorted(_places(self.function, "    "), key=lambda place: place.line)

    @cached_property
    def expressions(self) -> list[ast.expr]:
        """Every expression that has a place of its own, in order."""
        return [
            node
            for node in _visible(self.function)
            if isinstance(node, ast.expr) and not isinstance(node, ast.Starred)
        ]

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a node's text starts and ends."""
        start = self._offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self._offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return start, end

    def of(self, node: ast.AST) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.source[start:end]

    def line_start(self, line: int) -> int:
        """Where a line starts; past the end for the line after the last."""
        if line > len(self._lines):
            return len(self.source)
        return self._starts[line - 1]

    def statement(self, node: ast.AST) -> ast.AST:
        """The statement a node stands in."""
        while not isinstance(node, ast.stmt) and node in self.parents:
            node = self.parents[node]
        return node

    def replaced(
        self, node: ast.AST, text: str, prior: float, family: str, words: str = ""
    ) -> Edit:
        """The edit that writes `text` for an expression, in brackets where needed."""
        start, end = self.span(node)
        said = words or f"{self.source[start:end]} -> {text}"
        fitted = text if self._fits(node, text) else f"({text})"
        line: int = node.lineno  # type: ignore[attr-defined]
        return Edit(start, end, fitted, line, prior, family, said)

    def inserted(
        self, line: int, indent: str, rows: str, prior: float, family: str
    ) -> Edit:
        """The edit that writes statements before a line; rows end without a newline."""
        at = self.line_start(line)
        text = "\n".join(indent + row for row in rows.split("\n"))
        said = "insert " + rows.replace("\n", " ")
        if line > len(self._lines):
            return Edit(at, at, f"\n{text}", line - 1, prior, family, said)
        return Edit(at, at, f"{text}\n", line, prior, family, said)

    def _fits(self, node: ast.AST, text: str) -> bool:
        parent = self.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return bool(_ATOM.fullmatch(text)) and not text.startswith("-")
        if isinstance(parent, ast.Subscript) and parent.value is node:
            return bool(_ATOM.fullmatch(text)) and not text.startswith("-")
        if isinstance(parent, _OPEN):
            return True
        return bool(_ATOM.fullmatch(text)) and not isinstance(parent, ast.Attribute)

    def _offset(self, line: int, column: int) -> int:
        row = self._lines[line - 1]
        if not row.isascii():
            column = len(row.encode()[:column].decode())
        return self._starts[line - 1] + column


def _function(tree: ast.Module) -> ast.FunctionDef:
    node = tree.body[0]
    if not isinstance(node, ast.FunctionDef):
        raise TypeError(f"a function is searched, not {type(node).__name__}")
    return node


def _starts(lines: list[str]) -> list[int]:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements a statement holds itself."""
    for field in ("body", "orelse", "finalbody"):
        found = getattr(node, field, None)
        if isinstance(found, list) and found:
            yield found


def _places(owner: ast.AST, indent: str) -> Iterator[Place]:
    for block in blocks(owner):
        # The text of `elif` is an `if` in an `else` of its own: it has no line to be
        # written before, and what is in it stands no deeper.
        chained = _is_elif(owner, block)
        inner = indent[4:] if chained else indent
        for position, node in enumerate(block):
            if not chained:
                yield Place(node, block, position, owner, inner)
            yield from _places(node, inner + "    ")
    for handler in (*getattr(owner, "handlers", ()), *getattr(owner, "cases", ())):
        deeper = indent if isinstance(handler, ast.ExceptHandler) else indent + "    "
        yield from _places(handler, deeper)


def _is_elif(owner: ast.AST, block: list[ast.stmt]) -> bool:
    if not isinstance(owner, ast.If) or block is not owner.orelse or len(block) != 1:
        return False
    only = block[0]
    return isinstance(only, ast.If) and only.col_offset == owner.col_offset


def _visible(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef):
        for statement in node.body:
            yield from _visible(statement)
        return
    yield node
    if isinstance(node, ast.JoinedStr):
        return
    for child in ast.iter_child_nodes(node):
        yield from _visible(child)
