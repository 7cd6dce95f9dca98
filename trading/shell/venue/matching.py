"""The matching model: orders in, candles through them, events out. No clock, no I/O.

Between `begin` and `finish` of a candle its open is known; after `finish` all of it is.
Market orders wait for the next `begin`. docs/backtest-assumptions.md has every rule.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import inf
from typing import NamedTuple

from trading.shell.venue import Candle
from trading.shell.venue.funding import HOUR
from trading.shell.venue.live import Book
from trading.shell.venue.orders import VenueEvent
from trading.shell.venue.perpetuals import fund
from trading.shell.venue.placing import Placing
from trading.shell.venue.playing import play
from trading.shell.venue.rules import Rules

EXPIRED = "expired"


class Lull(NamedTuple):
    """Candles between `floor` and `ceiling` that open before `until` change nothing."""

    floor: float
    ceiling: float
    until: float


IDLE = Lull(-inf, inf, inf)

Finer = Callable[[Candle], Sequence[Candle]]
"""The finer candles of one candle, oldest first; none where there are none."""


def are_whole(finer: Sequence[Candle], candle: Candle, step: int) -> bool:
    """Whether finer candles are all of one of `step` seconds: evenly apart from its open
    to its end, with its open, high, low and close."""
    if not finer or step % len(finer):
        return False
    times = [one.time for one in finer]
    return (
        times == list(range(candle.time, candle.time + step, step // len(finer)))
        and finer[0].open == candle.open
        and finer[-1].close == candle.close
        and max(one.high for one in finer) == candle.high
        and min(one.low for one in finer) == candle.low
    )


class Matching(Placing):
    """One account's orders and positions; `finer` candles decide inside a candle."""

    def __init__(self, rules: Rules, cash: Decimal, finer: Finer | None = None) -> None:
        super().__init__(rules, cash)
        self._finer = finer

    def busy(self, symbol: str) -> bool:
        """Whether a candle of `symbol` can change anything: else skip the venue."""
        return symbol in self._busy

    def is_quiet(self, symbol: str, low: float, high: float) -> bool:
        """Whether a candle of that range fires nothing and owes no funding."""
        book = self._books.get(symbol)
        return book is None or (
            low > book.floor and high < book.ceiling and not book.funded
        )

    def lull(self, symbol: str) -> Lull | None:
        """Which candles of `symbol` change nothing; None where the next one will."""
        book = self._books.get(symbol)
        if book is None or symbol not in self._busy:
            return IDLE
        if book.waiting or book.arrivals or book.funded:
            return None
        return Lull(book.floor, book.ceiling, book.expires)

    def begin(self, symbol: str, time: int, open_: float) -> None:
        """A candle begins: what has expired is withdrawn, market orders fill."""
        if time > self.now:
            self.now = time
        book = self._books.get(symbol)
        if book is None:
            return
        book.mark = open_
        book.marked_at = time
        if book.expires <= time or book.waiting or book.arrivals:
            self._open(book, time, open_)

    def _open(self, book: Book, time: int, open_: float) -> None:
        for live in list(book.orders()):
            expires = live.intent.expires_at
            if expires is not None and expires <= time:
                self._run.end(book, live, EXPIRED, time)
        for live in book.orders():
            live.began = time if live.began is None else live.began
        for live in sorted(book.waiting, key=lambda one: not one.closes):
            if not live.ended:
                self._run.execute(book, live, open_, time)
        self._run.leave(book, time)
        self._settle(book)

    def finish(self, candle: Candle) -> None:
        """A candle is over: play it, then pay the funding of its hours."""
        end = candle.time + self.rules.step
        if end > self.now:
            self.now = end
        book = self._books.get(candle.symbol)
        if book is None:
            return
        book.mark = candle.close
        book.marked_at = end
        if candle.low <= book.floor or candle.high >= book.ceiling:
            self._play(book, candle)
        if book.funded and end // HOUR > candle.time // HOUR:
            fund(self._run, book, candle.time, end, candle.close)
            self._settle(book)

    def _play(self, book: Book, candle: Candle) -> None:
        opened: int | None = candle.time
        for part in self._parts(candle):
            play(self._run, book, part, opened)
            opened = None
            book.measure()
        self._settle(book)

    def _parts(self, candle: Candle) -> Sequence[Candle]:
        """The finer candles, if they are the whole candle."""
        finer = self._finer(candle) if self._finer else ()
        return finer if are_whole(finer, candle, self.rules.step) else (candle,)

    def take_events(self) -> list[VenueEvent]:
        """What happened since last asked."""
        events, self._run.events = self._run.events, []
        return events

    def mark(self, symbol: str) -> tuple[float, int] | None:
        """The last price of a market that passed here, and when."""
        book = self._books.get(symbol)
        if book is None or book.mark is None:
            return None
        return book.mark, book.marked_at
