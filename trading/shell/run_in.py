"""How many bars an indicator needs before the start of its history no longer matters.

A moving average that feeds on itself has a first value after its warm-up, but that value
still holds the bar the history happened to begin with. What is left of it shrinks by
1 - alpha a bar; the run-in is where it is below `KEPT` of the series' own size. Every
series not named here forgets whole bars at a time, so its run-in is its warm-up. Light.
"""

import math
from collections.abc import Callable, Mapping

from trading.shell.series import SeriesName

KEPT = 1e-9


def run_in_of(one: SeriesName) -> int:
    """The run-in of one series, in bars: that of its base and its own added."""
    before = run_in_of(one.base) if one.base else 0
    own = one.warm_up - (one.base.warm_up if one.base else 0)
    memory = MEMORIES.get(one.family.pattern)
    return before + own + (memory(**one.parameters) if memory else 0)


def forgetting(alpha: float, passes: int = 1) -> int:
    """Bars until `passes` smoothings in a row by `alpha` keep less than KEPT of a start.

    Solves (1 - alpha)^k (1 + alpha k)^(passes - 1) = KEPT for k.
    """
    rate, bars = -math.log1p(-alpha), 0.0
    for _ in range(50):
        growth = (passes - 1) * math.log1p(alpha * bars)
        bars = (growth - math.log(KEPT)) / rate
    return math.ceil(bars)


def _ema(n: int, passes: int = 1) -> int:
    return forgetting(2 / (n + 1), passes)


def _wilder(n: int, passes: int = 1) -> int:
    return forgetting(1 / n, passes)


def _line(fast: int = 12, slow: int = 26, **_: int) -> int:
    return _ema(max(fast, slow))


def _signal(fast: int = 12, slow: int = 26, signal: int = 9) -> int:
    return _ema(max(fast, slow, signal), passes=2)


MEMORIES: Mapping[str, Callable[..., int]] = {
    "ema_{n}": _ema,
    "keltner_upper_{n}": lambda n: max(_ema(n), _wilder(10)),
    "keltner_lower_{n}": lambda n: max(_ema(n), _wilder(10)),
    "rsi_{n}": _wilder,
    "macd": _line,
    "macd_signal": _signal,
    "macd_histogram": _signal,
    "macd_{fast}_{slow}_{signal}": _line,
    "macd_signal_{fast}_{slow}_{signal}": _signal,
    "macd_histogram_{fast}_{slow}_{signal}": _signal,
    "adx_{n}": lambda n: _wilder(n, passes=2),
    "plus_di_{n}": _wilder,
    "minus_di_{n}": _wilder,
    "atr_{n}": _wilder,
    "atr_percent_{n}": _wilder,
}
"""The families that never quite forget, and how long until what is left is nothing."""
