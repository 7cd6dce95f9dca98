"""Whether a result is what a case in JSON says: JSON has no tuple, set or other key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from wick.search.judging import ByValue
from wick.subject import UNKNOWN, Case, Ran

_BY_VALUE = ByValue(alike=True)
_SPELLED = {True: "true", False: "false", None: "null"}


@dataclass(frozen=True, slots=True)
class AsJson:
    """Right where the result, said in JSON, is what the case says.

    A list stands for a tuple, and for a set in any order; a text key for a key that is
    a number. Else as `ByValue`.
    """

    def __call__(self, case: Case, ran: Ran) -> bool:
        """Whether `ran` is what `case` wants."""
        if case.raises:
            return not ran.ok and ran.error == case.raises and not ran.crashed
        if not ran.ok:
            return False
        if case.expected is not UNKNOWN and not said(case.expected, ran.value):
            return False
        return case.after is None or _left(case.after, ran.after or {})


def said(wanted: Any, value: Any) -> bool:
    """Whether `wanted`, which is JSON, says `value`."""
    if isinstance(value, Set) and isinstance(wanted, list):
        return len(wanted) == len(value) and _all_in(wanted, list(value))
    if isinstance(value, list | tuple) and isinstance(wanted, list):
        return len(wanted) == len(value) and all(map(said, wanted, value))
    if isinstance(value, Mapping) and isinstance(wanted, Mapping):
        return _pairs_said(wanted, value)
    return _BY_VALUE.same(wanted, value)


def _pairs_said(wanted: Mapping[Any, Any], value: Mapping[Any, Any]) -> bool:
    spelled = {_key(key): each for key, each in value.items()}
    if len(spelled) != len(value) or spelled.keys() != wanted.keys():
        return False
    return all(said(each, spelled[key]) for key, each in wanted.items())


def _key(key: Any) -> str:
    if isinstance(key, str):
        return key
    return _SPELLED.get(key, "") if isinstance(key, bool | None) else repr(key)


def _all_in(wanted: Sequence[Any], values: list[Any]) -> bool:
    for each in wanted:
        at = next((n for n, value in enumerate(values) if said(each, value)), None)
        if at is None:
            return False
        values.pop(at)
    return True


def _left(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return all(
        name in found and said(each, found[name]) for name, each in wanted.items()
    )
