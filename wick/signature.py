"""What a failure looks like, so that a storm of the same is one defect.

A signature says the kind of failure, the error or rule or field it was about, and for
an exception the line of the body. Values are no part of it: they change with each call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.calls import as_call
from core.contract import Doors
from core.outcome import Outcome
from core.records import Reflection

EXCEPTION, OUTPUT, INVARIANT = "exception", "output", "invariant"
INPUTS, ASSUMPTION, CAPABILITY = "inputs", "assumption", "capability"
TIMEOUT, MEMORY, CRASH = "timeout", "memory", "crash"
DOWNSTREAM, RECORDING, EXAMPLE, DRIFT = "downstream", "recording", "example", "drift"
KINDS = (
    *(EXCEPTION, OUTPUT, INVARIANT, INPUTS, ASSUMPTION, CAPABILITY),
    *(TIMEOUT, MEMORY, CRASH, DOWNSTREAM, RECORDING, EXAMPLE, DRIFT),
)
STOPS = frozenset({TIMEOUT, MEMORY, CRASH})  # the run was ended from outside
WHOLE = "whole"  # the values as a whole break their schema, not one field

_DOORS = {
    "InputsInvalid": INPUTS,
    "AssumptionBroken": ASSUMPTION,
    "OutputsInvalid": OUTPUT,
    "InvariantBroken": INVARIANT,
}
_STOPPED = {"TimeoutError": TIMEOUT, "MemoryError": MEMORY, "WorkerCrashed": CRASH}
_LINE = re.compile(r" \(line (\d+)\)$")
_TEXT = re.compile(r"exception (\w+) line (\d+)", re.ASCII)
_PLACE = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Signature:
    """`what` is an error's type, a rule or a field; `line` is an exception's own."""

    kind: str
    what: str = ""
    line: int | None = None

    def __str__(self) -> str:
        """Stable words such as `exception ZeroDivisionError line 3`."""
        at = f" line {self.line}" if self.line is not None else ""
        return f"{self.kind} {self.what}".rstrip() + at


def read_signature(text: str) -> Signature:
    """The signature that `str` wrote."""
    if found := _TEXT.fullmatch(text):
        return Signature(EXCEPTION, found[1], int(found[2]))
    kind, _, what = text.partition(" ")
    return Signature(kind, what)


def signature_of(failed: Reflection) -> Signature:
    """The signature of a failed call, from its remark and its capability calls."""
    return signature_of_remark(failed.remark, failed.calls)


def signature_of_remark(remark: str, calls: Sequence[Any] = ()) -> Signature:
    """The same from the words that core/wrapper.py leaves behind."""
    error, _, message = remark.partition(": ")
    if door := _DOORS.get(error):
        return _at_the_door(door, message)
    if error == "RuntimeError" and (name := _failed_capability(calls)):
        return Signature(CAPABILITY, name)
    line = _LINE.search(remark)
    return _raised(error.rstrip(":"), int(line[1]) if line else None)


def signature_of_outcome(
    doors: Doors, inputs: Mapping[str, Any], outcome: Outcome
) -> Signature | None:
    """How a sandboxed run on valid inputs failed, in the same terms; None when well."""
    if not outcome.ok:
        if outcome.injected:
            return Signature(CAPABILITY, outcome.calls[-1].name)
        return _raised(outcome.error, outcome.line)
    if not doors.outputs_valid(outcome.outputs):
        broken = doors.explain_outputs(outcome.outputs)
        return Signature(OUTPUT, _field(broken.field if broken else ""))
    rule = doors.broken_invariant(inputs, outcome.outputs)
    return Signature(INVARIANT, rule) if rule is not None else None


def alike(a: Signature, b: Signature) -> bool:
    """Whether two are the same fault, where one of them may not know its line."""
    same_line = a.line == b.line or None in (a.line, b.line)
    return (a.kind, a.what) == (b.kind, b.what) and same_line


def _raised(error: str, line: int | None) -> Signature:
    """Where a run was stopped depends on the machine, so only exceptions have a line."""
    stopped = _STOPPED.get(error)
    return Signature(stopped) if stopped else Signature(EXCEPTION, error, line)


def _at_the_door(door: str, message: str) -> Signature:
    if door in (ASSUMPTION, INVARIANT):
        return Signature(door, message.partition(" does not hold with ")[0])
    field, told, _ = message.partition(" is ")
    return Signature(door, _field(field) if told else WHOLE)


def _field(path: str) -> str:
    """`candles.close` for `candles[3].close`: the place differs from call to call."""
    return _PLACE.sub("", path) or WHOLE


def _failed_capability(calls: Sequence[Any]) -> str:
    last = as_call(calls[-1]) if calls else None
    return last.name if last and last.error else ""
