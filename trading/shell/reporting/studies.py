"""Studies of how far a result holds, which a report may carry beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from core.counting import counted
from trading.shell.candles import stamp
from trading.shell.reporting.words import amount_words
from trading.shell.statistics.monte_carlo import MonteCarlo
from trading.shell.statistics.sweep import Parameters, Sweep, Trial
from trading.shell.statistics.walk_forward import Fold, Span, efficiency

MOST_TRIALS = 20


@dataclass(frozen=True)
class Studies:
    """What was asked for beside the backtest; None and () were not."""

    monte_carlo: MonteCarlo | None = None
    folds: Sequence[Fold] = ()
    sweep: Sweep | None = None

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.monte_carlo or self.folds or self.sweep)


@dataclass(frozen=True)
class FoldRow:
    """A fold and when it was judged."""

    when: str
    fold: Fold


def parameter_words(parameters: Parameters) -> str:
    """Parameters on one line."""
    return (
        ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "none"
    )


def fold_rows(folds: Sequence[Fold], times: NDArray[np.int64]) -> list[FoldRow]:
    """The folds with the dates of the bars they were judged on."""
    return [FoldRow(_when(fold.window.test, times), fold) for fold in folds]


def _when(span: Span, times: NDArray[np.int64]) -> str:
    if span.end > len(times):
        return f"bars {span.first:,} to {span.end - 1:,}"
    return f"{stamp(times[span.first])[:10]} to {stamp(times[span.end - 1])[:10]}"


def walk_forward_sentences(folds: Sequence[Fold]) -> list[str]:
    """What the judged stretches, one after the other, came to."""
    if not folds:
        return []
    grown = prod(1 + fold.judged.growth for fold in folds) - 1
    gained = sum(fold.judged.growth > 0 for fold in folds)
    share = efficiency(folds)
    said = [
        "Parameters were chosen on the bars before each stretch and judged on it: "
        f"{gained} of {len(folds)} gained, all of them in turn {amount_words(grown, 'ratio')}."
    ]
    if share is not None:
        said.append(
            "Growth a bar when judged is "
            f"{amount_words(share, 'ratio')} of the growth a bar they were chosen for."
        )
    return said


def leading(sweep: Sweep) -> list[Trial]:
    """The trials with the highest Sharpe ratios, best first."""
    with_one = [
        one for one in sweep.runs if one.outcome and one.outcome.sharpe is not None
    ]
    return sorted(with_one, key=_sharpe, reverse=True)[:MOST_TRIALS]


def _sharpe(trial: Trial) -> float:
    return (trial.outcome and trial.outcome.sharpe) or 0.0


def sweep_sentences(sweep: Sweep) -> list[str]:
    """What a sweep says of its best trial, and how far it is to be believed."""
    failed = sum(one.outcome is None for one in sweep.runs)
    said = [
        f"{counted(len(sweep.runs), 'combination was', 'combinations were')} run, "
        f"{failed:,} failed."
    ]
    if sweep.trials > len(sweep.runs):
        said.append(
            f"{counted(sweep.trials, 'trial counts', 'trials count')}, earlier ones included."
        )
    if sweep.best is None:
        return [*said, "None of them ever moved its equity, so there is no best one."]
    if sweep.deflated_sharpe is not None:
        said.append(
            f"Deflated Sharpe ratio of the best: {sweep.deflated_sharpe:.3f}, the "
            f"probability that it is better than luck among {counted(sweep.trials, 'trial')}; "
            + (
                "below 0.95, so luck is not ruled out."
                if sweep.deflated_sharpe < 0.95
                else "0.95 or more."
            )
        )
    else:
        said.append(
            f"The best has no deflated Sharpe ratio: {sweep.why}. Luck is not ruled out."
        )
    if sweep.overfitting is not None:
        said.append(
            f"Probability of overfitting: {amount_words(sweep.overfitting, 'ratio')} of "
            "the ways to halve time put the best of one half below the median of the other."
        )
    return said


def monte_carlo_sentences(drawn: MonteCarlo, quote: str) -> list[str]:
    """What the runs say of final equity and drawdown."""
    low, middle, high = (
        amount_words(drawn.final[level], "money", quote) for level in (5, 50, 95)
    )
    deep, deepest = (amount_words(drawn.drawdown[level], "ratio") for level in (50, 95))
    return [
        f"{counted(drawn.runs, 'run')} of {counted(drawn.trades, 'trade')} drawn with "
        f"replacement, seed {drawn.seed}.",
        f"Nine in ten ended between {low} and {high}, the median at {middle}.",
        f"{amount_words(drawn.lost, 'ratio')} ended with less than they began with.",
        f"Largest drawdown: median {deep}, one in twenty above {deepest}; "
        f"{amount_words(drawn.worse, 'ratio')} fell further than the real order did.",
    ]
