"""The one table of what a bar offers a module: candle fields, clock, account, indicators.

A row of `TABLE` is a `Family`: every name that fits its pattern. From the table come the
vocabulary's catalogue, the warm-up, and the computation in `indicators.py`. Every value
is known at the bar's close, and the clock is read then: an order that a rule places
"on Monday at 9:00" is filled on Monday at 9:00. Light: no pandas.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, cast

from trading.shell.account_table import ACCOUNT

Kind = Literal["candle", "clock", "account", "indicator", "derived"]
Range = tuple[int, int]

LONGEST = 1000  # the longest look-back a name may ask for

UNITS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "hour": {"type": "integer", "minimum": 0, "maximum": 23},
        "minute": {"type": "integer", "minimum": 0, "maximum": 59},
        "weekday": {"type": "integer", "minimum": 0, "maximum": 6},
        "month_day": {"type": "integer", "minimum": 1, "maximum": 31},
        "volume": {"type": "number", "minimum": 0, "maximum": 1e15},
    }
)
"""Units this table needs beyond the vocabulary's base and trading units."""


@dataclass(frozen=True, slots=True)
class Family:
    """A row of the table: every name that fits `pattern`.

    `warm_up(**parameters)` is how many earlier bars must exist before the first value:
    0 for `close`, 19 for `ema_20`; `warm_up_rule` says it in words. `columns` are the
    candle columns it reads. For a derived family `{S}` in the pattern stands for another
    series' name, `unit` "same" means the unit of S, and the warm-up of S is added.
    Parameters in `ordered` must strictly increase.
    """

    pattern: str
    kind: Kind
    unit: str
    description: str
    how: str
    ranges: Mapping[str, Range]
    warm_up: Callable[..., int]
    warm_up_rule: str
    columns: tuple[str, ...]
    ordered: tuple[str, ...]
    example: str


def _slow(slow: int = 26, **_: int) -> int:
    return slow - 1


def _signal(slow: int = 26, signal: int = 9, **_: int) -> int:
    return slow + signal - 2


WARM_UPS: Mapping[str, Callable[..., int]] = {
    "0": lambda: 0,
    "1": lambda: 1,
    "n": lambda n, **_: n,
    "n - 1": lambda n, **_: n - 1,
    "n + 1": lambda n, **_: n + 1,
    "2n - 1": lambda n, **_: 2 * n - 1,
    "n - 1, at least 9": lambda n, **_: max(n - 1, 9),
    "slow - 1": _slow,
    "slow + signal - 2": _signal,
}
"""How many earlier bars a family needs, by the words of the table below."""

# kind | name | unit | description
_FIXED = """
candle | open | price | the bar's open
candle | high | price | the bar's high
candle | low | price | the bar's low
candle | close | price | the bar's close
candle | volume | volume | the bar's volume
clock | time | seconds | UTC second of the bar's close, when its order is placed
clock | minute | minute | UTC minute of the bar's close
clock | hour | hour | UTC hour of the bar's close
clock | weekday | weekday | UTC weekday of the bar's close, Monday is 0
clock | month_day | month_day | UTC day of the month of the bar's close
clock | symbol | text | the market's symbol, like BTC/USD
"""

