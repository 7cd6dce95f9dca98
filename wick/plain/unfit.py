"""Why a function that gives every case is not taken all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from wick.subject import Case, Subject

_MOST_REMEMBERED = 1  # one may be a case that is meant to be apart
_TRIVIAL = ("0", "1", "-1", "2", "''", "[]", "()", "{}", "True", "False", "None")


def why_unfit(source: str, subject: Subject, cases: Sequence[Case]) -> str:
    """Another signature, or a table of the cases' answers; "" where it is neither."""
    if _header(source) != _header(subject.source):
        return "it has another signature"
    known = set(_constants(subject.source))
    told = [each for each in _constants(source) if each not in known]
    inputs = [set(_told_inputs(case)) for case in cases]
    remembered = {
        each
        for each in told
        if sum(each in given for given in inputs) <= len(inputs) / 2
        and any(each in given for given in inputs)
    }
    if len(remembered) > _MOST_REMEMBERED:
        shown = ", ".join(sorted(remembered)[:3])
        return f"it remembers inputs of the cases ({shown}) instead of computing"
    return ""


def _header(source: str) -> str:
    node = ast.parse(source).body[0]
    return ast.dump(node.args) if isinstance(node, ast.FunctionDef) else ""


def _constants(source: str) -> Iterator[str]:
    """What is compared or looked up as it stands: constants, and displays of them."""
    for node in ast.walk(ast.parse(source)):
        for each in _compared(node):
            text = _literal(each)
            if text and text not in _TRIVIAL:
                yield text


def _compared(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Compare):
        equal = any(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops)
        for each in (node.left, *node.comparators) if equal else ():
            yield each
            yield from getattr(each, "elts", ())
    if isinstance(node, ast.Dict):
        yield from (key for key in node.keys if key is not None)
    if isinstance(node, ast.MatchValue):
        yield node.value


def _literal(node: ast.expr) -> str:
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""


def _told_inputs(case: Case) -> Iterator[str]:
    values: list[Any] = [*case.args, *case.kwargs.values()]
    yield from map(repr, values)
    yield repr(tuple(values))
    yield from (repr(tuple(each)) for each in values if isinstance(each, list))
