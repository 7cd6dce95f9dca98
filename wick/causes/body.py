"""Rules about the module itself: it is at fault where valid inputs fail each time."""

from __future__ import annotations

from wick.causes import MODULE, RESOURCE, UNKNOWN, Context, Diagnosis, promised
from wick.signature import (
    CRASH,
    DOWNSTREAM,
    EXCEPTION,
    INVARIANT,
    MEMORY,
    OUTPUT,
    STOPS,
    TIMEOUT,
)
from wick.triggers import Trigger

_SAID = {
    EXCEPTION: "it raises {what} on inputs that its contract admits",
    OUTPUT: "its output breaks the contract at {what}",
    INVARIANT: "it breaks the invariant {what}",
    TIMEOUT: "it does not end in the time it has",
    MEMORY: "it needs more memory than it may have",
    CRASH: "it takes its worker with it",
}


def promise_is_broken(trigger: Trigger, _: Context) -> Diagnosis | None:
    """The inputs are beyond doubt, and the check has run it just now."""
    if not promised(trigger):
        return None
    return Diagnosis(
        MODULE,
        f"it no longer gives what was promised ({trigger.signature})",
        (trigger.remark,),
        "if the promise is wrong, change the example or withdraw the approval",
    )


def its_output_was_refused(trigger: Trigger, _: Context) -> Diagnosis | None:
    """What made the value that was refused is at fault, not what refused it."""
    if trigger.signature.kind != DOWNSTREAM:
        return None
    return Diagnosis(
        MODULE,
        f"its output was refused downstream: {trigger.signature.what}",
        (trigger.remark, f"{trigger.count} times"),
        "if the limit is new, put it into the spec as an invariant",
    )


def fails_each_time(trigger: Trigger, context: Context) -> Diagnosis | None:
    """Valid inputs, and the same failure at every replay: the body is wrong."""
    replay, said = context.replay, _SAID.get(trigger.signature.kind)
    if replay is None or said is None or not replay.failed:
        return None
    return Diagnosis(
        MODULE,
        said.format(what=trigger.signature.what),
        (f"{replay.failed} of {replay.tried} inputs fail at replay", trigger.remark),
        "Wick repairs it; `asza rollback` brings the version before back",
    )


def fails_never_again(trigger: Trigger, context: Context) -> Diagnosis | None:
    """A pure body cannot change its mind: something around it was different."""
    if context.replay is None or not context.replay.tried or context.replay.failed:
        return None
    stopped = trigger.signature.kind in STOPS
    tried, some = context.replay.tried, context.replay.now_and_then
    seen = "fails now and then" if some else "does not fail again"
    return Diagnosis(
        RESOURCE if stopped else UNKNOWN,
        "the machine was busy when it was stopped" if stopped else f"it {seen}",
        (f"at replay of {tried} inputs it {seen}", trigger.remark),
        "watch whether it comes back; there is nothing to repair from",
        60.0,
    )
