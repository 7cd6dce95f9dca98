"""Calls and what came of them in words, and as lines for the cases file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any

from core.gate.compare import shortened
from wick.plain.cases import told_inputs, told_wish
from wick.plain.signature import Signature
from wick.subject import Case, Ran


def told_result(ran: Ran) -> str:
    """What came of a call, in a few words."""
    if ran.crashed:
        return f"is stopped: {ran.message or ran.error}"
    if not ran.ok:
        said = f": {shortened(ran.message)}" if ran.message else ""
        return f"raises {ran.error}{said}"
    after = f", after {shortened(dict(ran.after))}" if ran.after else ""
    return f"{shortened(repr(ran.value))}{after}"


def told_case(name: str, case: Case, ran: Ran) -> str:
    """`f(1, 2) must give 3, and gives 4`."""
    wish = told_wish(case).replace("raises ", "raise ")
    verb = "" if case.raises else "give "
    return f"{name}({told_inputs(case)}) must {verb}{wish}; now: {told_result(ran)}"


def case_line(case: Case, ran: Ran, signature: Signature) -> str:
    """The call with this outcome, ready to stand in the cases file; "" if JSON cannot."""
    row: dict[str, Any] = {"in": _inputs(case, signature)}
    if ran.crashed:
        return ""
    if ran.ok:
        row["out"] = as_json(ran.value)
        if case.after is not None:
            row["after"] = as_json(dict(ran.after or {}))
    else:
        row["raises"] = ran.error
    try:
        return json.dumps(row)
    except (TypeError, ValueError):
        return ""


def _inputs(case: Case, signature: Signature) -> Any:
    if not case.kwargs:
        return list(case.args)
    places = signature.positional_only + signature.positional
    return {**dict(zip(places, case.args, strict=False)), **case.kwargs}


def as_json(value: Any) -> Any:
    """A value as JSON says it: tuples and sets are lists, keys are texts."""
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, Set):
        return sorted(map(as_json, value), key=repr)
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    return value
