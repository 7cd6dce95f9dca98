"""Which texts may be tried at all, and which of those that fit are no repair."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from typing import Any

from wick.search.normal import without_docstring
from wick.search.text import Edit
from wick.subject import UNKNOWN, Case, Subject

_MOST_LINES = 10
# What a module's body may not hold: DESIGN §4.
_UNLAWFUL = re.compile(r"\b(while|raise)\b|\.get\([^()]*, |\.setdefault\(")
_DOUBLED = re.compile(
    r"^ {8,}(\w+) = .*\b\1\b.*[*+].*\b\1\b|^ {8,}(\w+) [*+]= .*\b\2\b"
    r"|^ {8,}(\w+)\.extend\(\3\)",
    re.MULTILINE,
)
_COMMON = (0, 1, -1, 2, True, False, None, "", 0.0, 1.0)


def lawful(edit: Edit, text: str, subject: Subject) -> bool:
    """Whether a module's body may be so; any text may be a plain function's."""
    if not subject.module:
        return True
    return text.count("\n") <= _MOST_LINES and not _UNLAWFUL.search(edit.text)


def explosive(text: str) -> int:
    """How many statements in it make a value of itself twice over, in a loop."""
    if "while " not in text and "for " not in text:
        return 0
    return len(_DOUBLED.findall(text))


def canonical(text: str, docstring: str = "") -> str | None:
    """The text as `ast.unparse` writes it; None where CPython would not take it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "candidate", "exec")
            tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    function = tree.body[0]
    if docstring and isinstance(function, ast.FunctionDef):
        function.body.insert(0, ast.Expr(ast.Constant(docstring)))
    return ast.unparse(ast.fix_missing_locations(tree))


def bare(source: str) -> tuple[str, str]:
    """The function's text without its docstring, and the docstring."""
    tree = ast.parse(source)
    function = tree.body[0]
    if not isinstance(function, ast.FunctionDef):
        return source, ""
    docstring = ast.get_docstring(function, clean=False) or ""
    function.body = without_docstring(function.body)
    return ast.unparse(tree), docstring


def looks_up(text: str, original: str, cases: Sequence[Case]) -> bool:
    """Whether it holds an answer that only one case wants and nothing else explains."""
    fresh = _literals(text) - _literals(original)
    wanted = [repr(case.expected) for case in cases if case.expected is not UNKNOWN]
    plain = {repr(value) for value in _COMMON}
    return any(wanted.count(one) == 1 and one not in plain for one in fresh)


def _literals(text: str) -> set[str]:
    return {
        repr(_folded(node))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant | ast.UnaryOp)
    }


def _folded(node: ast.AST) -> Any:
    if isinstance(node, ast.UnaryOp):
        inner = node.operand
        number = isinstance(inner, ast.Constant) and type(inner.value) in (int, float)
        return -inner.value if number and isinstance(node.op, ast.USub) else None  # type: ignore[attr-defined]
    return node.value if isinstance(node, ast.Constant) else None
