"""What Wick says while it works: one record an event, for a table or a line of JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "watching",
    "defect",
    "diagnosis",
    "rung",
    "verdict",
    "swapped",
    "waiting",
    "probation",
    "idle",
]


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened: to which module, to which defect, in words and as data."""

    kind: Kind
    text: str
    module: str = ""
    defect: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[[Told], None]

LIFT = "`asza quarantine MODULE --lift` lets it run, and be repaired, again"
