"""A backtest: the engine under a historical clock, over an in-memory ledger."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stack.fused import FusedRun
from trading.shell.candles import Candles, stamp
from trading.shell.config import TradeSettings
from trading.shell.engine.assembly import Parts, assemble, require_session, rules_of
from trading.shell.engine.columns import Columns, columns_of
from trading.shell.engine.deciding import names_of
from trading.shell.engine.finer import finer_of
from trading.shell.engine.gliding import Glider
from trading.shell.engine.keeping import keeping
from trading.shell.engine.result import Result
from trading.shell.engine.tape import Asking
from trading.shell.engine.timeline import Step, blocks, times_of
from trading.shell.law.limits import Limits
from trading.shell.ledger import Account
from trading.shell.ledger.events import Deposited, Halted
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.venue.funding import FundingSeries
from trading.shell.venue.orders import Mode
from trading.shell.venue.simulated import BacktestVenue

EVERY = 5000  # steps between two words of progress

OnProgress = Callable[[int, int], None]
Curve = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Times and equity."""


@dataclass(frozen=True)
class Task:
    """What a backtest runs over and with; nothing is decided on before `first`.

    `detail` are finer candles that say in which order prices came inside the others,
    `funding` the series of perpetuals, by symbol; `warnings` stand above the result.
    """

    candles: tuple[Candles, ...]
    settings: TradeSettings
    limits: Limits
    name: str = "backtest"
    first: int = 0
    shown: Mapping[str, Any] = field(default_factory=dict)
    detail: tuple[Candles, ...] = ()
    funding: Mapping[str, FundingSeries] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def deposit(self) -> Decimal:
        """What the account begins with."""
        return self.settings.session.deposit


class Backtest:
    """One run; `journal` holds its ledger afterwards, to be kept if a person wants it.

    `columns` are the task's candles prepared already, or a part of them. Those that it
    prepares itself it lets go of while it plays.

    Raises DataError when the candles lack what the stack reads, and StackError or
    StoreError from the run itself.
    """

    def __init__(
        self,
        run: FusedRun,
        task: Task,
        asking: Asking | None = None,
        columns: Sequence[Columns] = (),
    ) -> None:
        self.run, self.task = run, task
        self.started = perf_counter()
        quote = require_session(task.candles)
        series = names_of(run.symbol_names).series
        self._alone = not columns
        self.columns = list(columns) or [
            columns_of(one, series) for one in task.candles
        ]
        self.journal = MemoryJournal(daily=True)
        rules = rules_of(task.candles, task.settings, task.detail, task.funding)
        finer = finer_of(task.detail, rules.step) if task.detail else None
        self.venue = BacktestVenue(rules, task.deposit, quote=quote, finer=finer)
        self.engine = assemble(
            Parts(
                run=run,
                account=Account(Mode.BACKTEST, task.name, quote),
                settings=task.settings,
                limits=task.limits,
                journal=self.journal,
                state=self.journal.state,
                venue=self.venue,
                symbols=tuple(one.symbol for one in self.columns),
                summed=True,
                asking=asking,
            )
        )
        self.engine.decider.prevalidate(self.columns)
        self.glider = Glider(self.engine)

    def play(self, on_progress: OnProgress | None = None) -> Result:
        """Every candle in turn, and what it came to."""
        told = _Progress(sum(map(len, self.columns)), on_progress)
        self._deposit()
        # What the loop's task gives is printed when the loop is left: no Result.
        with keeping():
            times, equity = asyncio.run(self._passed(told))
        told.over()
        return self._result(times, equity)

    async def _passed(self, told: "_Progress") -> Curve:
        """Every step; those on which nothing happens are passed over in one go."""
        times = times_of(self.columns)
        equity: NDArray[np.float64] = np.empty(len(times))
        number = 0
        for steps in blocks(self.columns):
            closes = await self._block(steps, told, number)
            end = number + len(steps)
            equity[number:end] = closes
            number = end
            if self._alone:
                self._pass_by(steps[-1][0])
            del steps  # before the next block is made
        return times, equity

    def _pass_by(self, time: int) -> None:
        """Nobody reads the columns again up to the candles that opened at `time`."""
        for one in self.columns:
            one.pass_by(int(one.bars[0].searchsorted(time, "right")))

    async def _block(
        self, steps: Sequence[Step], told: "_Progress", before: int
    ) -> list[float]:
        """Equity at the close of each step."""
        engine, glider, first = self.engine, self.glider, self.task.first
        view, equity, at = engine.broker.books.view, list[float](), 0
        while at < len(steps):
            if steps[at][0] >= first:
                at = glider.along(steps, at, equity)
                if at == len(steps):
                    break
            time, present = steps[at]
            await engine.candle(time, present, decide=time >= first)
            equity.append(view.equity)
            at += 1
            told.reach(before + at)
        return equity

    def _halts(self) -> Iterator[str]:
        """What was halted and resumed, and when."""
        for event in self.journal.everything():
            if isinstance(event, Halted):
                why = f": {event.detail}" if event.detail else ""
                yield f"{stamp(event.at)}: {event.cause}{why}"

    def _deposit(self) -> None:
        begun = min(int(one.bars[0][0]) for one in self.columns)
        self.engine.broker.books.write([Deposited(self.task.deposit, begun, "start")])
        self.engine.broker.books.view.measure()
        self.engine.accountant.begin()

    def _result(self, times: NDArray[np.int64], equity: NDArray[np.float64]) -> Result:
        engine, task, state = self.engine, self.task, self.journal.state
        tally = engine.tally
        return Result(
            account=engine.broker.account,
            stack=self.run.stack.name,
            candles=task.candles,
            deposits=state.deposits,
            times=times,
            equity=equity,
            trades=tuple(state.trades),
            decisions=tuple(engine.decisions),
            signals=tuple(engine.signals),
            near=dict(tally.ended),
            contributions={name: dict(count) for name, count in tally.modules.items()},
            fees=state.fees,
            funding=state.funding,
            versions=self.run.stack.versions,
            settings=dict(task.shown),
            assumptions=self.venue.assumptions,
            notes=(*task.limits.clamped, *self._halts()),
            failures=dict(tally.failures),
            warm_up=max(one.warm_up for one in self.columns),
            bars=sum(map(len, self.columns)),
            scans=tally.scans,
            seconds=perf_counter() - self.started,
            first=task.first,
            warnings=task.warnings,
        )


class _Progress:
    """Tells how far a run is, every so many steps."""

    def __init__(self, bars: int, tell: OnProgress | None) -> None:
        self._bars, self._tell, self._next = bars, tell, EVERY

    def reach(self, number: int) -> None:
        """So many steps are done."""
        if number >= self._next and self._tell:
            self._next = number - number % EVERY + EVERY
            self._tell(number, self._bars)

    def over(self) -> None:
        """All of them are."""
        if self._tell:
            self._tell(self._bars, self._bars)
