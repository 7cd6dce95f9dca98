"""The usual figures of an equity line: growth, risk-adjusted return, buy and hold.

Returns are those of one bar, r(t) = equity(t) / equity(t-1) - 1, and yearly figures
multiply by the bars of a year of 365.25 days, as many as there were: a market that is
traded little has fewer. Every formula says so.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from trading.shell.candles import Candles
from trading.shell.engine.result import Result
from trading.shell.statistics import Figure, Rule, Undefined, Value
from trading.shell.statistics.drawdown import drawdowns, ulcer_index
from trading.shell.statistics.facts import YEAR, Facts, first_decided, in_time, nets

SHORTEST = 30 * 86_400  # seconds below which a yearly rate would be a guess
FEW = Undefined("fewer than two bars of equity above zero")
FLAT = Undefined("equity never moved")
SHORT = Undefined("under 30 days: a yearly rate would be a guess")


@dataclass(frozen=True)
class Measured:
    """The facts, with the line of holding the same markets instead."""

    facts: Facts
    held: NDArray[np.float64]


def usual(facts: Facts, held: NDArray[np.float64]) -> list[Figure]:
    """The usual figures; `held` is `buy_and_hold` over the same bars, or empty."""
    measured = Measured(facts, held)
    return [rule.figure(measured) for rule in USUAL]


def bar_returns(equity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns from bar to bar, shape (n - 1,); empty where equity is not all above 0."""
    if len(equity) < 2 or equity.min() <= 0:
        return np.empty(0)
    return equity[1:] / equity[:-1] - 1


def bars_a_year(facts: Facts) -> float:
    """How many bars there were a year: of those that are missing nobody had a return."""
    times = facts.times
    if len(times) < 2:
        return YEAR / facts.step
    return YEAR * (len(times) - 1) / float(times[-1] - times[0])


