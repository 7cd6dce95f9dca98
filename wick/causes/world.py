"""Rules about what lies outside every module: machine, store, providers, exchange."""

from __future__ import annotations

import re

from wick.causes import OUTAGE, RESOURCE, Context, Diagnosis, at_once, promised
from wick.signature import CAPABILITY, DOWNSTREAM, STOPS
from wick.triggers import Trigger

LITTLE = 0.03  # of the machine's memory
WAIT = 60.0
_AGAIN = re.compile(r"(?:retry|again)\D{0,20}?(\d+(?:\.\d+)?) ?s", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TROUBLE = re.compile(
    r"rate.?limit|overloaded|unavailable|unreachable|offline|time[d ]*.?out|connection"
    r"|maintenance|EService|EAPI|NetworkError|ExchangeNotAvailable|DDoSProtection",
    re.IGNORECASE,
)


def store_cannot_be_used(_: Trigger, context: Context) -> Diagnosis | None:
    """While the database or the disk is gone, nothing that fails proves anything."""
    if not context.store_fault:
        return None
    return Diagnosis(
        RESOURCE,
        "the database, Redis or the disk cannot be used",
        (context.store_fault,),
        "`asza doctor` says what is wrong with them",
        30.0,
    )


def machine_is_out_of_memory(trigger: Trigger, context: Context) -> Diagnosis | None:
    """A worker that is killed for want of memory says nothing about its body."""
    free = context.free_memory
    if trigger.signature.kind not in STOPS or free is None or free >= LITTLE:
        return None
    return Diagnosis(
        RESOURCE,
        "the machine is out of memory",
        (f"{free:.1%} of its memory is free", trigger.remark),
        "end what else runs here, or give the machine more",
        WAIT,
    )


def workers_die_together(trigger: Trigger, context: Context) -> Diagnosis | None:
    """Bodies do not know of each other: stopped at once, they lacked the same thing."""
    if trigger.signature.kind not in STOPS:
        return None
    modules = at_once(trigger, [o for o in context.others if o.signature.kind in STOPS])
    if not modules:
        return None
    return Diagnosis(
        RESOURCE,
        "the workers of many modules were stopped at once",
        (", ".join(modules), trigger.remark),
        "the machine is overloaded: look at its memory and its load",
        WAIT,
    )


def capability_did_not_answer(trigger: Trigger, _: Context) -> Diagnosis | None:
    """A body cannot catch this, and is not meant to."""
    if trigger.signature.kind != CAPABILITY:
        return None
    return Diagnosis(
        OUTAGE,
        f"the capability {trigger.signature.what} gave no usable answer",
        (trigger.remark,),
        "wait for its provider; `asza doctor` shows what is set up",
        _asked_to_wait(trigger),
    )


def exchange_had_trouble(trigger: Trigger, _: Context) -> Diagnosis | None:
    """An intent that was refused for reasons that no module made."""
    found = _TROUBLE.search(trigger.remark)
    if trigger.signature.kind != DOWNSTREAM or not found:
        return None
    return Diagnosis(
        OUTAGE,
        "the exchange could not take the order",
        (f"'{found[0]}' in: {trigger.remark}",),
        "wait for the exchange; nothing is sent again blindly",
        _asked_to_wait(trigger),
    )


def many_fail_alike_at_once(trigger: Trigger, context: Context) -> Diagnosis | None:
    """Several modules do not break in the same seconds, in the same words, by chance."""
    said = _NUMBER.sub("#", trigger.remark)
    alike = [o for o in context.others if _NUMBER.sub("#", o.remark) == said]
    modules = [] if promised(trigger) else at_once(trigger, alike)
    if not modules:
        return None
    return Diagnosis(
        OUTAGE,
        "many modules fail at once in the same way: what they share is broken",
        (", ".join(modules), trigger.remark),
        "look at what feeds them all",
        WAIT,
    )


def all_became_slow(trigger: Trigger, context: Context) -> Diagnosis | None:
    """A module that is slower alone has a reason of its own; all together have none."""
    slow = [o for o in context.others if o.signature == trigger.signature]
    modules = at_once(trigger, slow)
    if str(trigger.signature) != "drift latency" or not modules:
        return None
    return Diagnosis(
        RESOURCE,
        "many modules became slow at once",
        (", ".join(modules), trigger.remark),
        "the machine is busy: look at its load",
        WAIT,
    )


def _asked_to_wait(trigger: Trigger) -> float:
    """The seconds that a refusal names, else a minute."""
    found = _AGAIN.search(trigger.remark)
    return float(found[1]) if found else WAIT