# pattern | example | unit | ranges | earlier bars | columns | computed by | description
_INDICATOR = """
sma_{n} | sma_20 | price | n 2..1000 | n - 1 | close | as ta SMAIndicator | simple moving average of close over {n} bars
ema_{n} | ema_20 | price | n 2..1000 | n - 1 | close | as ta EMAIndicator | exponential moving average of close over {n} bars
wma_{n} | wma_20 | price | n 2..1000 | n - 1 | close | weights 1..n, as ta WMAIndicator | linearly weighted moving average of close over {n} bars
vwap_{n} | vwap_20 | price | n 2..1000 | n - 1 | high low close volume | ta VolumeWeightedAveragePrice | volume-weighted average of the typical price over {n} bars
day_vwap | day_vwap | price |  | 0 | time high low close volume | pandas | volume-weighted average of the typical price since 00:00 UTC; none on a day the candles enter after it
bb_upper_{n} | bb_upper_20 | indicator | n 2..1000 | n - 1 | close | as ta BollingerBands | upper Bollinger band: {n}-bar average of close plus 2 standard deviations
bb_middle_{n} | bb_middle_20 | indicator | n 2..1000 | n - 1 | close | as ta BollingerBands | middle Bollinger band: {n}-bar average of close
bb_lower_{n} | bb_lower_20 | indicator | n 2..1000 | n - 1 | close | as ta BollingerBands | lower Bollinger band: {n}-bar average of close minus 2 standard deviations
bb_upper_{n}_{tenths} | bb_upper_20_25 | indicator | n 2..1000, tenths 1..100 | n - 1 | close | as ta BollingerBands | upper Bollinger band over {n} bars, {tenths} tenths of a standard deviation above
bb_lower_{n}_{tenths} | bb_lower_20_25 | indicator | n 2..1000, tenths 1..100 | n - 1 | close | as ta BollingerBands | lower Bollinger band over {n} bars, {tenths} tenths of a standard deviation below
bb_width_{n} | bb_width_20 | indicator | n 2..1000 | n - 1 | close | as ta BollingerBands | width of the {n}-bar Bollinger bands in percent of the middle band
keltner_upper_{n} | keltner_upper_20 | indicator | n 2..1000 | n - 1, at least 9 | high low close | as ta KeltnerChannel | upper Keltner channel: ema_{n} plus 2 × atr_10
keltner_lower_{n} | keltner_lower_20 | indicator | n 2..1000 | n - 1, at least 9 | high low close | as ta KeltnerChannel | lower Keltner channel: ema_{n} minus 2 × atr_10
rsi_{n} | rsi_14 | oscillator | n 2..1000 | n | close | as ta RSIIndicator | relative strength index over {n} bars
stoch_{n} | stoch_14 | oscillator | n 2..1000 | n - 1 | high low close | ta StochasticOscillator | stochastic %K: where close lies in the {n}-bar range, 0 to 100
stoch_signal_{n} | stoch_signal_14 | oscillator | n 2..1000 | n + 1 | high low close | ta StochasticOscillator | stochastic %D: 3-bar average of stoch_{n}
mfi_{n} | mfi_14 | oscillator | n 2..1000 | n | high low close volume | as ta MFIIndicator | money flow index over {n} bars
williams_{n} | williams_14 | indicator | n 2..1000 | n - 1 | high low close | ta WilliamsRIndicator | Williams %R over {n} bars, -100 to 0
cci_{n} | cci_20 | indicator | n 2..1000 | n - 1 | high low close | as ta CCIIndicator | commodity channel index over {n} bars
roc_{n} | roc_12 | percent | n 1..1000 | n | close | ta ROCIndicator | percent change of close over {n} bars
macd | macd | indicator |  | slow - 1 | close | as ta MACD | the line of MACD 12, 26, 9
macd_signal | macd_signal | indicator |  | slow + signal - 2 | close | as ta MACD | the signal line of MACD 12, 26, 9
macd_histogram | macd_histogram | indicator |  | slow + signal - 2 | close | as ta MACD | line minus signal of MACD 12, 26, 9
macd_{fast}_{slow}_{signal} | macd_8_21_5 | indicator | fast 2..1000, slow 3..1000, signal 2..200 | slow - 1 | close | as ta MACD | the line of MACD {fast}, {slow}, {signal}
macd_signal_{fast}_{slow}_{signal} | macd_signal_8_21_5 | indicator | fast 2..1000, slow 3..1000, signal 2..200 | slow + signal - 2 | close | as ta MACD | the signal line of MACD {fast}, {slow}, {signal}
macd_histogram_{fast}_{slow}_{signal} | macd_histogram_8_21_5 | indicator | fast 2..1000, slow 3..1000, signal 2..200 | slow + signal - 2 | close | as ta MACD | line minus signal of MACD {fast}, {slow}, {signal}
adx_{n} | adx_14 | oscillator | n 2..200 | 2n - 1 | high low close | as ta ADXIndicator | average directional index over {n} bars: strength of a trend
plus_di_{n} | plus_di_14 | oscillator | n 2..200 | n + 1 | high low close | as ta ADXIndicator | plus directional indicator over {n} bars
minus_di_{n} | minus_di_14 | oscillator | n 2..200 | n + 1 | high low close | as ta ADXIndicator | minus directional indicator over {n} bars
aroon_up_{n} | aroon_up_25 | oscillator | n 2..1000 | n | high low | as TA-Lib AROON | Aroon up: how recent the {n}-bar high is, 100 is now
aroon_down_{n} | aroon_down_25 | oscillator | n 2..1000 | n | high low | as TA-Lib AROON | Aroon down: how recent the {n}-bar low is, 100 is now
atr_{n} | atr_14 | indicator | n 2..1000 | n - 1 | high low close | Wilder, as ta AverageTrueRange | average true range over {n} bars, in price
atr_percent_{n} | atr_percent_14 | percent | n 2..1000 | n - 1 | high low close | 100 × atr / close | average true range over {n} bars in percent of close
chop_{n} | chop_14 | oscillator | n 2..1000 | n | high low close | pandas | choppiness index over {n} bars: near 100 price goes nowhere, near 0 it moves straight
volatility_{n} | volatility_20 | percent | n 2..1000 | n | close | pandas | standard deviation of the last {n} bar-to-bar percent changes of close
volume_ratio_{n} | volume_ratio_20 | number | n 1..1000 | n | volume | pandas | volume divided by the average volume of the {n} bars before this one
"""

