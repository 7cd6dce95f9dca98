"""When two results are the same: numbers within 1e-9, everything else exactly."""

import math
from collections.abc import Mapping
from typing import Any

from core.outcome import Outcome

TOLERANCE = 1e-9


def same(a: Any, b: Any) -> bool:
    """Equal values; floats within 1e-9, a tuple like a list, True never like 1."""
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return _close(a, b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and bool(a == b)


def _close(a: float, b: float) -> bool:
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    try:
        return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except OverflowError:  # an int beyond every float
        return False


def alike(a: Outcome, b: Outcome) -> bool:
    """The same outputs, or the same type of error."""
    if a.ok != b.ok:
        return False
    return same(a.outputs, b.outputs) if a.ok else a.error == b.error


def told(outcome: Outcome) -> str:
    """An outcome in a few words."""
    if outcome.ok:
        return f"gives {shortened(outcome.outputs)}"
    message = f": {shortened(outcome.message)}" if outcome.message else ""
    return f"raises {outcome.error}{message}"


def shortened(value: Any, limit: int = 160) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
