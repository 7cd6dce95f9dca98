"""The record of one call, and where such records go. Light: the hot path uses it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from time import perf_counter_ns, time_ns
from typing import Any, NamedTuple, Protocol

OK, FALLBACK, FAILED = "ok", "fallback", "failed"


class Origin(NamedTuple):
    """What all reflections of one bound module share."""

    run_id: str
    module: str
    version: int


class Note(NamedTuple):
    """A call that went well, as the hot path leaves it: a plain tuple in this order.

    `start` counts from the process's own clock; a sink makes a `Reflection` of it.
    """

    origin: Origin
    start: int
    elapsed_ns: int
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    calls: Sequence[Any]


class Reflection(NamedTuple):
    """The record of one call.

    `at` is nanoseconds since 1970 UTC; `outputs` is what the caller received (None
    when it received an error); `remark` says in words what went wrong.
    """

    call_id: int
    run_id: str
    module: str
    version: int
    at: int
    elapsed_ns: int
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None
    calls: Sequence[Any]
    outcome: str
    remark: str


class Sink(Protocol):
    """Where the records of calls go."""

    keep: Callable[[Any], None]  # takes a Note's fields; must be quick

    def next_id(self) -> int:
        """A number for a call, new in this run."""

    def keep_failure(self, reflection: Reflection) -> None:
        """Make a failed call durable before returning; StoreError if it cannot be."""

    def relieve(self) -> None:
        """Between ticks: make room if too much is waiting."""


def reflect(notes: Iterable[Any], next_id: Callable[[], int]) -> list[Reflection]:
    """Notes as reflections; call it soon, so that a change of clock stays small."""
    ahead = time_ns() - perf_counter_ns()
    return [
        Reflection._make((next_id(), *origin, ahead + start, took, *values, OK, ""))
        for origin, start, took, *values in notes
    ]


class Memory:
    """A sink that only remembers, newest last: for looking at one run."""

    def __init__(self, capacity: int | None = None) -> None:
        self.notes: deque[Any] = deque(maxlen=capacity)
        self.failures: deque[Reflection] = deque(maxlen=capacity)
        self.keep: Callable[[Any], None] = self.notes.append
        self.next_id = count(1).__next__

    def keep_failure(self, reflection: Reflection) -> None:
        """Keep it apart from the calls that went well."""
        self.failures.append(reflection)

    def relieve(self) -> None:
        """There is always room: `capacity` bounds it."""

    def reflections(self) -> list[Reflection]:
        """Everything remembered, in the order of time."""
        good = reflect(self.notes, self.next_id)
        return sorted([*good, *self.failures], key=lambda each: each.at)
