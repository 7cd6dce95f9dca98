"""Steps counted in loops, inside the CPython worker: an endless one costs little time."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NoReturn

STEP = "_asza_step"


class Stopped(BaseException):
    """It took too many steps, or too long. No `except Exception` stops it."""


def metered(tree: ast.Module) -> ast.Module:
    """The same program with a step counted at the head of each loop's body, in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.While):
            call = ast.Expr(ast.Call(ast.Name(STEP, ast.Load()), [], []))
            for made in ast.walk(call):
                ast.copy_location(made, node)
            node.body.insert(0, call)
    return tree


def steps(most: int) -> Callable[[], None]:
    """What is called at each step; it raises Stopped after `most` of them."""
    return _counted(most).__next__


def _counted(most: int) -> Iterator[None]:
    # A generator's own `next` is the cheapest call that keeps a count.
    for _ in range(most):
        yield
    _stop()


def _stop() -> NoReturn:
    raise Stopped("it does not end")
