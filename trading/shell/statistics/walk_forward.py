"""Walk-forward: choose parameters on one stretch of bars, judge them on the next.

The judged stretches never overlap and were never chosen on, so put together they show
what choosing in this way would have met with.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.errors import DataError
from trading.shell.statistics.overfitting import Outcome

Parameters = Mapping[str, Any]


class Span(NamedTuple):
    """Bars from `first` up to, not including, `end`."""

    first: int
    end: int


class Window(NamedTuple):
    """Where parameters are chosen, and where they are judged."""

    train: Span
    test: Span


Backtest = Callable[[Span, Parameters], Outcome]
"""Runs the stack over a span with parameters; warm-up bars before it are its affair."""


@dataclass(frozen=True)
class Fold:
    """One window: the parameters chosen on it, and what they gave in and out of it."""

    window: Window
    parameters: Parameters
    chosen_on: Outcome
    judged: Outcome


def windows(
    bars: int, *, train: int, test: int, anchored: bool = False
) -> list[Window]:
    """Windows over `bars` bars, each tested on the `test` bars after its training.

    They move by `test`, so that no bar is judged twice; an anchored one trains from the
    first bar on. Bars at the end too few for a test are left out. DataError when not one
    window fits.
    """
    if train < 1 or test < 1 or train + test > bars:
        raise DataError(
            f"{bars} bars hold no window of {train} to choose on and {test} to judge",
            field="walk_forward",
            value=(train, test),
            remedy="give both at least 1 bar, and together no more than there are",
        )
    starts = range(0, bars - train - test + 1, test)
    return [
        Window(
            Span(0 if anchored else start, start + train),
            Span(start + train, start + train + test),
        )
        for start in starts
    ]


def walk_forward(
    cut: Sequence[Window],
    candidates: Sequence[Parameters],
    backtest: Backtest,
    score: Callable[[Outcome], float],
    executor: Executor,
) -> list[Fold]:
    """One fold a window: the candidate that scores highest on `train`, run on `test`.

    Every run goes through `executor`; the first of equal candidates is taken. What a run
    raises is raised.
    """
    trained = [
        [executor.submit(backtest, window.train, one) for one in candidates]
        for window in cut
    ]
    chosen = [_best([run.result() for run in runs], score) for runs in trained]
    judged = [
        executor.submit(backtest, window.test, candidates[best])
        for window, (best, _) in zip(cut, chosen, strict=True)
    ]
    return [
        Fold(window, candidates[best], outcome, run.result())
        for window, (best, outcome), run in zip(cut, chosen, judged, strict=True)
    ]


def _best(
    outcomes: Sequence[Outcome], score: Callable[[Outcome], float]
) -> tuple[int, Outcome]:
    best = max(range(len(outcomes)), key=lambda at: score(outcomes[at]))
    return best, outcomes[best]


def efficiency(folds: Sequence[Fold]) -> float | None:
    """Mean growth a bar out of sample over that in sample (Pardo 2008, who takes a year).

    A rate of time, since the windows chosen on are longer than those judged. None where
    the chosen ones did not gain in sample: a share of nothing means nothing.
    """
    inside = sum(_growth_a_bar(fold.chosen_on) for fold in folds)
    outside = sum(_growth_a_bar(fold.judged) for fold in folds)
    return outside / inside if inside > 0 else None


def _growth_a_bar(outcome: Outcome) -> float:
    """The growth of each bar that comes to the whole; -1 where everything was lost."""
    if outcome.growth <= -1:
        return -1.0
    return float((1 + outcome.growth) ** (1 / max(1, outcome.returns))) - 1
