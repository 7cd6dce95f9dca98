"""The plain judge: what a case expects, equal by value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from wick.subject import UNKNOWN, Case, Ran

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class ByValue:
    """Right where value, error and arguments left behind are those of the case.

    Floats are equal within 1e-9 of the larger. `alike` says that a tuple equals a list
    of the same values, as in a module's JSON.
    """

    alike: bool = False

    def __call__(self, case: Case, ran: Ran) -> bool:
        """Whether `ran` is what `case` wants."""
        if case.raises:
            return not ran.ok and ran.error == case.raises and not ran.crashed
        if not ran.ok:
            return False
        if case.expected is not UNKNOWN and not self.same(case.expected, ran.value):
            return False
        return case.after is None or self._left(case.after, ran.after or {})

    def same(self, a: Any, b: Any) -> bool:
        """Equal by value: True is not 1, 1 is 1.0, NaN is NaN."""
        kind = type(a)
        if kind is type(b) and kind in _EXACT:
            return bool(a == b)
        if isinstance(a, bool) or isinstance(b, bool):
            return a is b
        if isinstance(a, int | float) and isinstance(b, int | float):
            return _close(a, b)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            return len(a) == len(b) and all(
                key in b and self.same(value, b[key]) for key, value in a.items()
            )
        if isinstance(a, list | tuple) and isinstance(b, list | tuple):
            return self._rows(a, b)
        if isinstance(a, Set) and isinstance(b, Set):
            return a == b
        return type(a) is type(b) and bool(a == b)

    def _rows(self, a: Sequence[Any], b: Sequence[Any]) -> bool:
        if not self.alike and isinstance(a, list) != isinstance(b, list):
            return False
        return len(a) == len(b) and all(map(self.same, a, b))

    def _left(self, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
        return all(
            name in found and self.same(value, found[name])
            for name, value in wanted.items()
        )


_EXACT = frozenset({int, str, bool, type(None), bytes})


def _close(a: float, b: float) -> bool:
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    if isinstance(a, int) and isinstance(b, int):
        return False
    try:
        return math.isclose(a, b, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    except OverflowError:  # an int beyond every float
        return False
