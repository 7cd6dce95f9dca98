"""A failure in words, for a model and for a person: what was given, came, and should have."""

from __future__ import annotations

from collections.abc import Iterator

from core.gate.compare import shortened
from wick.clones import Task
from wick.subject import UNKNOWN, Case, Ran

_LONGEST = 600  # characters of one value
_MOST_CASES = 8


def failure(task: Task, case: Case | None, ran: Ran | None) -> str:
    """The remark, and the smallest failing case with what came of it."""
    if case is None or ran is None:
        return task.remark
    return f"{task.remark}\n{wrong(task, case, ran)}".strip()


def wrong(task: Task, case: Case, ran: Ran) -> str:
    """One case that does not hold: `half(x=3) raises ValueError: …; it must give …`."""
    return f"{_call(task, case)} {_came(ran)}; it must {_wanted(case)}"


def smallest_failing(task: Task) -> Case | None:
    """The failing case that is quickest to read."""
    return min((task.cases[place] for place in task.failing), key=_size, default=None)


def others(task: Task, shown: Case | None) -> str:
    """A few visible cases whose result is known, the shortest first, one a line."""
    known = [one for one in task.cases if one is not shown and _says(one)]
    few = sorted(known, key=_size)[:_MOST_CASES]
    return "\n".join(f"{_call(task, one)} must {_wanted(one)}" for one in few)


def _says(case: Case) -> bool:
    return case.expected is not UNKNOWN or bool(case.raises) or case.after is not None


def _size(case: Case) -> int:
    return len(repr(case.args)) + len(repr(dict(case.kwargs)))


def _call(task: Task, case: Case) -> str:
    given = [_shown(value) for value in case.args]
    given += [f"{name}={_shown(value)}" for name, value in case.kwargs.items()]
    return f"{task.subject.name}({', '.join(given)})"


def _came(ran: Ran) -> str:
    if ran.ok:
        left = f" and leaves {_shown(dict(ran.after))}" if ran.after else ""
        return f"gives {_shown(ran.value)}{left}"
    at = f" at its line {ran.line}" if ran.line else ""
    return f"raises {ran.error}: {_shown(ran.message)}{at}"


def _wanted(case: Case) -> str:
    return " and ".join(_wants(case)) or "give what its contract allows"


def _wants(case: Case) -> Iterator[str]:
    if case.raises:
        yield f"raise {case.raises}"
    elif case.expected is not UNKNOWN:
        yield f"give {_shown(case.expected)}"
    if case.after is not None:
        yield f"leave {_shown(dict(case.after))}"


def _shown(value: object) -> str:
    return shortened(value, _LONGEST)
