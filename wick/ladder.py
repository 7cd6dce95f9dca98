"""The ladder: free rungs all at once, then what a model writes, and only if still needed.

One budget of time and one of money for the whole climb. Free rungs run in processes or
on a cluster (`wick.executors`). Rungs that ask a model run here, one after another, the
cheapest first: they wait for a network and need the keys and the store, which no clone's
process has. Between the stages `judge_free` is asked whether what there is will do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any

from wick.clones import (
    FREE,
    FRESH,
    MODEL,
    RUNGS,
    SECOND_MODEL,
    Clone,
    Task,
    fresh,
    model,
    second_model,
)
from wick.clones.money import Purse, purse
from wick.race import AT_ONCE, Race
from wick.subject import Survivor
from wick.telling import Tell, Told

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store

Judged = Callable[[Sequence[Clone]], bool]

_SHOWN = ("tried", "survivors")
_ASKING: Mapping[str, Callable[[Task, Purse], Clone]] = {
    MODEL: model.run,
    FRESH: fresh.run,
    SECOND_MODEL: second_model.run,
}


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a climb brought: a clone for each rung that was tried, in the rungs' order."""

    clones: tuple[Clone, ...]
    seconds: float

    @property
    def candidates(self) -> int:
        """How many bodies were tried."""
        return sum(clone.tried for clone in self.clones)

    @property
    def survivors(self) -> tuple[Survivor, ...]:
        """Every survivor, those of the cheapest rung first."""
        return tuple(one for clone in self.clones for one in clone.survivors)

    @property
    def cost_usd(self) -> Decimal:
        """US dollars of all rungs."""
        return sum((clone.cost_usd for clone in self.clones), Decimal(0))


def climb(
    task: Task,
    executor: Executor,
    *,
    settings: Settings | None = None,
    store: Store | None = None,
    allow: Collection[str] = RUNGS,
    seconds: float = 30.0,
    dollars: Decimal | None = None,
    judge_free: Judged | None = None,
    on_event: Tell | None = None,
) -> Ladder:
    """Climb until `judge_free` says that what there is will do, or nothing is left.

    `judge_free` is given every clone so far (default: any survivor will do). `dollars`
    bounds what the defect costs in all, on top of the settings' limits. Without
    settings no model is asked.
    """
    began = monotonic()
    ends = began + seconds
    work = _Climb(task, executor, ends, judge_free or _any, on_event or _nobody)
    work.at_once([rung for rung in AT_ONCE if rung in FREE and rung in allow])
    for rung in _ASKING:
        if rung in allow and settings is not None and not work.enough():
            work.asking(rung, purse(settings, store, ends, dollars))
    return Ladder(work.in_order(), monotonic() - began)


@dataclass
class _Climb:
    """One climb as it goes."""

    task: Task
    executor: Executor
    ends: float
    judged: Judged
    tell: Tell
    clones: dict[str, Clone] = field(default_factory=dict)
    known: int = 0
    will_do: bool = False

    def in_order(self) -> tuple[Clone, ...]:
        """The clones so far, the cheapest rung first."""
        return tuple(self.clones[rung] for rung in RUNGS if rung in self.clones)

    def enough(self) -> bool:
        """Whether nothing more is needed, or no time is left to get it."""
        return self.proven() or self.left() <= 0

    def proven(self) -> bool:
        """Whether what there is will do; asked once about the same survivors.

        A trial takes a while.
        """
        found = self.in_order()
        survivors = sum(len(clone.survivors) for clone in found)
        if survivors > self.known:
            self.known, self.will_do = survivors, self.judged(found)
        return self.will_do

    def left(self) -> float:
        """Seconds until the time is up."""
        return self.ends - monotonic()

    def at_once(self, rungs: Sequence[str]) -> None:
        """Run rungs that cost nothing in parallel, until all have ended."""
        Race(self.task, self.executor, self.ends, self).run(rungs)

    def asking(self, rung: str, money: Purse) -> None:
        """Run one rung that asks a model; offline there is only what needs none."""
        if rung == FRESH and money.offline():
            self.at_once([FRESH])
            return
        self.say(rung, "started")
        self.ended(_ASKING[rung](self.task, money))

    def ended(self, clone: Clone) -> None:
        """Keep a clone and tell of it."""
        self.clones[clone.rung] = clone
        self.say(
            clone.rung,
            "ended",
            tried=clone.tried,
            survivors=len(clone.survivors),
            seconds=round(clone.seconds, 3),
            cost_usd=str(clone.cost_usd),
            note=clone.note,
        )

    def say(self, rung: str, state: str, **figures: Any) -> None:
        """One event of a rung, in words and as data."""
        head = rung if state == "tried" else f"{rung} {state}"
        words = ", ".join(f"{figures[k]:,} {k}" for k in _SHOWN if k in figures)
        text = ": ".join(filter(None, (head, words)))
        data = {"rung": rung, "state": state, **figures}
        self.tell(Told("rung", text, self.task.module, data=data))


def _any(clones: Sequence[Clone]) -> bool:
    return any(clone.survivors for clone in clones)


def _nobody(told: Told) -> None:
    """Nobody watches."""
