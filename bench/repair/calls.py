"""Calls a corpus function, right or wrong, in this process, its steps counted.

Only the benchmark's own functions and the slips it seeds into them run here; what a
search writes runs in Wick's runners.
"""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from core.gate.compare import same

_STEPS = 1500
_RAISED = (
    ArithmeticError, AttributeError, LookupError, MemoryError, NameError,
    RuntimeError, TypeError, ValueError,
)  # fmt: skip
Inputs = tuple[Any, ...]


class EndlessError(RuntimeError):
    """A call took more steps than any call of a corpus function does."""


class Given(NamedTuple):
    """What a call gave: a value, or the name of the exception it raised."""

    value: Any
    raised: str = ""


def outcomes(source: str, name: str, rows: Sequence[Inputs]) -> list[Given]:
    """What the function gives on each row of inputs, which stay as they are."""
    steps = [0]

    def step() -> None:
        steps[0] += 1
        if steps[0] > _STEPS:
            raise EndlessError

    function = _compiled(source, name, step)
    found = []
    for row in rows:
        steps[0] = 0
        found.append(_called(function, pickle.loads(pickle.dumps(row))))
    return found


def alike(one: Given, other: Given) -> bool:
    """Equal values, floats within 1e-9, or the same exception."""
    return one.raised == other.raised and same(one.value, other.value)


def _called(function: Callable[..., Any], row: Inputs) -> Given:
    try:
        return Given(function(*row))
    except _RAISED as error:
        return Given(None, type(error).__name__)


def _compiled(source: str, name: str, step: Callable[[], None]) -> Callable[..., Any]:
    tree = _counted(ast.parse(source))
    scope: dict[str, Any] = {"_step": step, "Any": Any}
    exec(compile(tree, f"<{name}>", "exec"), scope)
    function: Callable[..., Any] = scope[name]
    return function


def _counted(tree: ast.Module) -> ast.Module:
    """The same program, with a step counted in every call and every round of a loop."""
    count = ast.parse("_step()").body[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.For | ast.While):
            node.body.insert(0, count)
    return ast.fix_missing_locations(tree)
