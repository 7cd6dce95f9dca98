"""Why a function that gives every case is not taken all the same."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.gate.lookup import MOST_REMEMBERED, asked_constants, keys, recalled
from wick.subject import Case, Subject


def why_unfit(source: str, subject: Subject, cases: Sequence[Case]) -> str:
    """Another signature, or a table of the cases' answers; "" where it is neither."""
    if _header(source) != _header(subject.source):
        return "it has another signature"
    found = _remembered(source, subject, cases)
    if len(found) > MOST_REMEMBERED:
        shown = ", ".join(map(repr, found[:3]))
        return f"it remembers inputs of the cases ({shown}) instead of computing"
    return ""


def _remembered(source: str, subject: Subject, cases: Sequence[Case]) -> list[Any]:
    """Inputs that it asks for and did not before, unless most cases hold them."""
    before = asked_constants(subject.source, alone=True)
    given = [_inputs(case) for case in cases]
    shared = Counter(key for each in given for key in each)
    asked = {
        key: value
        for key, value in asked_constants(source, alone=True).items()
        if key not in before and shared[key] <= len(cases) / 2
    }
    return recalled(asked, given)


def _header(source: str) -> str:
    node = ast.parse(source).body[0]
    return ast.dump(node.args) if isinstance(node, ast.FunctionDef) else ""


def _inputs(case: Case) -> set[str]:
    """The keys of its arguments, and of all of them together."""
    values = [*case.args, *case.kwargs.values()]
    return keys([*values, tuple(values)])
