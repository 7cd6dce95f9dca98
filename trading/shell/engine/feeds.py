"""Where a running session's candles come from: history at a pace, or Kraken as they close."""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from time import time as wall_clock
from typing import NamedTuple, Protocol

from core.errors import DataError
from trading.shell.candles import Candles
from trading.shell.engine.columns import Columns, columns_of
from trading.shell.engine.freshness import (
    due,
    fresh_for,
    is_fresh,
    is_newest,
    too_late,
)
from trading.shell.engine.known import left, merged, newest
from trading.shell.engine.timeline import Row
from trading.shell.fetch import KrakenLockedOut, KrakenUnavailable, gravest

BEAT = 30.0  # seconds that a waiting session is never left alone for longer than
SETTLE = 2.0  # seconds after a boundary before a candle is asked for
AGAIN = 5.0  # seconds until one that is not there yet is asked for again
LATER = 60.0  # the same once it would be too late to enter on

Sleep = Callable[[float], Awaitable[None]]
Fetch = Callable[[], Sequence[Candles | DataError]]
"""The newest closed candles of every symbol, or why it has none; blocking.
KrakenUnavailable where nothing was answered at all."""

Retry = Callable[[DataError, int, float], float]
"""How long (seconds) to wait after so many failures in a row, the first of them so many
seconds ago."""


class Closed(NamedTuple):
    """Candles that closed together. `fresh` ones may be entered on; on the `newest` of
    their markets what is held may be sold."""

    time: int
    present: Sequence[tuple[str, Row]]
    fresh: bool
    newest: bool


class Feed(Protocol):
    """Closed candles of some markets; `columns` are what is known of them."""

    @property
    def columns(self) -> Sequence[Columns]:
        """Every candle that is known, and its series."""

    @property
    def first(self) -> int:
        """A new account goes through the candles from this UTC second on."""

    async def prepare(self) -> None:
        """Have history before the first candle is asked for."""

    def closed(self, after: Mapping[str, int]) -> AsyncIterator[Closed]:
        """The candles that opened after the UTC second `after` has for their symbol, all
        where it has none, each when it is due."""


@dataclass
class PacedFeed:
    """History, one candle every `step / speed` seconds; as fast as it goes if 0.

    Candles before `first` are known, and not gone through.
    """

    columns: Sequence[Columns]
    step: int
    speed: float = 0.0
    sleep: Sleep = asyncio.sleep
    first: int = 0

    async def prepare(self) -> None:
        """History is there already."""

    async def closed(self, after: Mapping[str, int]) -> AsyncIterator[Closed]:
        """The candles that opened after `after`, one after the other."""
        pause = self.step / self.speed if self.speed else 0.0
        for time, present in left(self.columns, after, self.first):
            await self.sleep(pause)
            yield Closed(time, present, fresh=True, newest=True)


