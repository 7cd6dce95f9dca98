"""Indicators of our own: whole columns at a time, where `ta` loops or means another thing.

`ta` builds a Python object a bar for ATR, ADX, CCI, MFI and Aroon: half a second to a
second for 100,000 bars. These give the same values in milliseconds. Flat arrays come in
and go out, a value a bar, NaN where there is none. Nothing here looks past its own bar.
Divisions by zero are for the caller to hush.
"""

import math

import numpy as np
import pandas as pd

from trading.shell.bars import Bars
from trading.shell.lookback import (
    Values,
    earlier,
    exponential,
    extreme,
    moves,
    rolled,
    smoothed,
    wilder,
)

DAY = 86_400


def sma(bars: Bars, n: int) -> Values:
    """Simple moving average of the close."""
    return rolled(bars["close"], n, "mean")


def ema(bars: Bars, n: int) -> Values:
    """Exponential moving average of the close, from the first close on."""
    return exponential(bars["close"], n)


def deviation(bars: Bars, n: int) -> Values:
    """Standard deviation of the last n closes, as of all there are."""
    return rolled(bars["close"], n, "std", ddof=0)


def band(bars: Bars, n: int, tenths: int = 20, side: int = 1) -> Values:
    """A Bollinger band, so many tenths of a deviation above the average or below it."""
    return bars.once(sma, n) + side * tenths / 10 * bars.once(deviation, n)


def band_width(bars: Bars, n: int) -> Values:
    """The distance of the Bollinger bands in percent of the average."""
    return (band(bars, n) - band(bars, n, side=-1)) / bars.once(sma, n) * 100


def macd(bars: Bars, fast: int = 12, slow: int = 26, *_: int) -> Values:
    """The fast average above the slow one."""
    return bars.once(ema, fast) - bars.once(ema, slow)


def macd_signal(bars: Bars, fast: int = 12, slow: int = 26, signal: int = 9) -> Values:
    """The exponential average of the line."""
    return exponential(bars.once(macd, fast, slow), signal)


def macd_histogram(
    bars: Bars, fast: int = 12, slow: int = 26, signal: int = 9
) -> Values:
    """The line above its signal."""
    line = bars.once(macd, fast, slow)
    return line - bars.once(macd_signal, fast, slow, signal)


def keltner(bars: Bars, n: int, side: int) -> Values:
    """A Keltner channel: two average true ranges above the average or below it."""
    return bars.once(ema, n) + side * 2 * bars.once(atr, 10)


def true_range(bars: Bars) -> Values:
    """The bar's range, widened to the close before it; the first bar has only its own."""
    before = earlier(bars["close"], 1)
    tops = np.fmax(bars["high"], before)
    tops -= np.fmin(bars["low"], before)
    return tops


def atr(bars: Bars, n: int) -> Values:
    """Average true range: Wilder's average from the first bar on, as `ta` has it.

    TA-Lib leaves the first bar out, so its first values differ and then meet these.
    """
    return wilder(bars.once(true_range), n, 0)


def atr_percent(bars: Bars, n: int) -> Values:
    """The average true range in percent of the close."""
    return 100 * bars.once(atr, n) / bars["close"]


def plus_di(bars: Bars, n: int) -> Values:
    """Plus directional indicator, 0 to 100."""
    return bars.once(directional, n)[0]


def minus_di(bars: Bars, n: int) -> Values:
    """Minus directional indicator, 0 to 100."""
    return bars.once(directional, n)[1]


def adx(bars: Bars, n: int) -> Values:
    """Average directional index: Wilder's average of how one-sided the movement is."""
    return wilder(_one_sided(bars, n), n, n)


def _one_sided(bars: Bars, n: int) -> Values:
    plus, minus = bars.once(directional, n)
    both = plus + minus
    share = 100 * np.abs(plus - minus) / both
    share[both == 0] = 0.0
    return share


def directional(bars: Bars, n: int) -> tuple[Values, Values]:
    """Both indicators; seeded with n movements, as `ta`; TA-Lib takes n - 1."""
    plus, minus = (wilder(moved, n, 1) for moved in _movements(bars))
    ranges = wilder(bars.once(true_range), n, 1)
    plus = 100 * plus / ranges  # one after the other: a column less is held
    minus = 100 * minus / ranges
    return plus, minus


def _movements(bars: Bars) -> tuple[Values, Values]:
    """How far the high rose and the low fell, whichever went farther."""
    up, down = moves(bars["high"]), -moves(bars["low"])
    plus = np.where((up > down) & (up > 0), up, 0.0)
    return plus, np.where((down > up) & (down > 0), down, 0.0)


