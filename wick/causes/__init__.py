"""What a failure may be, and what a rule may look at to say so.

A rule is a small function of a trigger and its context that says what it is, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.contract import Contract
from wick.triggers import Replay, Trigger

if TYPE_CHECKING:
    from core.drift import Drift
    from core.store.reflections import InputStats

DATA, OUTAGE, RESOURCE, MODULE, UNKNOWN = "data outage resource module unknown".split()
SECONDS = 5.0  # within which failures of several modules are one event
TOGETHER = 3  # modules
SHOWN = 5  # findings


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a failure is: a kind, its cause in words, what shows it, what to do.

    `remedy` is for a person. `retry_after` is in seconds; None where waiting changes
    nothing.
    """

    kind: str
    cause: str
    evidence: tuple[str, ...] = ()
    remedy: str = ""
    retry_after: float | None = None

    @property
    def repairable(self) -> bool:
        """Whether there is anything in the module to repair."""
        return self.kind == MODULE


@dataclass(frozen=True)
class Context:
    """What is known beside the trigger itself; leave out what is not known.

    `others` are triggers of the same minutes. `history` and `drifts` are of the numeric
    inputs, `recent` inputs of calls that went well. `interval` is seconds a bar, in a
    live run only. `store_fault` says why database, Redis or disk cannot be used now;
    `free_memory` is the machine's, 0 to 1.
    """

    contract: Contract | None = None
    replay: Replay | None = None
    others: Sequence[Trigger] = ()
    history: Mapping[str, InputStats] = field(default_factory=dict)
    drifts: Sequence[Drift] = ()
    recent: Sequence[Mapping[str, Any]] = ()
    interval: float | None = None
    store_fault: str = ""
    free_memory: float | None = None


Rule = Callable[[Trigger, Context], Diagnosis | None]


def at_once(trigger: Trigger, others: Iterable[Trigger]) -> list[str]:
    """The modules that failed within seconds of this one, it included; [] if too few."""
    near = {
        other.module
        for other in others
        if abs(other.last_at - trigger.last_at) <= SECONDS * 1e9
    } | {trigger.module}
    return sorted(near) if len(near) >= TOGETHER else []


def promised(trigger: Trigger) -> bool:
    """Whether its inputs are a spec's or a person's own, and so beyond doubt."""
    return any(one.expected is not None for one in trigger.evidence)


def few(found: Iterable[str]) -> tuple[str, ...]:
    """The first findings, each once."""
    return tuple(dict.fromkeys(found))[:SHOWN]
