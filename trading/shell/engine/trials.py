"""Many backtests of one stack over the same candles, in processes of their own.

A process opens the stack and prepares the candles once; between its runs only the
parameters and the span vary. It needs no database and holds no key; what a model said is
read beforehand from the decision tape.
"""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.records import Memory
from core.runtimes import make_runtime
from core.sandbox import Sandbox
from core.sent import Sent, received
from core.settings import load_settings
from core.stack import Stack
from core.stack.fused import FusedRun
from core.stack.parameters import with_parameters
from core.wrapper import Runtime
from trading.shell.config import TradeSettings
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.columns import Columns, columns_of, sliced
from trading.shell.engine.deciding import names_of
from trading.shell.engine.tape import CAPABILITY, Asking, CopiedTape
from trading.shell.law.limits import Limits
from trading.shell.statistics.overfitting import Outcome, outcome_of
from trading.shell.statistics.walk_forward import Span

FEW = 200  # calls of one process that are remembered
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Variant:
    """What one combination of a search runs with, checked before anything runs."""

    parameters: Parameters
    settings: TradeSettings
    limits: Limits


@dataclass(frozen=True)
class Search:
    """What all trials share: the project, the stack as data, the candles, the variants.

    `variants` are found by `named(parameters)`; `answers` are what the decision tape
    holds of these candles.
    """

    root: Path
    stack: str
    modules: tuple[Sent, ...]
    task: Task
    variants: Mapping[str, Variant] = field(default_factory=dict)
    answers: Mapping[tuple[str, int], str | None] = field(default_factory=dict)


def named(parameters: Parameters) -> str:
    """What a combination is found by."""
    return repr(sorted(parameters.items()))


def write(search: Search, file: Path) -> "Trials":
    """Put the search where its processes read it."""
    file.write_bytes(pickle.dumps(search, pickle.HIGHEST_PROTOCOL))
    return Trials(file)


@dataclass(frozen=True)
class Trials:
    """The runs of a search; each call is one, and can be sent to another process.

    Raises what a backtest raises.
    """

    file: Path

    def whole(self, parameters: Parameters) -> Outcome:
        """Over everything."""
        return _bench(self.file).run(parameters, None)

    def over(self, span: Span, parameters: Parameters) -> Outcome:
        """Over the steps of the timeline in `span` only, from the initial state."""
        return _bench(self.file).run(parameters, span)


@dataclass(frozen=True)
class Bench:
    """A search opened in this process."""

    search: Search
    stack: Stack
    runtime: Runtime
    columns: tuple[Columns, ...]
    times: NDArray[np.int64]
    asking: Asking

    def run(self, parameters: Parameters, span: Span | None) -> Outcome:
        """One trial."""
        variant = self.search.variants[named(parameters)]
        stack = with_parameters(self.stack, variant.parameters)
        about = replace(
            self.search.task, settings=variant.settings, limits=variant.limits
        )
        columns = self.columns if span is None else self._cut(span)
        task = about if span is None else replace(about, first=0)
        run = FusedRun(stack, self.runtime)
        return outcome_of(Backtest(run, task, self.asking, columns).play())

    def _cut(self, span: Span) -> tuple[Columns, ...]:
        first, last = int(self.times[span.first]), int(self.times[span.end - 1])
        cut = (sliced(one, first, last + 1) for one in self.columns)
        return tuple(one for one in cut if len(one))


@lru_cache(maxsize=1)
def _bench(file: Path) -> Bench:
    """The search in `file`, opened once a process."""
    search: Search = pickle.loads(file.read_bytes())  # noqa: S301  we wrote it
    settings = load_settings(search.root)
    stack = received(settings, search.stack, search.modules)
    asking = Asking(CopiedTape(search.answers))
    runtime = make_runtime(
        settings,
        Memory(FEW),
        Sandbox(),
        engine="native",
        capabilities={CAPABILITY: asking},
    )
    run = FusedRun(stack, runtime)
    names = names_of(run.symbol_names).series
    columns = tuple(columns_of(one, names) for one in search.task.candles)
    return Bench(
        search,
        stack,
        runtime,
        columns,
        steps_of([one.bars[0] for one in columns]),
        asking,
    )


def steps_of(times: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The UTC seconds of the timeline: when any of the markets has a candle."""
    return np.unique(np.concatenate(times))
