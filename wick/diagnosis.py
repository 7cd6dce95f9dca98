"""Whose fault is it: the data's, the world's, the machine's, or the module's.

Rules in order, the first that matches wins, and each names its evidence. Only a fault
of the module is repaired; whatever else it is, a repair would hide it.
"""

from wick.causes import (
    DATA,
    MODULE,
    OUTAGE,
    RESOURCE,
    UNKNOWN,
    Context,
    Diagnosis,
    Rule,
    body,
    data,
    world,
)
from wick.triggers import Trigger

__all__ = [
    "DATA",
    "MODULE",
    "OUTAGE",
    "RESOURCE",
    "RULES",
    "UNKNOWN",
    "Context",
    "Diagnosis",
    "diagnose",
]

RULES: tuple[Rule, ...] = (
    world.store_cannot_be_used,
    world.machine_is_out_of_memory,
    world.workers_die_together,
    world.capability_did_not_answer,
    world.exchange_had_trouble,
    data.names_or_types_changed,
    data.values_are_not_finite,
    data.values_break_the_contract,
    world.all_became_slow,
    world.many_fail_alike_at_once,
    data.inputs_have_drifted,
    data.contract_admits_them_no_more,
    data.values_are_stale,
    data.series_stand_still,
    data.values_are_far_out,
    body.promise_is_broken,
    body.its_output_was_refused,
    body.fails_each_time,
    body.fails_never_again,
)


def diagnose(trigger: Trigger, context: Context) -> Diagnosis:
    """What the first rule that knows this failure says of it; else it is unknown."""
    for rule in RULES:
        if found := rule(trigger, context):
            return found
    return Diagnosis(
        UNKNOWN,
        "no rule knows this failure",
        (trigger.remark,),
        f"look at `asza reflections {trigger.module}`",
    )
