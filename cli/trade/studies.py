"""Studies beside a backtest: a sweep, walk-forward and Monte Carlo, on every core."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cli.context import Context
from cli.output import Output
from cli.trade.progress import Bars, OnProgress
from core.counting import counted
from core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.trade.kept import Earlier
    from core.stack import Stack
    from trading.shell.engine.backtest import Task
    from trading.shell.engine.result import Result
    from trading.shell.engine.trials import Trials, Variant
    from trading.shell.reporting.studies import Studies
    from trading.shell.statistics.overfitting import Outcome
    from trading.shell.statistics.sweep import Sweep
    from trading.shell.statistics.walk_forward import Fold, Window

TRAINED_ON = 3
"""Parameters are chosen on so many times the bars that they are judged on."""
JUDGED_ON = 10
"""The fewest bars that say anything."""

P = ParamSpec("P")
T = TypeVar("T")
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which studies: ranges of a sweep, folds of walk-forward, runs of Monte Carlo.

    `jobs` are processes; 0 is one a core.
    """

    ranges: tuple[str, ...] = ()
    folds: int = 0
    draws: int = 0
    jobs: int = 0

    @property
    def searches(self) -> bool:
        """Whether the stack runs again for them."""
        return bool(self.ranges or self.folds)

    def combinations(self) -> list[dict[str, Any]]:
        """What a search tries: the grid of the ranges, else what the session has."""
        from trading.shell.statistics.sweep import grid

        return grid(self.ranges)


@dataclass(frozen=True)
class Subject:
    """What is studied: the stack, how its session ran, each combination checked, and the
    windows of walk-forward."""

    stack: "Stack"
    task: "Task"
    variants: "Mapping[str, Variant]"
    cut: "Sequence[Window]" = ()


def announced(wanted: Wanted, task: "Task") -> str:
    """How much a search will run, before it does; "" where there is none."""
    if not wanted.searches:
        return ""
    many = len(wanted.combinations())
    bars = sum(int((one.frame["time"] >= task.first).sum()) for one in task.candles)
    folds = f", and in {wanted.folds} folds of them" if wanted.folds else ""
    return (
        f"{counted(many, 'combination')} will run over {bars:,} bars each{folds}, on "
        f"{counted(_jobs(wanted, many), 'process', 'processes')}"
    )


def _jobs(wanted: Wanted, combinations: int) -> int:
    runs = combinations * max(wanted.folds, 1)
    return min(wanted.jobs or os.cpu_count() or 1, runs)


def studied(
    context: Context,
    output: Output,
    wanted: Wanted,
    subject: Subject,
    result: "Result",
    earlier: "Earlier",
) -> "Studies":
    """Everything that was wanted beside `result`; `earlier` trials count as well."""
    from trading.shell.reporting.studies import Studies

    drawn = _drawn(output, wanted, result)
    if not wanted.searches:
        return Studies(drawn)
    combinations = wanted.combinations()
    with _search(context, wanted, subject) as (trials, executor), Bars(output) as bars:
        folds: Sequence[Fold] = ()
        swept = None
        if wanted.ranges:
            swept = _swept(
                trials, combinations, executor, bars.told("combinations"), earlier
            )
        if wanted.folds:
            moved = bars.told("walk-forward")
            folds = _walked(trials, combinations, executor, moved, subject.cut)
    return Studies(drawn, folds, swept)


def _drawn(output: Output, wanted: Wanted, result: "Result") -> Any:
    from trading.shell.statistics.monte_carlo import monte_carlo, trade_returns

    if not wanted.draws:
        return None
    if not result.trades:
        output.say("no trade was closed, so Monte Carlo has nothing to draw from")
        return None
    start = float(result.deposits)
    return monte_carlo(trade_returns(result), start=start, runs=wanted.draws)


@contextmanager
def _search(
    context: Context, wanted: Wanted, subject: Subject
) -> "Iterator[tuple[Trials, Executor]]":
    """The search on disk, where its processes read it, and the processes."""
    from core.sent import sent
    from trading.shell.engine.trials import Search, write
    from wick.executors import executor

    settings = context.settings
    search = Search(
        settings.root,
        subject.stack.name,
        sent(subject.stack),
        subject.task,
        subject.variants,
        _answers(context, subject.task),
    )
    with TemporaryDirectory(prefix="search-", dir=settings.home) as folder:
        trials = write(search, Path(folder) / "search.pickle")
        with executor(settings, _jobs(wanted, len(subject.variants))) as running:
            yield trials, running


def _answers(context: Context, task: "Task") -> dict[tuple[str, int], str | None]:
    """What a model said at these candles: no process of a search asks the database."""
    from trading.shell.ledger.tape import PostgresTape

    times = [one.frame["time"] for one in task.candles]
    first, last = min(t.iloc[0] for t in times), max(t.iloc[-1] for t in times)
    return PostgresTape(context.store).answers(int(first), int(last))


def _swept(
    trials: "Trials",
    combinations: Sequence[Parameters],
    executor: Executor,
    moved: OnProgress,
    earlier: "Earlier",
) -> "Sweep":
    from trading.shell.statistics.sweep import sweep

    return sweep(
        combinations,
        trials.whole,
        executor,
        earlier_trials=earlier.trials,
        earlier_sharpes=earlier.sharpes,
        on_progress=moved,
    )


def _walked(
    trials: "Trials",
    combinations: Sequence[Parameters],
    executor: Executor,
    moved: OnProgress,
    cut: "Sequence[Window]",
) -> "list[Fold]":
    from trading.shell.statistics.walk_forward import walk_forward

    running = _Counted(executor, moved, len(cut) * (len(combinations) + 1))
    return walk_forward(cut, combinations, trials.over, _growth, running)


def _growth(outcome: "Outcome") -> float:
    return outcome.growth


def windows_of(folds: int, stack: "Stack", task: "Task") -> "Sequence[Window]":
    """So many windows over the bars that can be decided on, counted among all bars.

    ConfigError where there are too few for them.
    """
    from trading.shell.engine.trials import steps_of
    from trading.shell.statistics.walk_forward import Span, Window, windows

    if not folds:
        return ()
    times = steps_of([one.frame["time"].to_numpy() for one in task.candles])
    first = max(stack.warm_up(), int(times.searchsorted(task.first)))
    bars = len(times) - first
    test = bars // (folds + TRAINED_ON)
    if test < JUDGED_ON:
        raise ConfigError(
            f"{bars} bars hold no {folds} folds of {JUDGED_ON} bars or more",
            field="--walk-forward",
            value=folds,
            remedy="ask for fewer folds, or give more candles",
        )
    found = windows(bars, train=TRAINED_ON * test, test=test)[:folds]
    return [
        Window(*(Span(first + one.first, first + one.end) for one in window))
        for window in found
    ]


class _Counted(Executor):
    """An executor that says how many of `total` calls are done."""

    def __init__(self, inner: Executor, moved: OnProgress, total: int) -> None:
        self._inner, self._moved, self._total = inner, moved, total
        self._done = 0

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Submit, and count when it is over."""
        future = self._inner.submit(fn, *args, **kwargs)
        future.add_done_callback(self._over)
        return future

    def _over(self, _: Future[Any]) -> None:
        self._done += 1
        self._moved(self._done, self._total)
