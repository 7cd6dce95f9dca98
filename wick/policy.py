"""When a proven repair may run: at once on probation, or when a person says yes.

A module that has failed is answered by its fallback now, so a proven repair can only
help: it is swapped at once and taken back if it fails. Beside a version that still
works it runs in the shadow, and what differed there is shown to a person. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wick.clones import LAST_GOOD
from wick.verdict import AMBIGUOUS, NONE

if TYPE_CHECKING:
    from wick.safety import Safety
    from wick.shadow import Shadowed
    from wick.verdict import Verdict

Action = Literal["swap_probation", "shadow", "ask_person", "refuse"]
SWAP: Final = "swap_probation"
SHADOW: Final = "shadow"
ASK_PERSON: Final = "ask_person"
REFUSE: Final = "refuse"
Step = Literal["keep", "revert", "wait", "ask_person", "refuse"]
KEEP: Final = "keep"
REVERT: Final = "revert"
WAIT: Final = "wait"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each step lasts, in calls.

    `reverts`: after so many repairs of one defect that were taken back, a person is
    asked.
    """

    probation_calls: int = 200
    shadow_calls: int = 500
    reverts: int = 2


LIMITS = Limits()


class History(NamedTuple):
    """What became of earlier repairs of this very defect."""

    reverted: int = 0


class Decision(NamedTuple):
    """What happens with a verdict, and why; `calls` is how long the step lasts."""

    action: Action
    why: str
    calls: int = 0


class Next(NamedTuple):
    """How a step goes on, and why."""

    action: Step
    why: str


class Stats(NamedTuple):
    """What a version on probation has lived through since it began.

    `same` of its `failures` bear the signature the repair was for.
    """

    calls: int
    failures: int = 0
    same: int = 0


def decide(
    verdict: Verdict,
    safety: Safety,
    *,
    failed: bool,
    reach_known: bool = True,
    history: History | None = None,
    limits: Limits = LIMITS,
) -> Decision:
    """What may happen with a verdict. `failed`: the live version failed, not just drifts.

    `reach_known` says whether its effect downstream could be replayed; a module whose
    safety counts needs that. A version that was promoted once comes back without a
    person.
    """
    if verdict.kind == NONE:
        return Decision(REFUSE, verdict.why)
    if verdict.kind == AMBIGUOUS:
        return Decision(ASK_PERSON, f"survivors disagree: {verdict.why}")
    if verdict.certificate is None or not verdict.certificate.passed:
        return Decision(REFUSE, "it has no certificate of the gate")
    restored = verdict.rung == LAST_GOOD
    why = _unsafe(verdict, safety, reach_known) or _too_often(history, limits)
    if why and not restored:
        return Decision(ASK_PERSON, why, limits.probation_calls)
    if not failed:
        return Decision(SHADOW, "the live version still works", limits.shadow_calls)
    told = "a version that ran before comes back" if restored else "the module failed"
    return Decision(SWAP, f"{told}; on probation", limits.probation_calls)


def _unsafe(verdict: Verdict, safety: Safety, reach_known: bool) -> str:
    """Why the proof will not do without a person; "" when it will."""
    if verdict.needs_person:
        return verdict.needs_person
    if safety.guarded and not safety.safe:
        return safety.why
    if safety.guarded and not reach_known:
        return "what it would change downstream could not be replayed"
    return ""


def _too_often(history: History | None, limits: Limits) -> str:
    reverted = history.reverted if history else 0
    if reverted < limits.reverts:
        return ""
    return f"{reverted} repairs of this defect were taken back"


def after(stats: Stats, needed: int) -> Next:
    """Keep, take back or wait: of a probation of `needed` calls, one failure ends it."""
    if stats.same:
        return Next(REVERT, "the failure it was to repair came again")
    if stats.failures:
        return Next(REVERT, f"{stats.failures} of {stats.calls} calls failed")
    if stats.calls >= needed:
        return Next(KEEP, f"{stats.calls} calls without a new failure")
    return Next(WAIT, f"{stats.calls} of {needed} calls")


def after_shadow(found: Shadowed, limits: Limits = LIMITS) -> Next:
    """From the shadow to a person, who is told what differed; or to an end."""
    if found.broken:
        why = f"it fails on {found.broken} calls that the live version answers"
        return Next(REFUSE, why)
    if found.compared < limits.shadow_calls:
        return Next(WAIT, f"{found.compared} of {limits.shadow_calls} calls compared")
    return Next(ASK_PERSON, f"{found.changed} of {found.compared} results differ")
