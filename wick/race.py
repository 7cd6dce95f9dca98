"""Rungs that run at the same time, in processes or on a cluster, until all have ended.

A rung whose worker dies gets one more, and one that does not end in its time is killed.
Whatever a rung does, what comes of it is a clone: an error of its own is a note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Protocol

from wick.clones import (
    FRESH,
    KNOWN_PATCH,
    LAST_GOOD,
    SEARCH,
    Clone,
    Report,
    Task,
    fresh,
    known_patch,
    last_good,
    search,
)
from wick.executors import Abandoning
from wick.progress import Figures, Listener

# The search first: it takes longest.
AT_ONCE: Mapping[str, Callable[[Task, Report], Clone]] = {
    SEARCH: search.run,
    LAST_GOOD: last_good.run,
    KNOWN_PATCH: known_patch.run,
    FRESH: fresh.run_offline,
}
_BEAT = 0.05  # seconds between two looks at what the clones say
_GRACE = 2.0  # seconds a clone may take to stop by itself once its time is up
_MOMENT = 1.0  # seconds others have to join a rung that has survivors
_TOO_LONG = "given up: its time was up and it did not end by itself"
_NOT_NEEDED = "given up: another rung's repair will do"


class Course(Protocol):
    """Whoever a race is run for."""

    def say(self, rung: str, state: str, **figures: Any) -> None:
        """Tell of a rung: its name, its state, its figures."""

    def ended(self, clone: Clone) -> None:
        """Take what a rung came up with."""

    def proven(self) -> bool:
        """Whether what was taken so far will do."""


@dataclass
class Race:
    """One run of some of `AT_ONCE`; `ends` is on the monotonic clock."""

    task: Task
    executor: Executor
    ends: float
    course: Course
    _running: dict[Future[Clone], str] = field(default_factory=dict)
    _again: set[str] = field(default_factory=set)
    _began: dict[str, float] = field(default_factory=dict)
    _heard: dict[str, Figures] = field(default_factory=dict)
    _won: float | None = None

    def run(self, rungs: Sequence[str]) -> None:
        """Until every rung has ended, or one has a repair that will do.

        Who has not ended when the time is up is stopped.
        """
        with Listener(getattr(self.executor, "scheduler", "")) as listener:
            for rung in rungs:
                self._enter(rung, listener)
            while self._running and self._left() > -_GRACE and not self._decided():
                done, _ = wait(self._running, _BEAT, return_when=FIRST_COMPLETED)
                self._listen(listener)
                for future in done:
                    self._settle(future, self._running.pop(future), listener)
        why = _TOO_LONG if self._left() <= 0 else _NOT_NEEDED
        for future, rung in self._running.items():
            self._stop(future, rung, why)

    def _decided(self) -> bool:
        """Whether a rung's repair will do, and the others had a moment to join it."""
        late = self._won is not None and monotonic() - self._won > _MOMENT
        return late and self.course.proven()

    def _left(self) -> float:
        return self.ends - monotonic()

    def _enter(self, rung: str, listener: Listener) -> None:
        """Start a rung with the time that is left."""
        self._began.setdefault(rung, monotonic())
        task, teller = _within(self.task, self._left()), listener.teller(rung)
        try:
            future = self.executor.submit(AT_ONCE[rung], task, teller)
        except BrokenExecutor as error:
            self._failed(rung, error)
            return
        self._running[future] = rung
        self.course.say(rung, "again" if rung in self._again else "started")

    def _listen(self, listener: Listener) -> None:
        for heard in listener.heard():
            if heard.rung in self._running.values():
                self._heard[heard.rung] = heard
                figures = {"tried": heard.tried, "survivors": heard.survivors}
                self.course.say(heard.rung, "tried", **figures)

    def _settle(self, future: Future[Clone], rung: str, listener: Listener) -> None:
        error = None if future.cancelled() else future.exception()
        if future.cancelled():
            self._none(rung, "its executor gave it up")
        elif error is None:
            self._take(future.result())
        elif isinstance(error, BrokenExecutor) and rung not in self._again:
            self._again.add(rung)
            self._enter(rung, listener)
        else:
            self._failed(rung, error)

    def _take(self, clone: Clone) -> None:
        if clone.survivors and self._won is None:
            self._won = monotonic()
        self.course.ended(clone)

    def _failed(self, rung: str, error: BaseException) -> None:
        if isinstance(error, BrokenExecutor):
            self._none(rung, "its worker died, and so did the one after it")
        else:
            self._none(rung, f"it failed itself: {type(error).__name__}: {error}")

    def _stop(self, future: Future[Clone], rung: str, why: str) -> None:
        if isinstance(self.executor, Abandoning):
            self.executor.abandon(future)
        else:
            future.cancel()
        self._none(rung, why)

    def _none(self, rung: str, why: str) -> None:
        took = monotonic() - self._began[rung]
        tried = self._heard[rung].tried if rung in self._heard else 0
        self.course.ended(Clone(rung, tried=tried, seconds=took, note=why))


def _within(task: Task, seconds: float) -> Task:
    """The task with no more time than there is."""
    allowed = replace(task.allowance, seconds=min(task.allowance.seconds, seconds))
    return replace(task, allowance=allowed)
