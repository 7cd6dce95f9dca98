"""Paper trading: the engine under a running clock, its ledger in the database.

The same engine, venue and law as a backtest. It may be killed at any moment and started
again: it goes on where the ledger says it stood.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time as wall_clock

import psutil

from core.errors import DataError
from core.stack.fused import FusedRun
from trading.shell.config import TradeSettings
from trading.shell.engine.assembly import Parts, assemble
from trading.shell.engine.engine import Engine
from trading.shell.engine.failing import Failures
from trading.shell.engine.feeds import Closed, Feed, LiveFeed
from trading.shell.engine.freshness import is_fresh, is_newest
from trading.shell.engine.grids import new_grids, with_kept_grids
from trading.shell.engine.hearing import Hearing
from trading.shell.engine.kinds import Kind, first_remark, require_kind, require_step
from trading.shell.engine.pause import Stopped
from trading.shell.engine.progress import Progress, progress_of
from trading.shell.engine.resuming import Stood, recall, restore, settle, stood
from trading.shell.engine.tape import Asking
from trading.shell.engine.timeline import Row
from trading.shell.engine.trouble import Troubles
from trading.shell.law import Policy, switch
from trading.shell.law.halts import Halts, Seen, halts_of
from trading.shell.law.limits import Limits
from trading.shell.ledger import Account
from trading.shell.ledger.events import Deposited
from trading.shell.ledger.memory import summed
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.orders import Mode
from trading.shell.venue.rules import Rules
from trading.shell.venue.simulated import PaperVenue

MEGABYTE = 1024 * 1024
NEWEST = 100  # signals that a session that goes on keeps in memory
Say = Callable[[str], None]


def memory_in_use() -> float:
    """MB of real memory that this process holds."""
    return float(psutil.Process().memory_info().rss) / MEGABYTE


@dataclass
class Paper:
    """One paper account at work on a feed. `say` is told what a person should know.

    `decided` has the newest candle of each symbol whose decisions are on record.
    `mark` is called after each candle, for a board, `begun` once the account stands where
    the first is traded; `home` is the state folder.
    `alone` is asked before every candle and while none comes: it raises where another
    trades by now. `failures` are those that the run's runtime notices. `kind` is that of the market: an
    account that was opened on another is a DataError.
    """

    run: FusedRun
    journal: PostgresJournal
    feed: Feed
    rules: Rules
    settings: TradeSettings
    limits: Limits
    home: Path
    decided: Mapping[str, int]
    say: Say
    mark: Callable[[int], None] = lambda _: None
    begun: Callable[[], None] = lambda: None
    alone: Callable[[], None] = lambda: None
    clock: Callable[[], float] = wall_clock
    memory: Callable[[], float] = memory_in_use
    asking: Asking | None = None
    failures: Failures | None = None
    kind: Kind = "csv"
    engine: Engine = field(init=False)
    hearing: Hearing = field(init=False)
    _stood: Stood = field(init=False)
    _progress: Mapping[str, Progress] = field(init=False)
    _troubles: Troubles = field(init=False)
    _signals: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        events = self.journal.events()
        require_kind(events, self.kind, self.account.name)
        require_step(events, self.rules.step, self.account.name)
        self.rules = with_kept_grids(self.rules, events)
        state = summed(events)
        _require_markets(state, self.rules, self.account)
        cash = state.available if state.deposits else self.settings.session.deposit
        venue = PaperVenue(self.rules, cash, quote=self.account.quote)
        restore(venue, state)
        self.engine = assemble(
            Parts(
                run=self.run,
                account=self.account,
                settings=self.settings,
                limits=self.limits,
                journal=self.journal,
                state=state,
                venue=venue,
                symbols=tuple(self.rules.instruments),
                asking=self.asking,
            ),
            records=True,
            watch=self._watch,
        )
        self.hearing = Hearing(
            self.home,
            self.account,
            self.engine,
            self.rules.step,
            lambda line: self.say(line),
        )
        self._troubles = Troubles(self.run)
        step, newest = self.rules.step, max(self.decided.values(), default=None)
        self._stood = stood(state, step, newest)
        self._progress = progress_of(
            self.rules.instruments, events, step, self._stood, self.decided
        )
        for symbol, one in self._progress.items():
            self.engine.broker.books.view.holder(symbol).decided = one.decided + step

    @property
    def account(self) -> Account:
        """Whose rows are written."""
        return self.journal.account

    async def trade(self) -> None:
        """Trade until the feed ends or its pause is ended."""
        if isinstance(self.feed, LiveFeed):
            self.feed.beat, self.feed.say = self._beat, lambda line: self.say(line)
        with suppress(Stopped):
            await self._trade()

    async def _trade(self) -> None:
        await self.feed.prepare()
        await self._begin()
        after = {name: one.decided for name, one in self._progress.items()}
        async for closed in self.feed.closed(after):
            self.alone()
            self.hearing.hear(closed.time + self.rules.step)
            before = self._halts()
            if closed.time <= self._stood.played:
                await self._decide_again(closed)
            else:
                await self.engine.candle(
                    closed.time,
                    closed.present,
                    decide=closed.newest,
                    enter=closed.fresh,
                )
            self.engine.broker.books.catch_up()
            self._say_halts(before)
            self._attend(closed.time)
            self.mark(closed.time)

    def _attend(self, time: int) -> None:
        """Ask the stack about the modules that failed in the candle that is done."""
        signals = self.engine.signals
        new = signals[self._signals :]
        del signals[:-NEWEST]
        self._signals = len(signals)
        if self.failures is None:
            return
        self.failures.refused(new, self.run.stack)
        told = self.failures.settle(self._troubles, time)
        if told:
            self.engine.broker.books.book(told)
            if self.engine.heard:
                self.engine.heard(time, told)

    async def _begin(self) -> None:
        """The first deposit, or what a restart has to settle."""
        books, step = self.engine.broker.books, self.rules.step
        begun = min(int(one.bars[0][0]) for one in self.feed.columns)
        first = max(begun, self.feed.first)
        if not books.state.deposits:
            remark = first_remark(self.kind, step)
            deposit = Deposited(self.settings.session.deposit, first, remark)
            books.write([deposit])
        if self.rules.derived:
            at = max(first, books.state.clock)
            books.write(new_grids(self.rules, self.journal.events(), at))
        recall(self.engine, self.feed.columns, self._stood.played)
        self.engine.accountant.begin()
        if self._stood.played >= 0:
            await self._settle(self._stood.played, self._stood.played + step)
        self.begun()

    async def _settle(self, played: int, now: int) -> None:
        """Hear and look first: a halt stops what a dead process had not sent yet."""
        self.hearing.hear(now)
        engine, clock = self.engine, self.clock()
        policy, late = engine.guard.look(now), self._is_late(is_fresh, played, clock)
        newest = not self._is_late(is_newest, played, clock)
        for line in await settle(
            engine,
            newest=played if newest else None,
            now=now,
            policy=policy or (Policy.FREEZE if late else None),
        ):
            self.say(line)
        if policy is not None:
            await engine.withdraw()
        if policy is Policy.FLATTEN and newest and not self._stood.undecided:
            await engine.flatten([*engine.broker.books.view.holders], now)
            self.hearing.hear(now)

    def _is_late(
        self, still: Callable[[int, int, float], bool], time: int, now: float
    ) -> bool:
        """Whether a live candle is not `still` what it has to be; history never is late."""
        live = isinstance(self.feed, LiveFeed)
        return live and not still(time, self.rules.step, now)

    async def _decide_again(self, closed: Closed) -> None:
        """A candle that was played when the process died, and not decided to its end; of
        markets that lagged then, one that was not played either."""
        if missed := self._missed(closed):
            await self.engine.passed(closed.time, missed)
        if closed.newest:
            policy = self.engine.guard.look(closed.time + self.rules.step)
            await self.engine.act_on(
                closed.time, closed.present, policy, enter=closed.fresh
            )

    def _missed(self, closed: Closed) -> list[tuple[str, Row]]:
        """The candles that may not have been played; those of a candle that was cut off
        between its two writes were."""
        if self._stood.undecided and closed.time == self._stood.played:
            return []
        known = self._progress
        return [one for one in closed.present if closed.time > known[one[0]].played]

    def _beat(self) -> None:
        """While no candle comes: words are heard, the kill switch and the law looked at.

        Only halts that are new, or over, are written; each is said once.
        """
        self.alone()
        books = self.engine.broker.books
        now = books.state.curve.at
        if not now:  # nothing was traded yet
            return
        books.catch_up()
        self.hearing.hear(now)
        before = self._halts()
        self.engine.guard.glance(now)
        self._say_halts(before)

    def _halts(self) -> Halts:
        return halts_of(self.engine.broker.books.state.halts.values())

    def _say_halts(self, before: Halts) -> None:
        now = self._halts()
        for cause in now.keys() - before.keys():
            self.say(f"halted: {now[cause]}")
        for cause in before.keys() - now.keys():
            self.say(f"no longer halted: {cause}")

    def _watch(self, at: int) -> Seen:
        """What only a running session can see."""
        feed, books = self.feed, self.engine.broker.books
        silent, late = 0.0, 0.0
        if isinstance(feed, LiveFeed):
            silent, late = feed.silent, feed.late
        return Seen(
            at,
            api_silent=silent,
            database=not books.lost,
            memory_mb=self.memory(),
            bars_late=late,
            kill_switch=switch.kill_switch(self.home, Mode.PAPER),
        )


def _require_markets(state: LedgerState, rules: Rules, account: Account) -> None:
    """Refuse to go on without the candles of what is held or ordered: DataError."""
    orders = (one.intent.symbol for one in state.working.values())
    missing = sorted({*state.holdings, *orders} - set(rules.instruments))
    if missing:
        raise DataError(
            f"account {account.name} holds or has orders in {', '.join(missing)},"
            " which this session has no candles of",
            field="symbols",
            value=missing,
            remedy="trade them along, or use another --account",
        )
