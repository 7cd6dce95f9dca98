"""Inputs and cases: a pool a function, from which a visible few and the held-back come.

The visible ones are chosen for the lines they reach, as a person would choose them; the
held-back ones are never shown to a search.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import Random
from types import FrameType
from typing import Any

from bench.repair.calls import Given, Inputs, outcomes
from bench.repair.corpus import Function
from wick.subject import UNKNOWN, Case

SEED = 20260
_DRAWS = 900
_POOL = 160
VISIBLE = 8
MOST_VISIBLE = 12
HELD_BACK = 100


@cache
def pool(function: Function) -> tuple[Inputs, ...]:
    """Distinct inputs, drawn by a seed of the function's name."""
    random = Random(f"{SEED} {function.name}")
    found: dict[str, Inputs] = {}
    for _ in range(_DRAWS):
        row = tuple(draw(random) for draw in function.entry.draws)
        found.setdefault(repr(row), row)
        if len(found) == _POOL:
            break
    return tuple(found.values())


@cache
def truth(function: Function) -> tuple[Given, ...]:
    """What the correct function gives on the pool."""
    return tuple(outcomes(function.source, function.name, pool(function)))


@cache
def chosen(function: Function) -> tuple[int, ...]:
    """The places in the pool of the function's visible cases: all lines, then more."""
    reached = [_steps(function.entry.function, row) for row in pool(function)]
    places: list[int] = []
    seen: set[tuple[int, int]] = set()
    while len(places) < VISIBLE:
        best = max(range(len(reached)), key=lambda at: len(reached[at] - seen))
        if not reached[best] - seen:
            break
        places.append(best)
        seen |= reached[best]
    rest = (at for at in range(len(reached)) if at not in places)
    return tuple(places + [next(rest) for _ in range(VISIBLE - len(places))])


def _steps(function: Callable[..., Any], row: Inputs) -> frozenset[tuple[int, int]]:
    """Which line followed which in one call."""
    code, steps = function.__code__, set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line":
            steps.add((last.get(frame, 0), frame.f_lineno))
            last[frame] = frame.f_lineno
        return trace

    last: dict[FrameType, int] = {}
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*row)
    except ValueError:
        pass
    finally:
        sys.settrace(before)
    return frozenset(steps)


def with_failing(function: Function, wrong: Sequence[Sequence[bool]]) -> list[int]:
    """The visible places, failing ones of the pool added while too few fail.

    Each row of `wrong` says where in the pool a defect (or one half of it) fails; each
    gets up to three failing cases, as far as `MOST_VISIBLE` allows.
    """
    places = list(chosen(function))
    for wanted in (1, 2, 3):
        for row in wrong:
            if sum(row[at] for at in places) < wanted and len(places) < MOST_VISIBLE:
                places.extend(_more(row, places))
    return places


def _more(wrong: Sequence[bool], places: Sequence[int]) -> Iterator[int]:
    later = (at for at, fails in enumerate(wrong) if fails and at not in places)
    yield from list(later)[:1]


def cases(function: Function, places: Sequence[int]) -> tuple[Case, ...]:
    """The pool's rows at these places with what the correct function gives."""
    rows, given = pool(function), truth(function)
    return tuple(_case(rows[at], given[at]) for at in places)


def held_back(function: Function, visible: Sequence[int]) -> tuple[Case, ...]:
    """Up to a hundred other rows of the pool."""
    others = [at for at in range(len(pool(function))) if at not in visible]
    return cases(function, others[:HELD_BACK])


def _case(row: Inputs, given: Given) -> Case:
    if given.raised:
        return Case(args=row, raises=given.raised, expected=UNKNOWN)
    return Case(args=row, expected=given.value)
