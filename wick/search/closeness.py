"""How near an outcome is to what a case wants: a hint for pairs, never a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wick.subject import UNKNOWN, Case, Ran


def closeness(case: Case, ran: Ran) -> float:
    """0 for a crash or an error nobody asked for, to 1 for what is wanted."""
    if case.raises:
        return 1.0 if ran.error == case.raises else 0.0
    if not ran.ok:
        return 0.0
    if case.after is not None and case.expected is UNKNOWN:
        return 0.1 + 0.9 * near(dict(case.after), dict(ran.after or {}))
    if case.expected is UNKNOWN:
        return 0.5
    return 0.1 + 0.9 * near(case.expected, ran.value)


def near(wanted: Any, found: Any) -> float:
    """1 for equal values, 0 for values of unlike kinds, part for parts that agree."""
    if _number(wanted) and _number(found):
        return _numbers(wanted, found)
    if isinstance(wanted, str) and isinstance(found, str):
        return _rows(wanted, found)
    if isinstance(wanted, list | tuple) and isinstance(found, list | tuple):
        return _rows(wanted, found)
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return _mappings(wanted, found)
    if isinstance(wanted, set | frozenset) and isinstance(found, set | frozenset):
        every = len(wanted | found)
        return len(wanted & found) / every if every else 1.0
    return 1.0 if type(wanted) is type(found) and wanted == found else 0.0


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(wanted: float, found: float) -> float:
    if wanted == found:
        return 1.0
    try:
        away = abs(float(wanted) - float(found))
        return 0.2 + 0.6 / (1.0 + 4 * away / (1.0 + abs(float(wanted))))
    except OverflowError:
        return 0.2


def _rows(wanted: Sequence[Any], found: Sequence[Any]) -> float:
    """The share that agrees, counted from the nearer end."""
    longest = max(len(wanted), len(found))
    if not longest:
        return 1.0
    ahead = _agreeing(wanted, found)
    behind = _agreeing(wanted[::-1], found[::-1])
    return 0.2 + 0.8 * max(ahead, behind) / longest


def _agreeing(wanted: Sequence[Any], found: Sequence[Any]) -> float:
    if isinstance(wanted, str):
        return float(sum(a == b for a, b in zip(wanted, found, strict=False)))
    return float(sum(near(a, b) for a, b in zip(wanted, found, strict=False)))


def _mappings(wanted: Mapping[Any, Any], found: Mapping[Any, Any]) -> float:
    every = wanted.keys() | found.keys()
    if not every:
        return 1.0
    both = wanted.keys() & found.keys()
    return 0.2 + 0.8 * sum(near(wanted[key], found[key]) for key in both) / len(every)
