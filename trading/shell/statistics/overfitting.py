"""How far a result may be luck: the deflated Sharpe ratio, and the probability that the
best of many trials was only the best by chance.

Sharpe ratios here are those of one bar, not a year's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import e, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from trading.shell.engine.result import Result
from trading.shell.statistics.drawdown import drawdowns
from trading.shell.statistics.facts import first_bar
from trading.shell.statistics.returns import bar_returns, sharpe_of

EULER = 0.5772156649015329
BLOCKS = 16  # 12,870 ways to halve them, as in Bailey et al.
DIGITS = 12  # to which ratios that come of the same trades agree
AT_ONCE = 2_000_000  # numbers in one step of the halving
NORMAL = NormalDist()


@dataclass(frozen=True)
class Outcome:
    """What a trial leaves: small enough to pass between processes in thousands.

    `sharpe` is that of one bar (None when equity never moved), `skew` and `kurtosis`
    (3 is normal) those of the bar returns, `returns` how many there were. `blocks` has
    shape (BLOCKS, 3): count, sum and sum of squares of the returns of each part.
    """

    final: float
    growth: float
    drawdown: float
    trades: int
    sharpe: float | None
    skew: float
    kurtosis: float
    returns: int
    blocks: NDArray[np.float64]


def outcome_of(result: Result) -> Outcome:
    """What is kept of a result as a trial, from the first bar that was decided on."""
    return outcome(result.equity[first_bar(result) :], len(result.trades))


def outcome(equity: NDArray[np.float64], trades: int) -> Outcome:
    """What is kept of an equity line with at least one value."""
    returns = bar_returns(equity)
    skew, kurtosis = _shape(returns)
    return Outcome(
        final=float(equity[-1]),
        growth=float(equity[-1] / equity[0]) - 1,
        drawdown=float(drawdowns(equity).max()),
        trades=trades,
        sharpe=sharpe_of(returns),
        skew=skew,
        kurtosis=kurtosis,
        returns=len(returns),
        blocks=_blocks(returns),
    )


def _shape(returns: NDArray[np.float64]) -> tuple[float, float]:
    """Skewness and kurtosis; those of a normal distribution where nothing moved."""
    if len(returns) < 2 or not np.ptp(returns):
        return 0.0, 3.0
    z = (returns - returns.mean()) / returns.std()
    return float(np.mean(z**3)), float(np.mean(z**4))


def _blocks(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    parts = np.array_split(returns, BLOCKS)
    return np.array([(len(p), p.sum(), np.square(p).sum()) for p in parts], np.float64)


def different(sharpes: Sequence[float]) -> bool:
    """Whether there are two different ratios: without them no spread is known."""
    return len({round(one, DIGITS) for one in sharpes}) > 1


def expected_maximum(sharpes: Sequence[float], trials: int) -> float | None:
    """The highest Sharpe ratio that `trials` worthless strategies lead one to expect.

    SR0 = √V · ((1 − γ) · Z⁻¹(1 − 1/N) + γ · Z⁻¹(1 − 1/(N·e))), V the variance of the
    trials' ratios, γ Euler's constant (Bailey & López de Prado 2014, The Deflated
    Sharpe Ratio, equation 1). 0 for one trial; None for more of them without two
    different ratios, since their variance is then unknown, not 0.
    """
    if trials < 2:
        return 0.0
    if not different(sharpes):
        return None
    spread = float(np.std(np.asarray(sharpes), ddof=1))
    high = NORMAL.inv_cdf(1 - 1 / trials)
    higher = NORMAL.inv_cdf(1 - 1 / (trials * e))
    return spread * ((1 - EULER) * high + EULER * higher)


def probabilistic_sharpe(
    sharpe: float, benchmark: float, *, returns: int, skew: float, kurtosis: float
) -> float | None:
    """The probability that the true Sharpe ratio lies above `benchmark`.

    PSR = Z((SR − SR*) · √(T − 1) / √(1 − γ₃·SR + (γ₄ − 1)/4 · SR²)) (Bailey & López de
    Prado 2012). None for fewer than two returns or a variance of zero.
    """
    variance = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if returns < 2 or variance <= 0:
        return None
    return NORMAL.cdf((sharpe - benchmark) * sqrt(returns - 1) / sqrt(variance))


def deflated_sharpe(
    chosen: Outcome, sharpes: Sequence[float], trials: int
) -> float | None:
    """The probability that the chosen trial is better than luck among `trials`.

    `sharpes` are the ratios of the trials that have one, `trials` how many there truly
    were: the failed, the idle and those of earlier searches too. None when the chosen
    one never moved, and where the ratios do not say what luck would have given.
    """
    benchmark = expected_maximum(sharpes, trials)
    if chosen.sharpe is None or benchmark is None:
        return None
    return probabilistic_sharpe(
        chosen.sharpe,
        benchmark,
        returns=chosen.returns,
        skew=chosen.skew,
        kurtosis=chosen.kurtosis,
    )


def overfitting_probability(trials: Sequence[Outcome]) -> float | None:
    """How often the best of one half of time is below the median in the other half.

    Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado & Zhu
    2017): for every way to halve the BLOCKS parts of time, the trial with the highest
    Sharpe ratio in one half is ranked in the other; the share of ranks in the lower half.
    None for fewer than two trials, or too few bars for the parts.
    """
    if len(trials) < 2 or any(one.returns < 2 * BLOCKS for one in trials):
        return None
    table = np.stack([one.blocks for one in trials])  # (trial, block, figure)
    halves = _halves()
    step = max(1, AT_ONCE // len(trials))
    low = sum(
        _count_low(table, halves[at : at + step]) for at in range(0, len(halves), step)
    )
    return low / len(halves)


def _halves() -> NDArray[np.float64]:
    """Every choice of half the blocks, a row of 0 and 1 each."""
    chosen = np.array(list(combinations(range(BLOCKS), BLOCKS // 2)))
    rows = np.zeros((len(chosen), BLOCKS))
    np.put_along_axis(rows, chosen, 1.0, axis=1)
    return rows


def _count_low(table: NDArray[np.float64], halves: NDArray[np.float64]) -> int:
    inside, outside = _sharpes(table, halves), _sharpes(table, 1 - halves)
    best = inside.argmax(axis=1)
    scored = outside[np.arange(len(best)), best][:, None]
    below, equal = (outside < scored).sum(axis=1), (outside == scored).sum(axis=1)
    rank = (below + (equal + 1) / 2) / (table.shape[0] + 1)
    return int((rank <= 0.5).sum())  # a logit of the rank of 0 or less


def _sharpes(
    table: NDArray[np.float64], halves: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The Sharpe ratio of each trial over each half, shape (half, trial)."""
    count, total, squares = (halves @ table[:, :, at].T for at in range(3))
    mean = total / count
    variance = np.maximum((squares - count * mean**2) / (count - 1), 0)
    moved = variance > 1e-18
    return np.where(moved, mean / np.sqrt(np.where(moved, variance, 1)), 0.0)
