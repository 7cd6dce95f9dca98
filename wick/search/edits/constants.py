"""Constants: off by one, sign, scale, another of the function's or of the cases'."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from wick.search.text import Edit
from wick.search.view import View

FAMILY = "constants"


def edits(view: View) -> Iterator[Edit]:
    """Every constant as another, and every number one more or one less."""
    for node in view.text.expressions:
        if isinstance(node, ast.Constant):
            for value, prior in _others(view, node.value):
                yield view.text.replaced(node, value, prior, FAMILY)
        elif _numeric(view, node):
            text = view.text.of(node)
            yield view.text.replaced(node, f"{text} + 1", 0.5, FAMILY)
            yield view.text.replaced(node, f"{text} - 1", 0.5, FAMILY)


def _others(view: View, value: Any) -> Iterator[tuple[str, float]]:
    if isinstance(value, bool):
        yield repr(not value), 1.0
        yield "None", 0.2
    elif isinstance(value, int):
        yield from _numbers(view, value)
    elif isinstance(value, float):
        yield from _numbers(view, value)
        yield from ((repr(value * scale), 0.2) for scale in (10, 0.1, 100, 0.01))
    elif isinstance(value, str):
        yield from _texts(view, value)
    elif value is None:
        yield from (("0", 0.4), ("[]", 0.3), ("''", 0.3), ("False", 0.3), ("-1", 0.2))


def _numbers(view: View, value: float) -> Iterator[tuple[str, float]]:
    near = [value + 1, value - 1, 0, 1, -value, 2, -1, value * 2, value * 10]
    halved = [value // 2, value // 10] if isinstance(value, int) else [value / 2]
    priors = (0.9, 0.9, 0.7, 0.7, 0.5, 0.4, 0.4, 0.3, 0.2, 0.3, 0.2)
    for other, prior in zip((*near, *halved), priors, strict=False):
        if other != value:
            yield repr(other), prior
    yield from ((other, 0.3) for other in view.numbers if other != repr(value))
    yield from (
        (repr(one), 0.1) for one in dict.fromkeys(_plain(view.expected)) if one != value
    )
    yield from (("None", 0.2), ("False", 0.1), ("True", 0.1))
    yield from ((name, 0.15) for name in ("float('inf')", "-float('inf')"))


def _plain(values: tuple[Any, ...]) -> list[Any]:
    return [value for value in values if type(value) in (int, float)]


def _texts(view: View, value: str) -> Iterator[tuple[str, float]]:
    yield from ((other, 0.4) for other in view.strings if other != repr(value))
    common = ("", " ", ",", ", ", "-", "_", "0", ".", "\n")
    yield from ((repr(other), 0.3) for other in common if other != value)
    changed = (value.lower(), value.upper(), value.strip(), value[1:], value[:-1])
    yield from ((repr(other), 0.2) for other in changed if other != value)
    yield from (
        (repr(one), 0.1)
        for one in dict.fromkeys(one for one in view.expected if isinstance(one, str))
    )


def _numeric(view: View, node: ast.expr) -> bool:
    """Whether it is likely a number that a step more or less may mend."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        kinds = view.kinds(view.line_of(node), node.id)
        return bool(kinds & {"int"})
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Sub | ast.FloorDiv | ast.Mult | ast.Add)
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return called and node.func.id in ("len", "int", "min", "max", "sum")  # type: ignore[attr-defined]
