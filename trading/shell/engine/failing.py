"""Modules that failed at a candle, put to the stack's phase `trouble` after it.

A failure is noticed in the middle of a tick, where no phase may be asked: it waits for
the tick's end. The stack answers; who starts Wick is told from outside.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.records import Reflection
from core.stack import Stack
from trading.shell.engine.trouble import Launch, Troubles
from trading.shell.ledger.events import Decided, Signalled

ACTION = "wick"
INTENTS = "intents"
VALUES_REFUSED = ("proposal",)
"""Who refuses an intent for a value in it. The law refuses for the account's sake: that
there is no money left to size an order with is no fault of who asked for it."""
NO_ROLE = "unknown"


class Healing(Protocol):
    """Whoever repairs modules beside a session."""

    @property
    def at_work(self) -> bool:
        """Whether it is there now."""

    def start(self, clones: int) -> None:
        """See that it is at work; where it is not yet, with so many clones."""


@dataclass
class Failures:
    """Failures that wait for their candle's end. `budget` is USD left today."""

    healing: Healing
    budget: Callable[[], float]
    _failed: Counter[str] = field(default_factory=Counter)
    _remarks: dict[str, str] = field(default_factory=dict)
    _clones: dict[str, int] = field(default_factory=dict)

    def notice(self, failure: Reflection) -> None:
        """A module failed: it is asked about when the candle is done."""
        name = failure.module.rpartition(".")[2]
        self._failed[name] += 1
        self._remarks[name] = failure.remark

    def refused(self, signals: Sequence[Signalled], stack: Stack) -> None:
        """Intents were refused: the module that made them is asked about, if any is."""
        if not signals:
            return
        makers = [
            n for n, e in stack.entries.items() if INTENTS in e.spec.contract.results
        ]
        for one in signals:
            if not one.acted and one.rejected_by in VALUES_REFUSED:
                self._failed.update(makers)
                why = f"its intent was refused: {one.rejected_by}: {one.reason}"
                self._remarks.update(dict.fromkeys(makers, why))

    def settle(self, troubles: Troubles, time: int) -> list[Decided]:
        """Ask about each module that failed; start the repair where the stack says so.

        A module whose repair is under way is not asked about again. What is noticed
        while asking waits for the next candle. `time` is the UTC second of the candle.
        """
        failed, self._failed = self._failed, Counter()
        if not failed:
            return []
        if not self.healing.at_work:
            self._clones.clear()
        fresh = [name for name in failed if name not in self._clones]
        return [self._asked(troubles, name, failed[name], time) for name in fresh]

    def _asked(self, troubles: Troubles, name: str, times: int, time: int) -> Decided:
        entries = troubles.run.stack.entries
        role = entries[name].spec.role if name in entries else NO_ROLE
        running, left = sum(self._clones.values()), self.budget()
        answer = troubles.launch(
            name, role, time, left, failures=times, clones_running=running
        )
        if answer.launch:
            self._clones[name] = answer.clones
            self.healing.start(answer.clones)
        return told(name, self._remarks[name], role, answer, time)


def told(name: str, remark: str, role: str, answer: Launch, time: int) -> Decided:
    """A row of the ledger: whether Wick was started for a module, and why."""
    clones = "1 clone" if answer.clones == 1 else f"{answer.clones} clones"
    what = f"started with {clones}" if answer.launch else "not started"
    return Decided(
        id=f"{ACTION}-{name}-{time}",
        symbol="",
        at=time,
        action=ACTION,
        proceed=answer.launch,
        reason=f"{name} failed, Wick {what}: {answer.reason}",
        ended_by="",
        regime="",
        values={
            "module": name,
            "failed_role": role,
            "launch": answer.launch,
            "clone_count": answer.clones,
            "launch_reason": answer.reason,
            "failures_in_hour": answer.failures,
        },
        versions=answer.versions,
        faults={name: remark},
    )
