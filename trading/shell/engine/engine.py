"""The engine: gather, scan, decide, risk law, venue, record; once a closed candle.

A backtest, paper trading and a replay are this loop under different clocks. What a
module cannot answer stops entries only: exits and stops go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from core.errors import StoreError
from core.stack.fused import FusedTick
from trading.shell.changed import changed
from trading.shell.engine.account import Holder
from trading.shell.engine.accounting import Accountant
from trading.shell.engine.acting import Broker
from trading.shell.engine.books import booked
from trading.shell.engine.deciding import Decider, Values, outputs
from trading.shell.engine.guard import LawGuard
from trading.shell.engine.links import Link
from trading.shell.engine.recording import (
    Tally,
    confidence_of,
    decided_of,
    decision_id,
    scanned_of,
)
from trading.shell.engine.settling import owed
from trading.shell.engine.signalling import Moment
from trading.shell.engine.timeline import READY, Present, Row
from trading.shell.engine.wants import Wants, wants_of
from trading.shell.law import Policy
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.events import Decided, LedgerEvent, Signalled
from trading.shell.venue import Candle
from trading.shell.venue.matching import Lull
from trading.shell.venue.orders import Intent, Purpose, VenueEvent

FLATTENED = "halted: flatten"
NOTHING_HAPPENED: Sequence[LedgerEvent] = ()


class Played(Protocol):
    """A simulated market: candles are played to it before its events are asked for."""

    def busy(self, symbol: str) -> bool:
        """Whether anything rests, is held or waits."""

    def is_quiet(self, symbol: str, low: float, high: float) -> bool:
        """Whether a candle of that range changes nothing."""

    def lull(self, symbol: str) -> Lull | None:
        """Which candles change nothing, if any."""

    def begin(self, symbol: str, time: int, open_: float) -> None:
        """A candle begins."""

    def finish(self, candle: Candle) -> None:
        """It ends."""

    def take_events(self) -> Sequence[VenueEvent]:
        """What has happened since last asked."""


@dataclass
class Engine:
    """One account's loop. `records` keeps every decision and scan, else those that act.

    `markets` counts the symbols an account shares its money over. `owed` are exits that
    never reached the venue, by symbol. `heard` is told of what was written of each
    candle, for a board.
    """

    broker: Broker
    decider: Decider
    guard: LawGuard
    accountant: Accountant
    played: Played | None = None
    records: bool = False
    markets: int = 1
    tally: Tally = field(default_factory=Tally)
    decisions: list[Decided] = field(default_factory=list)
    signals: list[Signalled] = field(default_factory=list)
    owed: Mapping[str, Intent] = field(default_factory=dict)
    heard: Callable[[int, Sequence[Decided]], None] | None = None
    reckons: bool = field(init=False)
    _day: int = -1

    def __post_init__(self) -> None:
        self._holders = self.broker.books.view.holders
        self._stirs = _always if self.played is None else self.played.busy
        self.reckons = self.accountant.wanted

    async def candle(
        self, time: int, present: Present, *, decide: bool = True, enter: bool = True
    ) -> None:
        """The candles that opened at `time` have closed.

        With `enter` false they are too old for an entry, and no exit waits for that; with
        `decide` false they are only played and marked: newer ones are known already.
        """
        if self.guard.policy is not None:  # looked at since the last candle
            await self.withdraw()
        policy = await self.passed(time, present)
        if policy is not None:
            await self.withdraw()
        if decide:
            await self.act_on(time, present, policy, enter=enter)

    async def act_on(
        self, time: int, present: Present, policy: Policy | None, *, enter: bool = True
    ) -> None:
        """Decide on candles that were played, and sell where that is the policy; first of
        all ask what became of the orders that the venue has not answered for."""
        if not enter:
            policy = policy or Policy.FREEZE
        if self.broker.unanswered or self.owed:
            await self.broker.look_up(time + self.broker.books.view.step)
            self.owed = owed(self.broker.books.state)
        ready = present
        for _, row in present:
            if not row[READY]:
                ready = [one for one in present if one[1][READY]]
                break
        if ready:
            await self.decide(time, ready, policy)
        if len(ready) < len(present):
            blind = [symbol for symbol, row in present if not row[READY]]
            await self._leave_blind(blind, policy, time + self.broker.books.view.step)

    async def passed(self, time: int, present: Present) -> Policy | None:
        """Play and mark the candles that opened at `time`; what halts in force do."""
        holders, happened = self._holders, NOTHING_HAPPENED
        for symbol, _ in present:
            if self._stirs(symbol):
                happened = await self._happened(time, present)
                break
        for symbol, row in present:
            holders[symbol].see(time, row[2], row[3], row[4])
        guard, now = self.guard, time + self.broker.books.view.step
        if not happened and guard.calm(now):
            return guard.policy
        policy, known = guard.look(now, happened), guard.violation
        self._reckon(time, happened)
        return policy if guard.violation == known else guard.look(now)

    def forgive(self) -> None:
        """A person has looked at a ledger that was found broken."""
        self.accountant.broken = self.guard.violation = ""

    async def _happened(self, time: int, present: Present) -> Sequence[LedgerEvent]:
        """What the candle did to orders and positions."""
        played = self.played
        if played is None:
            return [booked(event) for event in await self.broker.venue.events()]
        busy = [(symbol, row) for symbol, row in present if played.busy(symbol)]
        for symbol, row in busy:
            played.begin(symbol, time, row[1])
        for symbol, row in busy:
            if not played.is_quiet(symbol, row[3], row[2]):
                played.finish(Candle(symbol, time, *row[1:6]))
        events = played.take_events()
        return [booked(event) for event in events] if events else NOTHING_HAPPENED

    def _reckon(self, time: int, happened: Sequence[LedgerEvent]) -> None:
        """Let the stack reckon once a day, and in a recording run after every candle that
        moved money."""
        if not self.reckons:
            return
        moved = self.accountant.hear(happened) and self.records
        day = time // DAY
        if day == self._day and not moved:
            return
        self._day = day
        told = self.accountant.reckon(time)
        self.guard.violation = self.accountant.broken
        self._fail(told)
        if self.records:
            self.broker.books.book([told])

    async def decide(self, time: int, ready: Present, policy: Policy | None) -> None:
        """Ask the stack about the candles that opened at `time`, and act on its word."""
        tick, tally, decider = self.decider.tick(time, ready), self.tally, self.decider
        tally.scans += len(ready)
        every = self.records or policy is not None or bool(tick.odd)
        asking = [one for one in ready if every or decider.asks(tick, one[0])]
        for symbol, _ in ready:
            if ended := decider.ended(tick, symbol):
                tally.stopped(*ended)
        if asking:
            told = [await self._symbol(tick, *one, time, policy) for one in asking]
            self._keep(time, [one for one in told if one is not None])
        closed = time + self.broker.books.view.step
        for symbol, _ in ready:
            self._holders[symbol].decided = closed

    async def _symbol(
        self, tick: FusedTick, symbol: str, row: Row, time: int, policy: Policy | None
    ) -> Decided | None:
        """One symbol's decision acted on; None where there is nothing to tell of it."""
        values = outputs(tick, symbol)
        wants = self._wants(tick, symbol, values, policy)
        trace = self._trace(tick, symbol, wants)
        decided = decided_of(tick.decision(symbol), values, time, wants, trace)
        self._fail(decided)
        if wants:
            await self._act(wants, decided, time, row[4])
        return decided if wants or decided.faults or self.records else None

    def _trace(self, tick: FusedTick, symbol: str, wants: Wants) -> Sequence[Link]:
        """The chain behind what acts, and in a recording run behind everything."""
        if not (wants.entries or wants.exit or self.records):
            return ()
        return self.decider.chains.of(tick, symbol)

    def _wants(
        self, tick: FusedTick, symbol: str, values: Values, policy: Policy | None
    ) -> Wants:
        """What is asked for, less what halts and failed modules forbid."""
        view = self.broker.books.view
        one = view.holders[symbol]
        if policy is Policy.FLATTEN and one.held:
            return Wants(exit=FLATTENED, purpose=Purpose.FLATTEN)
        wants = wants_of(values, one, view.equity / self.markets)
        decision, whole = tick.decision(symbol), tick.portfolio
        failed = (
            decision.failed or decision.skipped or (whole is not None and whole.failed)
        )
        if failed or policy is not None or not decision.proceed:
            wants = without_entries(wants)
        due = self.owed or self.broker.trailer.moving
        return self._with_due(wants, one) if due else wants

    def _with_due(self, wants: Wants, one: Holder) -> Wants:
        """With what an earlier candle asked for, and of which the venue knows nothing:
        an exit, or a stop that was to be moved."""
        due = self.owed.get(one.symbol)
        level = self.broker.trailer.moving_to(one.symbol)
        if wants.exit:
            return wants
        if due is not None:
            return Wants(exit=due.reason, purpose=due.purpose)
        if wants.trail is None and level is not None:
            return changed(wants, trail=level)
        return wants

    async def _act(
        self, wants: Wants, decided: Decided, time: int, close: float
    ) -> None:
        now = time + self.broker.books.view.step
        confidence = confidence_of(decided.values)
        moment = Moment(decided.symbol, time, now, close, decided, confidence)
        try:
            self.signals += await self.broker.act(wants, moment)
        except StoreError as error:
            self._unwritten(error)

    def _unwritten(self, error: StoreError) -> None:
        """What cannot be written down is not sent; a way out is still owed."""
        books = self.broker.books
        books.lost, self.owed = str(error), owed(books.state)

    def _fail(self, decided: Decided) -> None:
        for module in decided.faults:
            self.tally.failures[module] += 1

    def _keep(self, time: int, made: Sequence[Decided]) -> None:
        """Write decisions and scans; in a backtest only those that acted or failed."""
        if self.records:
            view = self.broker.books.view
            scans = [scanned_of(one, view.holders[one.symbol].close) for one in made]
            self.broker.books.complete([*made, *scans])
        else:
            self.decisions += made
        if self.heard:
            self.heard(time, made)

    async def withdraw(self) -> None:
        """Cancel every entry that is not filled: none may fill while halted."""
        await self.broker.withdraw(self.broker.books.view.holders)

    async def flatten(self, symbols: Sequence[str], now: int) -> None:
        """Close what is held of them at the market where the stack cannot be asked."""
        for symbol in symbols:
            await self._leave(symbol, now, FLATTENED, Purpose.FLATTEN)

    async def _leave_blind(
        self, symbols: Sequence[str], policy: Policy | None, now: int
    ) -> None:
        """What has to be closed of symbols that the stack cannot be asked about."""
        if policy is Policy.FLATTEN:
            return await self.flatten(symbols, now)
        for due in [self.owed[one] for one in symbols if one in self.owed]:
            await self._leave(due.symbol, now, due.reason, due.purpose)
        return None

    async def _leave(
        self, symbol: str, now: int, reason: str, purpose: Purpose
    ) -> None:
        one = self.broker.books.view.holders[symbol]
        if not one.held:
            return
        name = decision_id(symbol, one.time)
        decided = Decided(
            *(name, symbol, one.time, "exit", True, reason, "", one.regime),
            *({}, {}, {}),
        )
        moment = Moment(symbol, one.time, now, one.close, decided)
        try:
            await self.broker.exit(moment, reason, purpose)
        except StoreError as error:
            self._unwritten(error)


def _always(_: str) -> bool:
    """A real venue may have news at any time."""
    return True


def without_entries(wants: Wants) -> Wants:
    """The same with no entry: exits and stops are never stopped."""
    return Wants(exit=wants.exit, trail=wants.trail)
