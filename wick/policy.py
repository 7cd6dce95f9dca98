"""When a proven repair may run: at once on probation, in the shadow first, or if told.

A module that has failed is answered by its fallback now, so a proven repair can only
help: it is swapped at once and taken back if it fails. A version that still works is
replaced by steps: it runs in the shadow, then for one symbol, then for all. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wick.clones import LAST_GOOD
from wick.verdict import AMBIGUOUS, NONE

if TYPE_CHECKING:
    from wick.safety import Safety
    from wick.shadow import Shadowed
    from wick.verdict import Verdict

Action = Literal["swap_probation", "shadow", "canary", "ask_person", "refuse"]
SWAP: Final = "swap_probation"
SHADOW: Final = "shadow"
CANARY: Final = "canary"
ASK_PERSON: Final = "ask_person"
REFUSE: Final = "refuse"
Step = Literal[
    "keep", "revert", "wait", "canary", "swap_probation", "ask_person", "refuse"
]
KEEP: Final = "keep"
REVERT: Final = "revert"
WAIT: Final = "wait"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each step lasts, in calls, and what ends it.

    `reverts`: after so many repairs of one defect that were taken back, a person is
    asked. `worse`: how many times the failure rate before a swap ends a probation,
    `slower` how many times the time a call took; `differs`: the share of results that
    may differ in the shadow without a person.
    """

    probation_calls: int = 200
    shadow_calls: int = 500
    canary_calls: int = 200
    reverts: int = 2
    worse: float = 1.0
    differs: float = 0.05
    slower: float = 3.0


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
    """What a version on probation, or in a canary, has lived through since it began.

    `same` failures bear the signature the repair was for; `refused` are its intents
    that were refused downstream. `rate_before` is the share of calls that failed
    before the swap, `times_as_long` its calls' time over what they took before.
    """

    calls: int
    failures: int = 0
    same: int = 0
    refused: int = 0
    rate_before: float = 0.0
    times_as_long: float = 1.0


def decide(
    verdict: Verdict,
    safety: Safety,
    *,
    failed: bool,
    quarantined: bool = False,
    history: History | None = None,
    limits: Limits = LIMITS,
) -> Decision:
    """What may happen with a verdict. `failed`: the live version failed, not just drifts.

    `quarantined` says that this very body was refuted before. A version that was
    promoted once comes back without a person.
    """
    if quarantined:
        return Decision(REFUSE, "this very body is in quarantine")
    if verdict.kind == NONE:
        return Decision(REFUSE, verdict.why)
    if verdict.kind == AMBIGUOUS:
        return Decision(ASK_PERSON, f"survivors disagree: {verdict.why}")
    if verdict.certificate is None or not verdict.certificate.passed:
        return Decision(REFUSE, "it has no certificate of the gate")
    restored = verdict.rung == LAST_GOOD
    why = "" if restored else _person(verdict, safety, history or History(), limits)
    if why:
        return Decision(ASK_PERSON, why, limits.probation_calls)
    if not failed:
        return Decision(SHADOW, "the live version still works", limits.shadow_calls)
    told = "a version that ran before comes back" if restored else "the module failed"
    return Decision(SWAP, f"{told}; on probation", limits.probation_calls)


def _person(verdict: Verdict, safety: Safety, history: History, limits: Limits) -> str:
    """Why somebody has to say yes; "" when nobody has."""
    if verdict.needs_person:
        return verdict.needs_person
    if safety.guarded and not safety.safe:
        return safety.why
    if history.reverted >= limits.reverts:
        return f"{history.reverted} repairs of this defect were taken back"
    return ""


def after_probation(calls: int, failures: int, needed: int) -> Next:
    """How a probation goes on, from counts alone: a repair must not fail at all."""
    return after(Stats(calls, failures), needed)


def after(stats: Stats, needed: int, limits: Limits = LIMITS) -> Next:
    """Keep, take back or wait: of a probation of `needed` calls.

    What it was to repair must never come again; other failures not oftener than
    before, which is never where it never failed.
    """
    if why := _failing(stats, limits):
        return Next(REVERT, why)
    if stats.calls >= needed:
        return Next(KEEP, f"{stats.calls} calls without a new failure")
    return Next(WAIT, f"{stats.calls} of {needed} calls")


def _failing(stats: Stats, limits: Limits) -> str:
    if stats.same:
        return "the failure it was to repair came again"
    if stats.refused:
        return f"{stats.refused} of its intents were refused downstream"
    if stats.failures > limits.worse * stats.rate_before * stats.calls:
        return f"{stats.failures} of {stats.calls} calls failed"
    if stats.times_as_long > limits.slower:
        return f"its calls take {stats.times_as_long:.1f} times as long"
    return ""


def after_shadow(found: Shadowed, limits: Limits = LIMITS) -> Next:
    """From the shadow to the canary: enough compared, nothing worse, little different."""
    if found.broken:
        why = f"it fails on {found.broken} calls that the live version answers"
        return Next(REFUSE, why)
    if found.compared < limits.shadow_calls:
        return Next(WAIT, f"{found.compared} of {limits.shadow_calls} calls compared")
    if found.changed > limits.differs * found.compared:
        why = f"{found.changed} of {found.compared} results differ: more than foreseen"
        return Next(ASK_PERSON, why)
    return Next(CANARY, f"{found.changed} of {found.compared} results differ")


def after_canary(stats: Stats, limits: Limits = LIMITS) -> Next:
    """From one symbol to all, or back."""
    found = after(stats, limits.canary_calls, limits)
    return Next(SWAP, found.why) if found.action == KEEP else found


def canary_symbol(symbols: Sequence[str], exposure: Mapping[str, float]) -> str:
    """The one symbol that comes first: where least is at stake, then by name.

    ValueError without symbols: then there is nothing to begin with.
    """
    if not symbols:
        raise ValueError("a canary needs a symbol")
    return min(symbols, key=lambda symbol: (abs(exposure.get(symbol, 0.0)), symbol))