_DERIVED = """
prior_{S} | prior_close | same |  | 1 |  | pandas, over the series S | {S} one bar ago
highest_{S}_{n} | highest_high_20 | same | n 1..1000 | n - 1 |  | pandas, over the series S | highest {S} of the last {n} bars, this one included
lowest_{S}_{n} | lowest_low_20 | same | n 1..1000 | n - 1 |  | pandas, over the series S | lowest {S} of the last {n} bars, this one included
average_{S}_{n} | average_volume_20 | same | n 1..1000 | n - 1 |  | pandas, over the series S | average {S} of the last {n} bars, this one included
change_{S}_{n} | change_close_24 | percent | n 1..1000 | n |  | pandas, over the series S | percent change of {S} over {n} bars
"""


def _table() -> Iterator[Family]:
    for kind, name, unit, description in _cells(_FIXED):
        columns = name if kind == "candle" else ""
        yield _family(kind, name, name, unit, "", "0", columns, kind, description)
    for name, unit, description in ACCOUNT:
        yield _family("account", name, name, unit, "", "0", "", "walk", description)
    for kind, rows in (("indicator", _INDICATOR), ("derived", _DERIVED)):
        for cells in _cells(rows):
            yield _family(kind, *cells)


def _cells(rows: str) -> Iterator[list[str]]:
    for row in rows.strip().splitlines():
        yield [cell.strip() for cell in row.split("|")]


def _family(
    kind: str,
    pattern: str,
    example: str,
    unit: str,
    ranges: str,
    warm_up: str,
    columns: str,
    how: str,
    description: str,
) -> Family:
    return Family(
        pattern=pattern,
        kind=cast(Kind, kind),
        unit=unit,
        description=description,
        how=how,
        ranges=MappingProxyType(_ranges(ranges)),
        warm_up=WARM_UPS[warm_up],
        warm_up_rule=warm_up,
        columns=tuple(columns.split()),
        ordered=("fast", "slow") if "fast" in ranges else (),
        example=example,
    )


def _ranges(text: str) -> dict[str, Range]:
    """`n 2..200, k 1..9` as parameters with their first and last value."""
    found: dict[str, Range] = {}
    for part in filter(None, text.split(", ")):
        name, span = part.split()
        low, high = span.split("..")
        found[name] = (int(low), int(high))
    return found


TABLE: tuple[Family, ...] = tuple(_table())
