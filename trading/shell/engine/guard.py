"""The law's eye on the account, once a candle: equity marked, halts found and ended.

While nothing is held and nothing has happened, equity stands still and there is nothing
to look at; a candle costs nothing then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import NamedTuple

from trading.shell.changed import changed
from trading.shell.engine.books import Books
from trading.shell.law import Policy
from trading.shell.law.halts import Seen, evaluate, halts_of, policy
from trading.shell.law.limits import Limits
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.events import LedgerEvent, Snapshot

HAIR = 1e-9  # more than floats are ever off the cents

Watch = Callable[[int], Seen]
"""What the world looks like: the exchange, the database, memory, the kill switch."""


class Lull(NamedTuple):
    """Candles that close before `until` with equity between `low` and `high` are calm."""

    until: int
    low: float
    high: float


@dataclass
class LawGuard:
    """Marks and judges one account. `snapshots` writes equity at every candle, else daily.

    `watch` sees what only a real run has; without one (a backtest) all is well.
    """

    books: Books
    limits: Limits
    snapshots: bool = False
    watch: Watch | None = None
    violation: str = ""
    _seen_events: int = -1
    _day_ends: int = 0
    _policy: Policy | None = None
    _low: float = 0.0
    _high: float = 0.0
    _passed: tuple[int, list[tuple[str, float]]] | None = None

    @property
    def policy(self) -> Policy | None:
        """What the halts in force do; None where there is none."""
        return self._policy

    @property
    def day_ends(self) -> int:
        """The UTC second at which the day ends that was looked at last."""
        return self._day_ends

    def calm(self, now: int) -> bool:
        """Whether this candle can have changed nothing the law asks for.

        Nothing was written, the day is the same, and equity is neither at its peak nor
        near a limit: then it need not be worked out to the cent.
        """
        books = self.books
        if self.watch or books.written != self._seen_events or now >= self._day_ends:
            return False
        if not books.state.holdings:
            return True
        books.view.measure()
        if self._policy is None and self._low < books.view.equity < self._high:
            self._passed = now, self._closes()
            return True
        return False

    def lull(self) -> Lull | None:
        """What has to hold of the candles to come for `calm`; None where it cannot."""
        books = self.books
        if self.watch or self._policy is not None:
            return None
        if books.written != self._seen_events:
            return None
        if books.state.holdings:
            return Lull(self._day_ends, self._low, self._high)
        return Lull(self._day_ends, -inf, inf)

    def look(self, now: int, happened: Sequence[LedgerEvent] = ()) -> Policy | None:
        """Book what happened with equity's mark, write new halts down; what halts do."""
        new_day = now >= self._day_ends
        if new_day:
            self._recall()
            self._day_ends = now - now % DAY + DAY
        self._mark(now, happened, new_day=new_day)
        self._judge(now)
        self._seen_events = self.books.written
        self._bound(now)
        return self._policy

    def _closes(self) -> list[tuple[str, float]]:
        holders = self.books.view.holders
        return [(symbol, holders[symbol].close) for symbol in self.books.state.holdings]

    def glance(self, now: int) -> Policy | None:
        """Look for halts between two candles: only what is new is written."""
        self._judge(now)
        self._seen_events = self.books.written
        return self._policy

    def _recall(self) -> None:
        """The day that ended did so at the last candle that was passed over."""
        if self._passed is not None:
            at, closes = self._passed
            marks = {symbol: Decimal(repr(close)) for symbol, close in closes}
            state = self.books.state
            if at > state.curve.at and marks.keys() == state.holdings.keys():
                state.curve.observe(at, state.equity(marks))

    def _bound(self, now: int) -> None:
        """Between which figures equity needs no exact look."""
        curve, limits = self.books.state.curve, self.limits
        day = curve.day_start(now) * (1 - limits.daily_loss_share)
        floor = max(day, curve.base * (1 - limits.drawdown_share))
        self._low = float(floor) * (1 + HAIR) + HAIR
        self._high = float(min(curve.peak, curve.base)) * (1 - HAIR)
        self._passed = None

    def _mark(
        self, now: int, happened: Sequence[LedgerEvent], *, new_day: bool
    ) -> None:
        """Equity into the curve; into the journal as well where it is to be kept."""
        books = self.books
        if self.snapshots or new_day:
            books.book(happened, lambda: self._snapshot(now))
            return
        if happened:
            books.book(happened)
        books.view.measure()
        books.state.curve.observe(now, books.state.equity(books.marks()))

    def _snapshot(self, now: int) -> Snapshot:
        self.books.view.measure()
        return self.books.state.snapshot(now, self.books.marks())

    def _judge(self, now: int) -> None:
        state = self.books.state
        halts = halts_of(state.halts.values())
        watched = self.watch is not None or bool(self.violation)
        if not watched and not halts and self._sound(now):
            self._policy = None
            return
        holders = self.books.view.holders.values()
        symbol = next((one.symbol for one in holders if one.close), "")
        seen = self.watch(now) if self.watch else Seen(now)
        stands = self.books.standing(symbol, now) if symbol else None
        seen = changed(seen, standing=stands, violation=self.violation)
        events = evaluate(self.limits, halts, seen)
        if events:
            self.books.book(events)
        self._policy = policy(self.limits, halts_of(state.halts.values()))

    def _sound(self, now: int) -> bool:
        """Whether no loss limit can have been met: then nothing has to be weighed."""
        state, limits = self.books.state, self.limits
        curve = state.curve
        day_floor = curve.day_start(now) * (1 - limits.daily_loss_share)
        floor = curve.base * (1 - limits.drawdown_share)
        streak = limits.losses_allowed(len(state.trades))
        return curve.equity > max(day_floor, floor) and state.losses_to_answer < streak