@dataclass
class LiveFeed:
    """Kraken's candles, each asked for when the next one has begun.

    One that is due and not there is asked for again: Kraken's clock may be behind, and a
    market without a trade begins no new candle. Markets wait for each other at most half
    of the time in which candles are fresh. `answered` is when Kraken last answered (UTC
    seconds). `beat` is called whatever the feed waits for, every `every` seconds or sooner;
    `say` is told, once, of a market that gives no candles. `found` are candles that Kraken
    gave just before: while no newer one has closed it is not asked for them again. A new
    account goes through those from `first` (UTC seconds) on; the others are only known.
    """

    fetch: Fetch
    names: Sequence[str]
    step: int
    retry: Retry
    now: Callable[[], float] = wall_clock
    sleep: Sleep = asyncio.sleep
    beat: Callable[[], None] = lambda: None
    say: Callable[[str], None] = lambda _: None
    every: float = BEAT
    first: int = 0
    found: Sequence[Candles] = ()
    answered: float = 0.0
    failures: int = 0
    failing_since: float = 0.0
    columns: Sequence[Columns] = ()
    _known: dict[str, Candles] = field(default_factory=dict)
    _asking_since: float | None = None
    _lacking: frozenset[str] = frozenset()
    _again: KrakenUnavailable | None = None
    _took: float = 0.0
    _too_late: set[str] = field(default_factory=set)

    @property
    def silent(self) -> float:
        """Seconds since a question that Kraken has not answered; 0 where it answered."""
        since = self._asking_since
        return 0.0 if since is None else max(0.0, self.now() - since)

    @property
    def late(self) -> float:
        """Bars by which the market that lags most is behind the candle that is due."""
        wanted = due(self.step, self.now() - fresh_for(self.step))
        behind = (wanted - newest(one) for one in self._known.values())
        return max(0, *behind, 0) / self.step

    async def prepare(self) -> None:
        """Ask until Kraken has answered once, unless it has just now."""
        self.answered = self.now()
        if self.found and all(map(self._is_newest, self.found)):
            self._learn(self.found)
            return
        while not await self._asked():
            pass

    async def closed(self, after: Mapping[str, int]) -> AsyncIterator[Closed]:
        """The candles that opened after `after`, those missed first; it never ends.

        A market whose candle comes late is given it late, and alone.
        """
        given = dict(after)
        first = 0 if max(given.values(), default=-1) >= 0 else self.first
        while True:
            steps = [] if self._gathers() else list(left(self.columns, given, first))
            for time, present in steps:
                given |= dict.fromkeys((symbol for symbol, _ in present), time)
                yield self._closed(time, present)
            await self._wait(self._until_next())
            while not await self._asked():
                pass

    def _closed(self, time: int, present: Sequence[tuple[str, Row]]) -> Closed:
        names = [symbol for symbol, _ in present]
        last = all(time == newest(self._known[one]) for one in names)
        fresh = last and is_fresh(time, self.step, self.now())
        if fresh:
            self._too_late -= {*names}
        elif last:
            self._tell_late(time, names)
        return Closed(time, present, fresh, last)

    def _tell_late(self, time: int, names: Sequence[str]) -> None:
        """Say, once until it comes in time, that a market's candle came too late."""
        if new := [one for one in names if one not in self._too_late]:
            self._too_late.update(new)
            self.say(f"{', '.join(new)}: {too_late(time, self.step, self.now())}")

    def _is_newest(self, one: Candles) -> bool:
        return is_newest(newest(one), self.step, self.now())

    def _gathers(self) -> bool:
        """Whether a candle may still come in time to be given with those it closed with."""
        left_over = fresh_for(self.step) / 2 - AGAIN - self._took
        in_time = self.now() % self.step < left_over
        return in_time and self._again is None and self._lacks()

    def _lacks(self) -> bool:
        """Whether a market lacks just the candle that closed last; one that lacks more
        is not waited for."""
        before = due(self.step, self.now()) - self.step
        return any(newest(one) == before for one in self._known.values())

    async def _asked(self) -> bool:
        """Ask Kraken; after a failure wait as long as the stack says, and be False."""
        try:
            found = await self._answer()
        except KrakenUnavailable as error:
            await self._wait(self._pause(error))
            return False
        self.answered = self.now()
        self._took, self._asking_since = self.silent, None
        errors = [one for one in found if isinstance(one, DataError)]
        self._learn(one for one in found if isinstance(one, Candles))
        if not self._known and errors:
            raise errors[0]
        self._missed(errors)
        return True

    def _learn(self, found: Iterable[Candles]) -> None:
        columns = {one.symbol: one for one in self.columns}
        for one in found:
            known = self._known.get(one.symbol)
            if known is None or newest(one) > newest(known):
                kept = one if known is None else merged(known, one)
                self._known[one.symbol] = kept
                columns[one.symbol] = columns_of(kept, self.names)
        self.columns = [*columns.values()]

    async def _answer(self) -> Sequence[Candles | DataError]:
        """What Kraken says, with a beat while it is silent."""
        if self._asking_since is None:
            self._asking_since = self.now()
        asking = asyncio.ensure_future(asyncio.to_thread(self.fetch))
        while not (await asyncio.wait({asking}, timeout=self.every))[0]:
            self.beat()
        return asking.result()

    def _missed(self, errors: Sequence[DataError]) -> None:
        """Say which markets gave nothing; one that Kraken has is asked for again soon."""
        for error in errors:
            if error.message not in self._lacking:
                self.say(f"{error.message}; the other markets go on")
        self._lacking = frozenset(error.message for error in errors)
        passing = [one for one in errors if isinstance(one, KrakenUnavailable)]
        self._again = gravest(passing) if passing else None
        if self._again is None:
            self.failures = 0

    def _pause(self, error: KrakenUnavailable) -> float:
        """Seconds until Kraken is asked again."""
        now = self.now()
        if not self.failures:
            self.failing_since = now
        self.failures += 1
        return self.retry(error, self.failures, now - self.failing_since)

    async def _wait(self, seconds: float) -> None:
        """Sleep in parts, with a beat after each."""
        while True:
            part = min(seconds, self.every)
            await self.sleep(part)
            self.beat()
            seconds -= part
            if seconds <= 0:
                return

    def _until_next(self) -> float:
        """Seconds to a moment after the next candle has begun, or to the next question
        for a market that did not answer, or did without its candle."""
        passed = self.now() % self.step
        begun = self.step - passed + SETTLE
        if self._again is not None:
            pause = self._pause(self._again)
            locked_out = isinstance(self._again, KrakenLockedOut)
            return pause if locked_out else min(begun, pause)
        if not self._lacks():
            return begun
        return AGAIN if passed < fresh_for(self.step) else min(begun, LATER)
