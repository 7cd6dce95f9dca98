"""A course: ticks of the same symbols, step after step, until one asks for something.

What a tick costs beside its modules is paid once a stretch of steps. A step is passed only
where everything went straight on and nothing was asked; every other is the tick's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from core.stack.fused.ask import Ask
from core.stack.fused.course_source import compiled
from core.stack.fused.plan import Plan

Row = tuple[Any, ...]
Step = tuple[int, Sequence[tuple[str, Row]]]
"""A time, and each symbol that has a row then with it."""

Ended = dict[tuple[int, str], int]
State = Mapping[str, Any]
States = Sequence[State]
Walk = Callable[
    [Sequence[Step], int, int, Sequence[Any], States, State, Ended, list[Any]],
    tuple[int, States, State],
]


class Course:
    """An `Ask` compiled for the plan at hand; anew when modules change."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self._plan: Plan | None = None
        self._walk: Walk | None = None

    def of(self, plan: Plan, trusted: Iterable[str]) -> Walk | None:
        """The function that passes over steps; None where a module has to be asked."""
        if self._plan is not plan:
            self._plan, self._walk = plan, compiled(plan, self.ask, set(trusted))
        return self._walk
