"""Reflections on their way to the database: batches by a thread, failures at once.

The hot path only appends to memory. When the database is down, records go to a spool
of JSON lines in the state folder, and from there to the database later.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from loguru import logger

from core.errors import AszaError, StoreError
from core.recordings import (
    NOTE_PLACES,
    REFLECTION_PLACES,
    choose_diverse,
    keep_diverse,
    thin,
)
from core.records import OK, Reflection, reflect
from core.spool import Spool
from core.store import Recordings, Reflections
from core.tally import Counts, Tallies

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store

T = TypeVar("T")
Policy = Literal["all", "sample"]
_INTERVAL: dict[Policy, float] = {"all": 0.5, "sample": 2.0}  # seconds
_CROWDED = 20_000  # calls in memory at which a tick waits for a batch
_TROUBLES = 20  # different errors that are told
_UNFORESEEN = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    AszaError,
)
_RETRY = 30.0  # seconds before a database that failed is asked again


class Reflector:
    """The sink of a run; enter it to start its thread, leave it to write the rest.

    Policy "all" writes every call. "sample" writes failures and, at the end, a bounded
    and diverse sample of each module, and how many calls there were beside it. Both
    offer the sample to the recordings. `lost` counts calls that are kept nowhere,
    `troubles` has the errors that nobody foresaw.
    """

    def __init__(
        self,
        store: Store | None,
        settings: Settings,
        policy: Policy = "all",
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._store, self._policy, self._clock = store, policy, clock
        self._capacity = settings.recordings_per_module
        self._most = 2 * self._capacity
        self._notes: deque[Any] = deque()
        self.keep: Callable[[Any], None] = self._notes.append
        self.next_id = count(1).__next__
        self.spool = Spool(settings.home)
        self.written = self.spooled = self.lost = 0
        self.troubles: dict[str, None] = {}
        self._sample: dict[str, list[Reflection]] = {}
        self._failed: deque[Reflection] = deque()
        self._tallies = Tallies()
        self._asleep_until = 0.0
        self._turn, self._stop = Lock(), Event()
        self._thread = Thread(target=self._work, name="reflector", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def keep_failure(self, reflection: Reflection) -> None:
        """Written and committed when this returns; StoreError if it is nowhere safe."""
        self._deliver([reflection], lambda r: r.append_failure(reflection), always=True)
        self._failed.append(reflection)

    def relieve(self) -> None:
        """Between ticks: write now if too much is waiting."""
        if len(self._notes) > _CROWDED:
            self.flush()

    def flush(self) -> None:
        """Take what the hot path left and write or sample it."""
        with self._turn:
            self._take(_emptied(self._notes))
            self._remember(_emptied(self._failed))
            if self._store and self.spool.size() and self._awake():
                self._tried(self._drain, None)

    def close(self) -> None:
        """Stop the thread, write what waits, offer the samples to the recordings."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.flush()
        with self._turn:
            if self._policy == "sample":
                sampled = [row for rows in self._sample.values() for row in rows]
                good = [row for row in sampled if row.outcome == OK]
                self._tried(lambda: self._write(good), None, lost=len(good))
                kept = [(row.module, row.version) for row in good]
                self._tried(lambda: self._count(self._tallies.counts(kept)), None)
            self._tried(self._offer, None)

    def sample(self) -> Mapping[str, Sequence[Reflection]]:
        """The diverse sample of each module so far."""
        return dict(self._sample)

    def _work(self) -> None:
        while not self._stop.wait(_INTERVAL[self._policy]):
            self._tried(self.flush, None)

    def _tried(self, do: Callable[[], T], instead: T, *, lost: int = 0) -> T:
        """What `do` gives; after an error nobody foresaw, `instead`, and it is told.

        Keeping records must end neither the thread nor the run whose records they are.
        """
        try:
            return do()
        except _UNFORESEEN as error:
            self.lost += lost
            told = f"{type(error).__name__}: {error}"[:300]
            if told not in self.troubles and len(self.troubles) < _TROUBLES:
                self.troubles[told] = None
                logger.error("reflections, {} lost so far: {}", self.lost, told)
            return instead

    def _take(self, notes: Sequence[Any]) -> None:
        """Write or sample the notes; of a batch that fails, all but what is at fault."""
        take = self._all if self._policy == "all" else self._few
        alone = len(notes) == 1
        good = self._tried(lambda: take(notes), None, lost=int(alone))
        if good is not None:
            self._remember(good)
        elif not alone:
            half = len(notes) // 2
            self._take(notes[:half])
            self._take(notes[half:])

    def _thin(self, calls: Sequence[T], places: tuple[int, int]) -> Sequence[T]:
        """Those that may compete; where they cannot be told apart, an even spread."""
        spread = calls[:: len(calls) // self._most + 1]
        chosen: Sequence[Any] = calls
        return self._tried(lambda: thin(chosen, self._most, places), spread)

    def _all(self, notes: Sequence[Any]) -> list[Reflection]:
        """Write every call; those that may compete for the sample."""
        rows = reflect(notes, self.next_id)
        self._write(rows)
        groups = _by(rows, lambda row: row.module)
        return [row for g in groups for row in self._thin(g, REFLECTION_PLACES)]

    def _few(self, notes: Sequence[Any]) -> list[Reflection]:
        """Only the calls that may compete: most are never made into reflections."""
        groups = _by(notes, lambda note: note[0])
        few = [note for group in groups for note in self._thin(group, NOTE_PLACES)]
        rows = reflect(few, self.next_id)
        self._tallies.add(notes)
        return rows

    def _remember(self, rows: Sequence[Reflection]) -> None:
        """Let new calls compete with each module's sample so far."""
        for new in _by(rows, lambda row: row.module):
            both = [*self._sample.get(new[0].module, []), *new]
            self._sample[new[0].module] = self._tried(
                partial(keep_diverse, both, self._capacity), both[: self._capacity]
            )

    def _write(self, rows: Sequence[Reflection]) -> None:
        """A batch; where neither database nor disk takes it, it is counted as lost."""
        try:
            self._deliver(rows, lambda r: r.append_batch(rows))
        except StoreError:
            self.lost += len(rows)

    def _deliver(
        self,
        rows: Sequence[Reflection],
        send: Callable[[Reflections], None],
        *,
        always: bool = False,
    ) -> None:
        """To the database, or else to the spool."""
        if not rows:
            return
        if self._store and self._awake():
            try:
                send(Reflections(self._store))
            except StoreError:
                self._asleep_until = self._clock() + _RETRY
            else:
                self.written += len(rows)
                return
        taken = self.spool.append(rows, always=always)
        self.spooled += taken
        self.lost += len(rows) - taken

    def _count(self, counts: Sequence[Counts]) -> None:
        """Calls that are not kept whole; without a database they are counted as lost."""
        if self._store and self._awake():
            try:
                Reflections(self._store).add_counts(counts)
            except StoreError:
                self._asleep_until = self._clock() + _RETRY
            else:
                return
        self.lost += sum(each.calls for each in counts)

    def _drain(self) -> None:
        """What waited in the spool; if the database fails again, it waits on."""
        if self._store:
            try:
                self.spool.drain(Reflections(self._store).append_batch)
            except StoreError:
                self._asleep_until = self._clock() + _RETRY

    def _offer(self) -> None:
        """Samples become recordings; without a database there is nowhere for them."""
        if not (self._store and self._awake()):
            return
        door, rule = Recordings(self._store), choose_diverse(self._capacity)
        try:
            for module, rows in self._sample.items():
                door.offer(module, rows, rule)
        except StoreError:
            self._asleep_until = self._clock() + _RETRY

    def _awake(self) -> bool:
        """Whether the database is worth asking: a dead one costs seconds each time."""
        return self._clock() >= self._asleep_until


def _by(calls: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """The calls in groups of one key."""
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for call in calls:
        groups[key(call)].append(call)
    return list(groups.values())


def _emptied(waiting: deque[Any]) -> list[Any]:
    """Everything that waits now; what is appended meanwhile waits for the next time."""
    return [waiting.popleft() for _ in range(len(waiting))]
