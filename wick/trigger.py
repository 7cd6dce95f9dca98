"""A defect's beginning as plain data: what is wrong with which version, what shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wick.signature import Signature


class Evidence(NamedTuple):
    """One call that shows the defect.

    `calls` are the capabilities' answers; `expected` is what it should have given,
    where that is known (an example, an approved recording), else None.
    """

    inputs: Mapping[str, Any]
    calls: Sequence[Any] = ()
    expected: Mapping[str, Any] | None = None


class CallId(NamedTuple):
    """A call's number is its own only within its run."""

    run_id: str
    call_id: int


class Replay(NamedTuple):
    """How many inputs were tried again, how many failed alike each time or now and then."""

    tried: int
    failed: int
    now_and_then: int = 0


@dataclass(frozen=True, slots=True)
class Trigger:
    """One defect's beginning: what is wrong with which version, and what shows it.

    `remark` says it in words; times are nanoseconds since 1970 UTC, 0 if unknown.
    `call_ids` are those of the first hundred calls of `count`.
    """

    module: str
    version: int
    signature: Signature
    remark: str
    evidence: tuple[Evidence, ...] = ()
    call_ids: tuple[CallId, ...] = ()
    first_at: int = 0
    last_at: int = 0
    count: int = 1

    @property
    def key(self) -> tuple[str, int, str]:
        """What makes it this defect and no other."""
        return self.module, self.version, str(self.signature)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An intent that something downstream refused because of a value in it.

    `intent` are its values by name; `makers` the module that made each, `versions` and
    `call_ids` what ran, by module. `reason` is a fixed word such as `below_minimum`,
    `output` the name of the value at fault ("" where none is), `figures` what was
    compared, such as {"notional": 3.1, "minimum": 10.0}.
    """

    intent: Mapping[str, Any]
    makers: Mapping[str, str]
    versions: Mapping[str, int]
    call_ids: Mapping[str, CallId]
    reason: str
    output: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0

    @property
    def module(self) -> str:
        """The module that made the value at fault; "" when no module did."""
        return self.makers.get(self.output, "")
