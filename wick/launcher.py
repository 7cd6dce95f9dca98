"""Wick at work: look for failures, see each defect through, look again.

Several may watch one database: each defect has one owner, and what one leaves another
takes up. A round that finds nothing costs a few queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from core.errors import AszaError, StoreError
from core.events import events
from core.places import split_id, stack_folders
from core.store.defect import NOT_OURS, OPEN, REPAIRED, REPAIRING, Defect
from core.store.defects import Defects
from wick.guard import guard
from wick.healing import aside, heal, person_at_work
from wick.intake import Intake
from wick.telling import Kind, Told

if TYPE_CHECKING:
    from core.events import Listener
    from wick.bench import Bench

EVERY = 60.0  # seconds between two checks of what modules promise
LOOK = 1.0  # seconds between two rounds where no event wakes
GATHER = 0.1  # seconds in which more of the same may come before Wick looks
BACK_OFF = 30.0  # seconds after the database failed
RECENT = 100  # defects seen last that may be due again


class Waiting(Protocol):
    """How a watcher waits between two rounds."""

    def __call__(self, seconds: float) -> None:
        """Until something happened, or so long."""


@dataclass
class Wick:
    """One watcher; `stack` None is all of them."""

    bench: Bench
    stack: str | None = None
    clock: Callable[[], float] = monotonic
    intake: Intake = field(init=False)
    _due: float = field(default=0.0, init=False)
    _said: set[int] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.intake = Intake(self.bench.store, self.bench.settings, self.bench.sandbox)
        self._due = self.clock()

    def round(self) -> list[Defect]:
        """Look once, see through what is open; the defects that were settled."""
        for defect in self.intake.failures():
            self._say_again(defect)
        if self.clock() >= self._due:
            self._due = self.clock() + EVERY
            self._check()
        guard(self.bench)
        found = [self._see_through(defect) for defect in self._open()]
        settled = [defect for defect in found if defect is not None]
        if any(defect.state == REPAIRED for defect in settled):
            self.check_now()  # what was just swapped in keeps its promises, or goes
        return settled

    def watch(self, ending: Callable[[], bool], wait: Waiting) -> None:
        """Rounds until one that began after `ending` finds nothing to do.

        A database that fails is waited for, unless it is to end.
        """
        what = f"stack {self.stack}" if self.stack else "all stacks"
        self._say("watching", f"watching {what}")
        last = False
        while not last:
            last = ending()
            try:
                busy = bool(self.round())
            except StoreError as error:
                self._say("waiting", f"the database cannot be used: {error}")
                busy, pause = False, BACK_OFF
            else:
                pause = LOOK
            last = last and not busy
            if not (busy or last):
                wait(pause)

    def check_now(self) -> None:
        """Look at examples and approved recordings in the next round."""
        self._due = self.clock()

    def _check(self) -> None:
        self.intake.missed()
        for stack in self._stacks():
            with self._going_on(f"stack {stack} was not checked"):
                self.intake.promises(stack)
                self.intake.drift(stack)

    def _stacks(self) -> list[str]:
        if self.stack is not None:
            return [self.stack]
        return [folder.name for folder in stack_folders(self.bench.settings)]

    def _open(self) -> list[Defect]:
        door = Defects(self.bench.store)
        for defect in door.list(limit=RECENT, state=NOT_OURS):
            if due_again(defect):
                door.open_again(defect.id)
        return [defect for defect in door.open() if self._ours(defect)]

    def _ours(self, defect: Defect) -> bool:
        return self.stack in (None, split_id(defect.module)[0])

    def _see_through(self, defect: Defect) -> Defect | None:
        door = Defects(self.bench.store)
        with door.claim(defect.id) as mine:
            if mine:
                self._said.add(defect.id)
                return self._healed(door.get(defect.id))
        self._once(defect, f"defect {defect.id} is in the hands of another Wick")
        return None

    def _healed(self, defect: Defect) -> Defect:
        """Whatever cannot be read or used on the way sets this one aside, not the rest."""
        try:
            return heal(self.bench, defect)
        except StoreError:
            raise
        except AszaError as error:
            return aside(self.bench, defect, person_at_work(str(error), error.remedy))

    def _say_again(self, defect: Defect) -> None:
        """What is settled and fails on is no news, but it must not look like peace."""
        if defect.state not in (OPEN, REPAIRING) and self._ours(defect):
            why = defect.verdict.get("why", "")
            self._once(
                defect,
                f"{defect.module}@{defect.version} fails as before: it is "
                f"{defect.state}: {why} (`asza wick show {defect.id}`)",
            )

    def _once(self, defect: Defect, text: str) -> None:
        """Say it of this defect, if nothing was said of it yet."""
        if defect.id not in self._said:
            self._said.add(defect.id)
            self._say("waiting", text)

    @contextmanager
    def _going_on(self, what: str) -> Iterator[None]:
        """One file that cannot be read is said, and keeps nobody else from repair."""
        try:
            yield
        except StoreError:
            raise
        except AszaError as error:
            self._say("waiting", f"{what}: {error}")

    def _say(self, kind: Kind, text: str) -> None:
        self.bench.tell(Told(kind, text))


def due_again(defect: Defect) -> bool:
    """Whether what was waited out has come again after the time there was to wait."""
    after = defect.diagnosis.get("retry_after")
    if after is None or defect.settled_at is None:
        return False
    return (defect.last_at - defect.settled_at).total_seconds() > float(after)


@contextmanager
def woken(bench: Bench, stop: Event) -> Iterator[Waiting]:
    """Wait for a module's failure; without Redis only for the time to pass."""
    try:
        with events(bench.store).subscribe("module.failed") as listener:
            yield lambda seconds: _listen(listener, stop, seconds)
    except StoreError:
        yield lambda seconds: _pause(stop, seconds)


def _listen(listener: Listener, stop: Event, seconds: float) -> None:
    """A storm of failures is one reason to look, not a thousand."""
    try:
        if listener.get(seconds) is not None:
            _pause(stop, GATHER)
            listener.drain()
    except StoreError:
        _pause(stop, seconds)


def _pause(stop: Event, seconds: float) -> None:
    stop.wait(seconds)
