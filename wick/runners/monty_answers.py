"""What Monty answers, as outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pydantic_monty as monty

from wick.runners.monty_text import parameters_of
from wick.subject import Case, Ran

_ENDLESS = Ran(False, error="TimeoutError", message="it does not end", crashed=True)
_DEAD = Ran(False, error="WorkerCrashed", message="its worker died", crashed=True)


def rans(case: Case, sources: Sequence[str], found: Sequence[Any]) -> list[Ran]:
    """Each answer of the harness as an outcome."""
    if case.after is None:
        return [_plain(one) for one in found]
    names = parameters_of(sources[0])
    return [_watched(one, names) for one in found]


def _plain(one: tuple[Any, ...]) -> Ran:
    if len(one) == 1:
        return Ran(True, one[0])
    return Ran(False, None, one[0], one[1]) if one else _ENDLESS


def _watched(one: tuple[Any, ...], names: tuple[str, ...]) -> Ran:
    if not one:
        return _ENDLESS
    *head, args, kwargs = one
    after = {**dict(zip(names, args, strict=False)), **kwargs}
    return _plain(tuple(head))._replace(after=after)


def broken(error: monty.MontyError) -> Ran:
    """The outcome of a candidate alone in a feed that failed whole."""
    if isinstance(error, monty.MontySyntaxError):
        return Ran(False, error="SyntaxError", message=str(error), crashed=True)
    return _DEAD


def own_line(error: monty.MontyRuntimeError, start: int, end: int) -> int | None:
    """The function's line that raised: the innermost frame in its own text."""
    lines = [
        frame.line - start
        for frame in error.traceback()
        if frame.function_name not in (None, "<module>")
    ]
    own = [line for line in lines if 0 < line <= end]
    return own[-1] if own else None