def buy_and_hold(result: Result, times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Equity at each of `times` had the money bought equal parts of every market.

    Bought where the stack could first buy: at the open of the bar after the first it
    decided on, before any cost; cash until then. Empty where a market has no such bar.
    """
    markets = [(one, first_decided(one, result) + 1) for one in result.candles]
    if not markets or not times.size or any(len(c) <= at for c, at in markets):
        return np.empty(0)
    lines = [_relative(one, times, at) for one, at in markets]
    return np.asarray(result.equity[0] * np.mean(lines, axis=0), np.float64)


def _relative(
    candles: Candles, times: NDArray[np.int64], bought: int
) -> NDArray[np.float64]:
    """The market's last close as a multiple of the price paid; 1 before buying."""
    opened = candles.frame["time"].to_numpy(np.int64)
    closes = candles.frame["close"].to_numpy(np.float64)
    paid = float(candles.frame["open"].iloc[bought])
    last = np.searchsorted(opened, times, side="right") - 1
    return np.where(last >= bought, closes[np.maximum(last, 0)] / paid, 1.0)


def sharpe_of(returns: NDArray[np.float64]) -> float | None:
    """Mean over standard deviation (n - 1), a bar, no risk-free rate (Sharpe 1994)."""
    if len(returns) < 2 or not np.ptp(returns):
        return None
    return float(returns.mean() / returns.std(ddof=1))


def total_return(measured: Measured) -> Value:
    equity = measured.facts.equity
    return (
        FEW if len(equity) < 2 or equity[0] <= 0 else float(equity[-1] / equity[0]) - 1
    )


def hold_return(measured: Measured) -> Value:
    held = measured.held
    return Undefined("no bar after the warm-up") if len(held) < 2 else _growth(held)


def excess_return(measured: Measured) -> Value:
    ours, theirs = total_return(measured), hold_return(measured)
    if isinstance(ours, float) and isinstance(theirs, float):
        return ours - theirs
    return Undefined("one of the two returns is not defined")


def hold_drawdown(measured: Measured) -> Value:
    held = measured.held
    if len(held) < 2:
        return Undefined("no bar after the warm-up")
    return float(drawdowns(held).max())


def cagr(measured: Measured) -> Value:
    facts = measured.facts
    if len(facts.equity) < 2 or facts.equity[0] <= 0 or facts.equity[-1] <= 0:
        return FEW
    span = float(facts.times[-1] - facts.times[0])
    if span < SHORTEST:
        return SHORT
    return float((facts.equity[-1] / facts.equity[0]) ** (YEAR / span)) - 1


def volatility(measured: Measured) -> Value:
    returns = bar_returns(measured.facts.equity)
    if len(returns) < 2:
        return FEW
    return float(returns.std(ddof=1)) * _yearly(measured)


def sharpe(measured: Measured) -> Value:
    returns = bar_returns(measured.facts.equity)
    ratio = sharpe_of(returns)
    if ratio is None:
        return FEW if len(returns) < 2 else FLAT
    return ratio * _yearly(measured)


def sortino(measured: Measured) -> Value:
    returns = bar_returns(measured.facts.equity)
    if len(returns) < 2:
        return FEW
    downside = sqrt(float(np.mean(np.minimum(returns, 0) ** 2)))
    if not downside:
        return Undefined("no bar lost money")
    return float(returns.mean()) / downside * _yearly(measured)


def calmar(measured: Measured) -> Value:
    growth = cagr(measured)
    if not isinstance(growth, float):
        return growth
    worst = float(drawdowns(measured.facts.equity).max())
    return growth / worst if worst else Undefined("equity never fell")


def ulcer(measured: Measured) -> Value:
    equity = measured.facts.equity
    return FEW if len(equity) < 2 or equity.max() <= 0 else ulcer_index(equity)


def longest_losing_streak(measured: Measured) -> Value:
    longest = run = 0
    for trade in in_time(measured.facts.trades):
        run = run + 1 if trade.net < 0 else 0
        longest = max(longest, run)
    return longest


def open_result(measured: Measured) -> Value:
    facts = measured.facts
    if not facts.equity.size:
        return FEW
    closed = sum(map(float, nets(facts)))
    return float(facts.equity[-1]) - float(facts.deposits) - closed


def _growth(line: NDArray[np.float64]) -> float:
    return float(line[-1] / line[0]) - 1


def _yearly(measured: Measured) -> float:
    return sqrt(bars_a_year(measured.facts))


USUAL = (
    Rule("total_return", "ratio", "last equity / first equity − 1", total_return),
    Rule(
        "buy_and_hold",
        "ratio",
        "equal parts of every market, bought after the warm-up, no costs",
        hold_return,
    ),
    Rule("excess_return", "ratio", "total_return − buy_and_hold", excess_return),
    Rule("hold_drawdown", "ratio", "max_drawdown of buy and hold", hold_drawdown),
    Rule("cagr", "ratio", "(last / first equity) ^ (year / span) − 1", cagr),
    Rule(
        "volatility",
        "ratio",
        "standard deviation of bar returns × √(bars a year)",
        volatility,
    ),
    Rule(
        "sharpe",
        "number",
        "mean / standard deviation of bar returns × √(bars a year), no risk-free rate",
        sharpe,
    ),
    Rule(
        "sortino",
        "number",
        "mean / √mean(min(r, 0)²) of bar returns × √(bars a year)",
        sortino,
    ),
    Rule("calmar", "number", "cagr / max_drawdown, over the whole session", calmar),
    Rule("ulcer_index", "percent", "√mean(drawdown in percent²)", ulcer),
    Rule(
        "longest_losing_streak",
        "count",
        "most closed trades in a row with net < 0",
        longest_losing_streak,
    ),
    Rule(
        "open_result",
        "money",
        "portfolio_value − deposits − net_pnl: of positions still open",
        open_result,
    ),
)
"""The usual figures' rules."""
