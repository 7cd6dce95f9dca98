"""Repairs that remember: a point treated apart that nothing but a known case explains.

Two looks, on top of the gate's. In the text: does it ask for the very values that
failed? In behaviour: a function of numbers that gives something else at a known input
than just left and just right of it, where both sides agree, has remembered the point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isclose
from typing import TYPE_CHECKING, Any, NamedTuple

from core.gate.lookup import Known, remembered
from wick.bodies import admits
from wick.subject import UNKNOWN

if TYPE_CHECKING:
    from core.contract import Schema
    from core.spec import Spec
    from wick.court import Court
    from wick.evidence import Evidence
    from wick.subject import Case, Ran

# One lone point may be a rule of the request's own.
MOST_POINTS = 1
_POINTS = 60
_STEP, _JUMP = 1e-6, 1e-3


class Point(NamedTuple):
    """A known case, and the same with one number a little less and a little more."""

    case: Case
    left: dict[str, Any]
    right: dict[str, Any]


def remembers_failure(spec: Spec, body: str, evidence: Evidence, before: str) -> str:
    """Why the body is refused: it asks for the values of a failing input."""
    failing = [evidence.visible[place] for place in evidence.failing]
    known = [Known(case.kwargs, _outputs(case)) for case in failing]
    had = {repr(value) for value in remembered(spec, before, known)}
    found = [v for v in remembered(spec, body, known) if repr(v) not in had]
    return f"it asks for the very input that failed ({found[0]!r:.60})" if found else ""


def remembers_points(court: Court, body: str, evidence: Evidence, before: str) -> str:
    """Why the body is refused: lone points at known cases that `before` did not have."""
    points = list(islice(_points(court.spec, evidence), _POINTS))
    if not points or court.spec.contract.capabilities:
        return ""
    now, had = _lone(court, body, points), _lone(court, before, points)
    # Where the failing body raised, the point may well be singular: that is None.
    new = [
        point.case.label
        for point, lone, lone_before in zip(points, now, had, strict=True)
        if lone and lone_before is False
    ]
    cases = len(set(new))
    told = f"it gives the results of {cases} known cases at those points alone"
    return told if cases > MOST_POINTS else ""


def _points(spec: Spec, evidence: Evidence) -> Iterator[Point]:
    numbers = [n for n, s in spec.contract.parameter_schemas.items() if _real(s)]
    for case in (*evidence.visible, *evidence.held_back):
        if case.expected is UNKNOWN:
            continue
        for name in numbers:
            left, right = (_moved(case, name, sign) for sign in (-1, 1))
            if admits(spec, left) and admits(spec, right):
                yield Point(case, left, right)


def _real(schema: Schema) -> bool:
    return schema.get("type") == "number" and "enum" not in schema


def _moved(case: Case, name: str, sign: int) -> dict[str, Any]:
    value = case.kwargs[name]
    return {**case.kwargs, name: value + sign * _STEP * max(abs(value), 1.0)}


def _lone(court: Court, body: str, points: Sequence[Point]) -> list[bool | None]:
    """Whether each point stands alone; None where a call fails."""
    rows = [row for p in points for row in (p.left, dict(p.case.kwargs), p.right)]
    ran = iter(court.rows(body, rows))
    return [_stands_alone(*three) for three in zip(ran, ran, ran, strict=True)]


def _stands_alone(left: Ran, at: Ran, right: Ran) -> bool | None:
    if not (left.ok and at.ok and right.ok):
        return None
    return _near(left.value, right.value) and not (
        _near(left.value, at.value) or _near(at.value, right.value)
    )


def _near(a: Any, b: Any) -> bool:
    """Within a thousandth, as a continuous function must be after such a step."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_near(a[name], b[name]) for name in a)
    if isinstance(a, float) and isinstance(b, float):
        return isclose(a, b, rel_tol=_JUMP, abs_tol=_JUMP)
    return repr(a) == repr(b)


def _outputs(case: Case) -> dict[str, Any]:
    return {} if case.expected is UNKNOWN else dict(case.expected)
