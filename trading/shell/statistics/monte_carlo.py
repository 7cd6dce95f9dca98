"""Monte Carlo: the same trades drawn again and again, in other numbers and orders.

Each run draws as many trades as there were, with replacement, and compounds them from
the same money. It says how much of a result hung on few trades and on their order; it
assumes that one trade says nothing of the next, and knows no market but this one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from trading.shell.engine.result import Result
from trading.shell.ledger.trades import Trade
from trading.shell.statistics.drawdown import drawdowns

LEVELS = (5, 25, 50, 75, 95)
POINTS = 120  # of each line of the fan
AT_ONCE = 2_000_000  # numbers held at a time


@dataclass(frozen=True)
class MonteCarlo:
    """The distribution over `runs` runs of `trades` drawn trades each.

    `final` and `drawdown` map a percentile of LEVELS to equity and to the largest
    drawdown (a ratio); `lost` is the share of runs that ended with less than `start`,
    `worse` of those that fell further than the trades in their own order did. `fan` has
    shape (len(LEVELS), points): percentiles of equity after `after` trades.
    """

    runs: int
    trades: int
    seed: int
    start: float
    final: dict[int, float]
    drawdown: dict[int, float]
    lost: float
    worse: float
    after: NDArray[np.int64]
    fan: NDArray[np.float64]


def trade_returns(result: Result) -> NDArray[np.float64]:
    """Each closed trade's net as a share of equity when it was opened, by time."""
    trades = sorted(result.trades, key=lambda trade: trade.closed_at)
    return np.array([_share(trade, result) for trade in trades], np.float64)


def _share(trade: Trade, result: Result) -> float:
    bar = int(np.searchsorted(result.times, trade.opened_at, side="right")) - 1
    at = bar - 1  # the close before the bar of the entry, wherever inside it that was
    equity = result.equity[max(at, 0)] if result.equity.size else result.deposits
    return float(trade.net) / float(equity)


def monte_carlo(
    returns: Sequence[float] | NDArray[np.float64],
    *,
    start: float,
    runs: int = 1000,
    seed: int = 1,
) -> MonteCarlo:
    """Draw `runs` orders of the trades with these returns; the same seed, the same runs.

    DataError when there are no trades to draw from, or no runs asked.
    """
    drawn_from = np.maximum(np.asarray(returns, np.float64), -1.0)
    _require(len(drawn_from), runs)
    after = np.unique(np.linspace(0, len(drawn_from), POINTS).round().astype(np.int64))
    random = np.random.default_rng(seed)
    batch = max(1, AT_ONCE // len(drawn_from))
    sizes = [min(batch, runs - done) for done in range(0, runs, batch)]
    parts = [_runs(random, drawn_from, start, size, after) for size in sizes]
    lines, falls = (np.concatenate(part) for part in zip(*parts, strict=True))
    own = float(drawdowns(_compounded(drawn_from[None, :], start)[0]).max())
    return MonteCarlo(
        runs=runs,
        trades=len(drawn_from),
        seed=seed,
        start=start,
        final=_percentiles(lines[:, -1]),
        drawdown=_percentiles(falls),
        lost=float((lines[:, -1] < start).mean()),
        worse=float((falls > own).mean()),
        after=after,
        fan=np.percentile(lines, LEVELS, axis=0),
    )


def _require(trades: int, runs: int) -> None:
    if trades < 1 or runs < 1:
        raise DataError(
            f"{runs} runs over {trades} trades are nothing to draw",
            field="monte_carlo",
            value=runs,
            remedy="give a session with closed trades, and at least 1 run",
        )


def _runs(
    random: np.random.Generator,
    returns: NDArray[np.float64],
    start: float,
    size: int,
    after: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Equity after `after` trades, shape (size, points), and the largest drawdowns."""
    picks = random.integers(0, len(returns), (size, len(returns)))
    lines = _compounded(returns[picks], start)
    peaks = np.maximum.accumulate(lines, axis=1)
    return lines[:, after], (1 - lines / peaks).max(axis=1)


def _compounded(returns: NDArray[np.float64], start: float) -> NDArray[np.float64]:
    """Equity before the first and after each trade, shape (runs, trades + 1)."""
    grown = start * np.cumprod(1 + returns, axis=1)
    return np.concatenate([np.full((len(returns), 1), start), grown], axis=1)


def _percentiles(values: NDArray[np.float64]) -> dict[int, float]:
    found = np.percentile(values, LEVELS).tolist()
    return dict(zip(LEVELS, found, strict=True))
