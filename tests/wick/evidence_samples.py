"""Recordings that tests of proving repairs share: made as the store would make them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.records import OK, Reflection
from core.store import Recording, as_recording


def recording(
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None,
    *,
    module: str = "t.leverage_manager",
    version: int = 1,
    kind: str = "observed",
    outcome: str = OK,
    at: int = 1,
    run: str = "run",
    calls: tuple[Any, ...] = (),
) -> Recording:
    remark = "" if outcome == OK else "ValueError: x"
    values = (at, run, module, version, at, 10, inputs, outputs, calls, outcome, remark)
    kept = as_recording(Reflection(*values), kind)
    return replace(kept, id=at)


def leverage_of(confidence: float, volatility: float, most: float) -> float:
    """What the sample leverage manager should give."""
    if confidence <= 0.5:
        return 1.0
    raw = 1 + (confidence - 0.5) * 2 * (most - 1) / (1 + 10 * volatility)
    return min(most, max(1.0, raw))


def lived(number: int, **changes: Any) -> Recording:
    """The `number`th call of a right leverage manager."""
    inputs = {
        "confidence": (37 * number % 100) / 100,
        "volatility": (13 * number % 10) / 10,
        "max_leverage": 1.0 + number % 7,
    }
    outputs = {"leverage": leverage_of(*inputs.values())}
    return recording(inputs, outputs, at=number, **changes)
