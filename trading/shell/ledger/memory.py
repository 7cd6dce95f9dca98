"""The ledger of a backtest: the same events and the same checks, kept in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.errors import LedgerError
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.events import (
    Decided,
    LedgerEvent,
    Scanned,
    Signalled,
    Snapshot,
)
from trading.shell.ledger.state import LedgerState
from trading.shell.ledger.steps import ENTER

if TYPE_CHECKING:
    from core.store.runs import State


def changes_state(event: LedgerEvent) -> bool:
    """Whether a `LedgerState` needs it: an entry's decision names its trade's regime."""
    if isinstance(event, Decided):
        return event.action == ENTER
    return not isinstance(event, Scanned | Signalled)


def key(event: LedgerEvent) -> tuple[str, ...] | None:
    """What a decision, scan or signal is known by; None for what the state knows."""
    named = NAMES.get(type(event))
    return named(event) if named else None


NAMES: Mapping[type, Callable[[Any], tuple[str, ...]]] = {
    Decided: lambda event: ("decision", event.id),
    Scanned: lambda event: ("scan", event.symbol, str(event.at)),
    Signalled: lambda e: ("signal", e.decision, e.symbol, e.action),
}


class MemoryJournal:
    """A journal without a store. `daily` keeps one snapshot a UTC day, the last, which is
    enough for a curve over years; the state has seen them all."""

    def __init__(self, *, tolerance: int = DAY, daily: bool = False) -> None:
        self._daily = daily
        self._events: list[LedgerEvent] = []
        self._keys: set[tuple[str, ...]] = set()
        self._snapshot: int | None = None  # where the newest one is
        self._state = LedgerState(tolerance)

    @property
    def state(self) -> LedgerState:
        """The sum of what was appended; ask for it again after an append that raised."""
        return self._state

    def append(
        self,
        events: Sequence[LedgerEvent],
        states: "State | None" = None,  # noqa: ARG002  whoever runs the stack has them
    ) -> None:
        """Keep events, all or none, each once; LedgerError for the impossible."""
        curve = self._state.curve.kept()
        try:
            new = [event for event in events if self._state.apply(event)]
        except LedgerError:
            self._state = summed(self._events, self._state.tolerance)
            self._state.curve = curve
            raise
        for event in new:
            self._keep(event)

    def events(self) -> Sequence[LedgerEvent]:
        """Everything that changes balances, orders and positions, oldest first."""
        return [event for event in self._events if changes_state(event)]

    def everything(self) -> Sequence[LedgerEvent]:
        """All that was appended, oldest first: what `copy_all` takes."""
        return tuple(self._events)

    def _keep(self, event: LedgerEvent) -> None:
        if name := key(event):
            if name in self._keys:
                return
            self._keys.add(name)
        if self._daily and isinstance(event, Snapshot):
            self._forget_earlier_today(event)
        self._events.append(event)

    def _forget_earlier_today(self, event: Snapshot) -> None:
        if self._snapshot is not None:
            before = self._events[self._snapshot]
            if isinstance(before, Snapshot) and before.at // DAY == event.at // DAY:
                del self._events[self._snapshot]
        self._snapshot = len(self._events)


def summed(events: Iterable[LedgerEvent], tolerance: int = DAY) -> LedgerState:
    """The state that events add up to."""
    state = LedgerState(tolerance)
    for event in events:
        state.apply(event)
    return state
