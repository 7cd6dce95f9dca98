"""What a check found: where, why, and what to do about it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["refusal", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a body. A `refusal` stops the gate, a `note` does not.

    `line` counts from 1 inside the canonical body; `counterexample` is the smallest
    inputs (with `capability_calls`, where they matter) that show the fault.
    """

    check: str
    message: str
    remedy: str
    line: int | None = None
    counterexample: Mapping[str, Any] | None = None
    severity: Severity = "refusal"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        at = f"line {self.line}: " if self.line else ""
        return f"{self.check}: {at}{self.message} ({self.remedy})"


def finding_from_dict(data: Mapping[str, Any]) -> Finding:
    return Finding(**data)
