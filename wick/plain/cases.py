"""The cases file: what a function is given, and what must come of it.

A JSON list of `{"in": […] or {…}, "out": …}`; `"raises": "ValueError"` instead of `out`
where it must raise, and `"after": {…}` for arguments that it changes.
"""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import DataError, NotFound
from core.gate.compare import shortened
from wick.plain.signature import Signature
from wick.subject import UNKNOWN, Case

MOST_CASES = 2_000
_KEYS = ("in", "out", "raises", "after")
_FORM = '{"in": [1, 2], "out": 3}'


def read_cases(place: str, signature: Signature) -> tuple[Case, ...]:
    """The cases of a file (`-`: stdin), each bound to the function's parameters.

    NotFound where there is no file; DataError naming case, field and value, or the two
    cases that contradict each other.
    """
    rows = _rows(_text(place), place)
    cases = tuple(_case(n, row, signature, place) for n, row in enumerate(rows))
    _refuse_contradiction(cases, place)
    return cases


def _text(place: str) -> str:
    if place == "-":
        return sys.stdin.read()
    try:
        return Path(place).read_bytes().decode("utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFound(
            f"there is no file {place}",
            field="cases",
            value=place,
            remedy=f"write one: a JSON list of {_FORM}, or give - for stdin",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(place, f"it cannot be read: {error}", "cases", place) from error


def _rows(text: str, place: str) -> list[Any]:
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            f"it is no JSON: {error.msg}",
            where=f"{place}:{error.lineno}:{error.colno}",
            field="cases",
            value=text[max(0, error.pos - 20) : error.pos + 20],
            remedy=f"write a JSON list of {_FORM}; null, true and false as JSON has them",
        ) from error
    except (RecursionError, ValueError) as error:
        raise _bad(place, f"it is no JSON: {error}", "cases", None) from error
    if not isinstance(rows, list) or not rows:
        raise _bad(place, "it is no list of cases", "cases", shortened(rows))
    if len(rows) > MOST_CASES:
        raise _bad(
            place,
            f"it has {len(rows)} cases, more than {MOST_CASES}",
            "cases",
            len(rows),
            "keep those that differ in kind",
        )
    return rows


def _case(number: int, row: Any, signature: Signature, place: str) -> Case:
    at = f"cases[{number}]"
    if not isinstance(row, dict):
        raise _bad(place, f"{at} is no object", at, row)
    unknown = [key for key in row if key not in _KEYS]
    if unknown:
        raise _bad(
            place,
            f"{at} has a key nobody knows: {unknown[0]!r}",
            f"{at}.{unknown[0]}",
            row[unknown[0]],
            f"the keys are {', '.join(_KEYS)}",
        )
    args, kwargs = _given(at, row, signature, place)
    return Case(
        args,
        kwargs,
        expected=row.get("out", UNKNOWN),
        raises=_raises(at, row, place),
        after=_after(at, row, signature, place),
        label=at,
    )


def _given(
    at: str, row: Mapping[str, Any], signature: Signature, place: str
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if "in" not in row:
        raise _bad(place, f"{at} says no inputs", f"{at}.in", None)
    given = row["in"]
    if not isinstance(given, list | dict):
        raise _bad(
            place,
            f"{at}.in is neither a list nor an object",
            f"{at}.in",
            given,
            f"write the arguments as a list: [{shortened(json.dumps(given), 60)}]",
        )
    args, kwargs = (given, {}) if isinstance(given, list) else ([], given)
    if isinstance(given, dict):  # a positional-only parameter may be named here
        only = [n for n in signature.positional_only if n in given]
        args = [given[name] for name in only]
        kwargs = {name: value for name, value in given.items() if name not in only}
    if why := signature.misfit(args, kwargs):
        raise _bad(
            place,
            f"{at}.in does not fit the function: {why}",
            f"{at}.in",
            given,
            f"its parameters are {signature.told}; a list gives them in this order "
            "(one that is itself a list stands in a second pair of brackets)",
        )
    return signature.bound(args, kwargs)


def _raises(at: str, row: Mapping[str, Any], place: str) -> str:
    if "raises" not in row:
        if "out" not in row and "after" not in row:
            raise _bad(place, f"{at} does not say what must come of it", at, row)
        return ""
    name = row["raises"]
    if not isinstance(name, str) or not name.isidentifier():
        raise _bad(
            place,
            f"{at}.raises names no exception",
            f"{at}.raises",
            name,
            'give its name alone, as "ValueError"',
        )
    if "out" in row:
        raise _bad(
            place,
            f"{at} says both out and raises",
            f"{at}.out",
            row["out"],
            "a call either returns or raises: keep one of them",
        )
    return name


def _after(
    at: str, row: Mapping[str, Any], signature: Signature, place: str
) -> Mapping[str, Any] | None:
    after = row.get("after")
    if after is None:
        return None
    unknown = [n for n in after if n not in signature.named] if after else []
    if not isinstance(after, dict) or unknown:
        raise _bad(
            place,
            f"{at}.after is no object of parameters",
            f"{at}.after",
            after,
            f"write what an argument must be afterwards, by name: {signature.told}",
        )
    return after


def _refuse_contradiction(cases: Sequence[Case], place: str) -> None:
    seen: dict[str, Case] = {}
    for case in cases:
        earlier = seen.setdefault(_inputs(case), case)
        if _contradicts(earlier, case):
            raise DataError(
                f"{earlier.label} and {case.label} contradict each other: for "
                f"{told_inputs(case)} one says {told_wish(earlier)}, "
                f"the other {told_wish(case)}",
                where=place,
                field=case.label,
                value=told_inputs(case),
                remedy="keep the one that is right",
            )


def _inputs(case: Case) -> str:
    return json.dumps([case.args, case.kwargs], sort_keys=True)


def _contradicts(a: Case, b: Case) -> bool:
    ends = {case.raises for case in (a, b) if case.raises}
    returns = any(case.expected is not UNKNOWN for case in (a, b))
    if len(ends) > 1 or (ends and returns):
        return True
    both = UNKNOWN not in (a.expected, b.expected)
    if both and _json(a.expected) != _json(b.expected):
        return True
    shared = (a.after or {}).keys() & (b.after or {}).keys()
    return any(_json((a.after or {})[n]) != _json((b.after or {})[n]) for n in shared)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def told_inputs(case: Case) -> str:
    """The inputs in a few words."""
    named = [f"{name}={value!r}" for name, value in case.kwargs.items()]
    return shortened(", ".join([*map(repr, case.args), *named]))


def told_wish(case: Case) -> str:
    """What a case wants, in a few words."""
    if case.raises:
        return f"raises {case.raises}"
    if case.expected is not UNKNOWN:
        return shortened(repr(case.expected))
    return f"after {shortened(dict(case.after or {}))}"


def _bad(
    place: str, message: str, field: str, value: Any, remedy: str = ""
) -> DataError:
    return DataError(
        message,
        where=place,
        field=field,
        value=value,
        remedy=remedy or f"write each case as {_FORM}; docs/repair.md has the keys",
    )


def refuse_strange_errors(cases: Sequence[Case], text: str) -> None:
    """DataError for a `raises` that neither Python nor the file knows: a slip of the pen."""
    for number, case in enumerate(cases, 1):
        name = case.raises
        if name and not hasattr(builtins, name) and name not in text:
            raise DataError(
                f"case {number} raises {name}, which neither Python nor the file knows",
                field=f"cases[{number - 1}].raises",
                value=name,
                remedy="write the exception's name as Python has it, such as ValueError",
            )