def rsi(bars: Bars, n: int) -> Values:
    """Relative strength index, as `ta` has it, but for a market that has not moved at
    all: that has none; `ta` says 100."""
    moved = moves(bars["close"])
    rises = smoothed(np.maximum(moved, 0.0), 1 / n)
    falls = smoothed(np.maximum(-moved, 0.0), 1 / n)
    index = 100 - 100 / (1 + rises / falls)
    index[falls == 0] = 100
    index[~np.logical_or.accumulate(moved != 0)] = np.nan
    return index


def cci(bars: Bars, n: int) -> Values:
    """Commodity channel index: distance from the mean in 0.015 mean absolute deviations."""
    typical = typical_price(bars)
    mean = rolled(typical, n, "mean")
    apart = np.zeros(len(bars))
    first, end = n - 1, len(bars)
    for back in range(n):
        apart[first:] += np.abs(typical[first - back : end - back] - mean[first:])
    return (typical - mean) / (0.015 * apart / n)


def mfi(bars: Bars, n: int) -> Values:
    """Money flow index: the rising share of the flow, in percent; none without a flow."""
    typical = typical_price(bars)
    flow, move = typical * bars["volume"], moves(typical)
    rising, falling = (
        rolled(np.where(side, flow, 0.0), n, "sum") for side in (move > 0, move < 0)
    )
    share = 100 * rising / (rising + falling)
    flowed = extreme((flow * move != 0).astype(float), n)
    share[~(flowed > 0)] = np.nan
    return share


def aroon_up(bars: Bars, n: int) -> Values:
    """Aroon up: 100 when the highest high of n + 1 bars is this bar's, 0 when n ago."""
    return _recency(bars["high"], n)


def aroon_down(bars: Bars, n: int) -> Values:
    """Aroon down: 100 when the lowest low of n + 1 bars is this bar's, 0 when n ago."""
    return _recency(-bars["low"], n)


def _recency(values: Values, n: int) -> Values:
    """How recent the greatest of n + 1 values is; of equals the latest, as TA-Lib.

    Ranks stand for the values, a later equal above an earlier one, so that the rolling
    greatest rank leads back to its one bar.
    """
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    greatest = extreme(ranks, n + 1)[n:].astype(np.int64)
    ago = np.arange(n, len(order)) - order[greatest]
    return np.concatenate((np.full(n, np.nan), 100 * (n - ago) / n))


def weighted(bars: Bars, n: int) -> Values:
    """Linearly weighted moving average of the close, the newest n times the oldest."""
    weights = np.arange(n, 0, -1) * 2 / (n * (n + 1))
    return np.convolve(bars["close"], weights)[: len(bars)]


def chop(bars: Bars, n: int) -> Values:
    """Choppiness index: near 0 in a straight move, near 100 where price goes nowhere.

    100 log10(sum of n true ranges / range of the same n bars) / log10 n; Dreiss, 1993.
    """
    path = rolled(bars.once(true_range), n, "sum")
    span = extreme(bars["high"], n) - extreme(bars["low"], n, np.minimum)
    return 100 * np.log10(path / np.where(span > 0, span, np.nan)) / math.log10(n)


def volatility(bars: Bars, n: int) -> Values:
    """Standard deviation of the last n percent changes of the close."""
    close = bars["close"]
    changes = close / earlier(close, 1) - 1
    return 100 * rolled(changes, n, "std")


def volume_ratio(bars: Bars, n: int) -> Values:
    """The volume in averages of the n bars before."""
    volume = bars["volume"]
    return volume / rolled(earlier(volume, 1), n, "mean")


def day_vwap(bars: Bars) -> Values:
    """Volume-weighted average of the typical price since the UTC day began.

    None while nothing was traded that day, nor on a first day that the candles enter
    after its midnight: what was traded before them is not known.
    """
    times, volume = bars.times, bars["volume"]
    day = times // DAY
    flows = np.stack((volume, typical_price(bars) * volume)).T
    sums = pd.DataFrame(flows, copy=False).groupby(day, sort=False).cumsum()
    traded, paid = sums.to_numpy().T
    price = paid / np.where(traded > 0, traded, np.nan)
    if times[0] % DAY:
        price[day == day[0]] = np.nan
    return price


def typical_price(bars: Bars) -> Values:
    """The mean of high, low and close."""
    return (bars["high"] + bars["low"] + bars["close"]) / 3
