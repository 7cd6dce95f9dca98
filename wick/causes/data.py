"""Rules about the values a module was given: broken data is not repaired in a body."""

from __future__ import annotations

from collections.abc import Sequence

from core.contract import compile_contract
from wick.causes import DATA, Context, Diagnosis, few, promised, values
from wick.signature import ASSUMPTION, DRIFT, INPUTS
from wick.triggers import Trigger

WAIT = 60.0
_LOOK = (
    "look at what makes these inputs; if such values are right, put one into the "
    "spec's examples, and a module that fails on it is repaired"
)


def names_or_types_changed(trigger: Trigger, context: Context) -> Diagnosis | None:
    """Schema drift: whoever makes the inputs makes other ones now."""
    if trigger.signature.kind != INPUTS or context.contract is None:
        return None
    found = [
        word
        for one in trigger.evidence
        for word in values.changed_names(context.contract, one.inputs)
    ]
    return _data("its inputs have other names or types now", found)


def values_are_not_finite(trigger: Trigger, _: Context) -> Diagnosis | None:
    """NaN and infinity are what a gap in the data looks like."""
    found = [word for one in trigger.evidence for word in values.not_finite(one.inputs)]
    return _data("its inputs hold NaN or infinity", found)


def values_break_the_contract(trigger: Trigger, _: Context) -> Diagnosis | None:
    """The door was right: such values were never promised to be handled."""
    broken = {INPUTS: "contract at", ASSUMPTION: "assumption"}
    if trigger.signature.kind not in broken:
        return None
    what = f"{broken[trigger.signature.kind]} {trigger.signature.what}"
    return _data(f"its inputs break the {what}", [trigger.remark])


def contract_admits_them_no_more(
    trigger: Trigger, context: Context
) -> Diagnosis | None:
    """The spec has changed since the call."""
    rows = [one.inputs for one in trigger.evidence]
    if context.contract is None or not rows:
        return None
    doors = compile_contract(context.contract)
    if any(doors.inputs_valid(r) and doors.broken_assumption(r) is None for r in rows):
        return None
    return _data("today's contract does not admit these inputs", [trigger.remark])


def values_are_stale(trigger: Trigger, context: Context) -> Diagnosis | None:
    """Live, an old bar is no bar."""
    if context.interval is None or promised(trigger):
        return None
    rows = [one.inputs for one in trigger.evidence]
    found = values.late(rows, trigger.first_at / 1e9, context.interval)
    return _data("its inputs are stale", found)


def series_stand_still(trigger: Trigger, context: Context) -> Diagnosis | None:
    """A feed that hangs gives the last value for ever."""
    if promised(trigger):
        return None
    rows = [one.inputs for one in trigger.evidence]
    found = values.frozen(rows, context.recent)
    return _data("a series that used to move stands still", found)


def values_are_far_out(trigger: Trigger, context: Context) -> Diagnosis | None:
    """A bad tick, or another unit: valid by its schema, and like nothing before."""
    if promised(trigger):
        return None
    rows = [one.inputs for one in trigger.evidence]
    # What went well comes first: the history may hold the very value in question.
    enough = len(context.recent) >= values.LEAST_SEEN
    recent = values.usual(context.recent) if enough else {}
    found = values.far_out(rows, {**context.history, **recent})
    return _data("its inputs lie far outside all that was seen before", found)


def inputs_have_drifted(trigger: Trigger, context: Context) -> Diagnosis | None:
    """More failures, or slower calls, on inputs that are not what they were."""
    if trigger.signature.kind != DRIFT:
        return None
    return _data("its inputs have moved", [each.words for each in context.drifts])


def _data(cause: str, found: Sequence[str]) -> Diagnosis | None:
    return Diagnosis(DATA, cause, few(found), _LOOK, WAIT) if found else None
