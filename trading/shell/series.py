"""The one table of what a bar offers a module: candle fields, clock, account, indicators.

A concrete name (`ema_20`, `prior_highest_high_20`) is parsed into a family and its
parameters; from the table come the vocabulary's catalogue, the warm-up, and the
computation in `indicators.py`. This file is pure and light: no pandas, no numpy.

Every value is known at the bar's close. Times are the UTC second of a bar's open.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

from core.errors import DataError

Kind = Literal["candle", "clock", "account", "indicator", "derived"]
Range = tuple[int, int]

LONGEST = 1000  # the longest look-back a name may ask for
DEEPEST = 4  # how many derivations may be stacked on one series

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
    0 for `close`, 19 for `ema_20`. `columns` are the candle columns it reads.
    For a derived family `{S}` in the pattern stands for another series' name, `unit`
    "same" means the unit of S, and the warm-up of S is added.
    """

    pattern: str
    kind: Kind
    unit: str
    description: str
    how: str
    ranges: Mapping[str, Range]
    warm_up: Callable[..., int]
    columns: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()  # parameters that must strictly increase
    example: str = ""


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A concrete name: `family` with its `parameters`, over `base` when derived."""

    name: str
    family: Family
    parameters: Mapping[str, int]
    unit: str
    description: str
    warm_up: int
    columns: frozenset[str]
    base: "SeriesName | None" = None


def _none() -> int:
    return 0


def _n(low: int = 2, high: int = LONGEST) -> dict[str, Range]:
    return {"n": (low, high)}


def _plain(name: str, kind: Kind, unit: str, description: str, how: str) -> Family:
    columns = (name,) if kind == "candle" else ()
    return Family(name, kind, unit, description, how, {}, _none, columns, (), name)


def _indicator(
    pattern: str,
    unit: str,
    description: str,
    how: str,
    ranges: Mapping[str, Range],
    warm_up: Callable[..., int],
    columns: str = "close",
    *,
    ordered: tuple[str, ...] = (),
    example: str = "",
) -> Family:
    shown = example or pattern.replace("{n}", "20")
    reads = tuple(columns.split())
    return Family(
        pattern,
        "indicator",
        unit,
        description,
        how,
        ranges,
        warm_up,
        reads,
        ordered,
        shown,
    )


def _derived(
    pattern: str,
    unit: str,
    description: str,
    warm_up: Callable[..., int],
    example: str,
) -> Family:
    ranges = _n(1) if "{n}" in pattern else {}
    how = "pandas, over the series S"
    return Family(
        pattern, "derived", unit, description, how, ranges, warm_up, (), (), example
    )


CANDLE = (
    _plain("open", "candle", "price", "the bar's open", "candle"),
    _plain("high", "candle", "price", "the bar's high", "candle"),
    _plain("low", "candle", "price", "the bar's low", "candle"),
    _plain("close", "candle", "price", "the bar's close", "candle"),
    _plain("volume", "candle", "volume", "the bar's volume", "candle"),
)

CLOCK = (
    _plain("time", "clock", "seconds", "UTC second of the bar's open", "clock"),
    _plain("minute", "clock", "minute", "UTC minute of the bar's open", "clock"),
    _plain("hour", "clock", "hour", "UTC hour of the bar's open", "clock"),
    _plain("weekday", "clock", "weekday", "UTC weekday, Monday is 0", "clock"),
    _plain("month_day", "clock", "month_day", "UTC day of the month", "clock"),
    _plain("symbol", "clock", "text", "the market's symbol, like BTC/USD", "clock"),
)

ACCOUNT = (
    _plain("equity", "account", "money", "cash plus the position at close", "walk"),
    _plain("cash", "account", "money", "cash not in the position", "walk"),
    _plain(
        "position", "account", "number", "signed quantity held; short below 0", "walk"
    ),
    _plain(
        "entry_price",
        "account",
        "price",
        "price the open position was entered at; while flat, this bar's close",
        "walk",
    ),
    _plain(
        "bars_held",
        "account",
        "count",
        "bars since the entry, 0 while flat and on the entry's bar",
        "walk",
    ),
    _plain(
        "highest_since_entry",
        "account",
        "price",
        "highest high since the entry; while flat, this bar's high",
        "walk",
    ),
    _plain(
        "lowest_since_entry",
        "account",
        "price",
        "lowest low since the entry; while flat, this bar's low",
        "walk",
    ),
)

_MACD: dict[str, Range] = {
    "fast": (2, LONGEST),
    "slow": (3, LONGEST),
    "signal": (2, 200),
}
_BAND: dict[str, Range] = {"n": (2, LONGEST), "tenths": (1, 100)}
_HLC = "high low close"
_HLCV = "high low close volume"


def _less_one(n: int, **_: int) -> int:
    return n - 1


def _same(n: int, **_: int) -> int:
    return n


def _macd_line(fast: int = 12, slow: int = 26, signal: int = 9) -> int:  # noqa: ARG001
    return slow - 1


def _macd_signal(fast: int = 12, slow: int = 26, signal: int = 9) -> int:  # noqa: ARG001
    return slow + signal - 2


AVERAGES = (
    _indicator(
        "sma_{n}",
        "price",
        "simple moving average of close over {n} bars",
        "ta SMAIndicator",
        _n(),
        _less_one,
    ),
    _indicator(
        "ema_{n}",
        "price",
        "exponential moving average of close over {n} bars",
        "ta EMAIndicator",
        _n(),
        _less_one,
    ),
    _indicator(
        "wma_{n}",
        "price",
        "linearly weighted moving average of close over {n} bars",
        "weights 1..n, as ta WMAIndicator",
        _n(),
        _less_one,
    ),
    _indicator(
        "vwap_{n}",
        "price",
        "volume-weighted average of the typical price over {n} bars",
        "ta VolumeWeightedAveragePrice",
        _n(),
        _less_one,
        _HLCV,
    ),
)

BANDS = (
    *(
        _indicator(
            f"bb_{side}_{{n}}",
            "indicator",
            f"{side} Bollinger band: {{n}}-bar average of close{text}",
            "ta BollingerBands",
            _n(),
            _less_one,
        )
        for side, text in (
            ("upper", " plus 2 standard deviations"),
            ("middle", ""),
            ("lower", " minus 2 standard deviations"),
        )
    ),
    *(
        _indicator(
            f"bb_{side}_{{n}}_{{tenths}}",
            "indicator",
            f"{side} Bollinger band over {{n}} bars, {{tenths}} tenths of a standard deviation {away}",
            "ta BollingerBands",
            _BAND,
            _less_one,
            example=f"bb_{side}_20_25",
        )
        for side, away in (("upper", "above"), ("lower", "below"))
    ),
    _indicator(
        "bb_width_{n}",
        "indicator",
        "width of the {n}-bar Bollinger bands in percent of the middle band",
        "ta BollingerBands",
        _n(),
        _less_one,
    ),
    _indicator(
        "keltner_upper_{n}",
        "indicator",
        "upper Keltner channel: ema_{n} plus 2 × atr_10",
        "ta KeltnerChannel",
        _n(),
        lambda n: max(n - 1, 9),
        _HLC,
    ),
    _indicator(
        "keltner_lower_{n}",
        "indicator",
        "lower Keltner channel: ema_{n} minus 2 × atr_10",
        "ta KeltnerChannel",
        _n(),
        lambda n: max(n - 1, 9),
        _HLC,
    ),
)

MOMENTUM = (
    _indicator(
        "rsi_{n}",
        "oscillator",
        "relative strength index over {n} bars",
        "ta RSIIndicator",
        _n(),
        _same,
        example="rsi_14",
    ),
    _indicator(
        "stoch_{n}",
        "oscillator",
        "stochastic %K: where close lies in the {n}-bar range, 0 to 100",
        "ta StochasticOscillator",
        _n(),
        _less_one,
        _HLC,
        example="stoch_14",
    ),
    _indicator(
        "stoch_signal_{n}",
        "oscillator",
        "stochastic %D: 3-bar average of stoch_{n}",
        "ta StochasticOscillator",
        _n(),
        lambda n: n + 1,
        _HLC,
        example="stoch_signal_14",
    ),
    _indicator(
        "mfi_{n}",
        "oscillator",
        "money flow index over {n} bars",
        "ta MFIIndicator",
        _n(),
        _same,
        _HLCV,
        example="mfi_14",
    ),
    _indicator(
        "williams_{n}",
        "indicator",
        "Williams %R over {n} bars, -100 to 0",
        "ta WilliamsRIndicator",
        _n(),
        _less_one,
        _HLC,
        example="williams_14",
    ),
    _indicator(
        "cci_{n}",
        "indicator",
        "commodity channel index over {n} bars",
        "ta CCIIndicator",
        _n(),
        _less_one,
        _HLC,
    ),
    _indicator(
        "roc_{n}",
        "percent",
        "percent change of close over {n} bars",
        "ta ROCIndicator",
        _n(1),
        _same,
        example="roc_12",
    ),
    *(
        _indicator(name, "indicator", f"{text} of MACD 12, 26, 9", "ta MACD", {}, warm)
        for name, text, warm in (
            ("macd", "the line", _macd_line),
            ("macd_signal", "the signal line", _macd_signal),
            ("macd_histogram", "line minus signal", _macd_signal),
        )
    ),
    *(
        _indicator(
            f"{name}_{{fast}}_{{slow}}_{{signal}}",
            "indicator",
            f"{text} of MACD {{fast}}, {{slow}}, {{signal}}",
            "ta MACD",
            _MACD,
            warm,
            ordered=("fast", "slow"),
            example=f"{name}_8_21_5",
        )
        for name, text, warm in (
            ("macd", "the line", _macd_line),
            ("macd_signal", "the signal line", _macd_signal),
            ("macd_histogram", "line minus signal", _macd_signal),
        )
    ),
)

TREND = (
    _indicator(
        "adx_{n}",
        "oscillator",
        "average directional index over {n} bars: strength of a trend",
        "ta ADXIndicator",
        _n(2, 200),
        lambda n: 2 * n - 1,
        _HLC,
        example="adx_14",
    ),
    _indicator(
        "plus_di_{n}",
        "oscillator",
        "plus directional indicator over {n} bars",
        "ta ADXIndicator",
        _n(2, 200),
        lambda n: n + 1,
        _HLC,
        example="plus_di_14",
    ),
    _indicator(
        "minus_di_{n}",
        "oscillator",
        "minus directional indicator over {n} bars",
        "ta ADXIndicator",
        _n(2, 200),
        lambda n: n + 1,
        _HLC,
        example="minus_di_14",
    ),
    _indicator(
        "aroon_up_{n}",
        "oscillator",
        "Aroon up: how recent the {n}-bar high is, 100 is now",
        "ta AroonIndicator",
        _n(),
        _same,
        "high low",
        example="aroon_up_25",
    ),
    _indicator(
        "aroon_down_{n}",
        "oscillator",
        "Aroon down: how recent the {n}-bar low is, 100 is now",
        "ta AroonIndicator",
        _n(),
        _same,
        "high low",
        example="aroon_down_25",
    ),
)

VOLATILITY = (
    _indicator(
        "atr_{n}",
        "indicator",
        "average true range over {n} bars, in price",
        "ta AverageTrueRange",
        _n(),
        _less_one,
        _HLC,
        example="atr_14",
    ),
    _indicator(
        "atr_percent_{n}",
        "percent",
        "average true range over {n} bars in percent of close",
        "100 × ta AverageTrueRange / close",
        _n(),
        _less_one,
        _HLC,
        example="atr_percent_14",
    ),
    _indicator(
        "volatility_{n}",
        "percent",
        "standard deviation of the last {n} bar-to-bar percent changes of close",
        "pandas",
        _n(),
        _same,
    ),
    _indicator(
        "volume_ratio_{n}",
        "number",
        "volume divided by the average volume of the {n} bars before this one",
        "pandas",
        _n(1),
        _same,
        "volume",
    ),
)

DERIVED = (
    _derived("prior_{S}", "same", "{S} one bar ago", lambda: 1, "prior_close"),
    _derived(
        "highest_{S}_{n}",
        "same",
        "highest {S} of the last {n} bars, this one included",
        _less_one,
        "highest_high_20",
    ),
    _derived(
        "lowest_{S}_{n}",
        "same",
        "lowest {S} of the last {n} bars, this one included",
        _less_one,
        "lowest_low_20",
    ),
    _derived(
        "average_{S}_{n}",
        "same",
        "average {S} of the last {n} bars, this one included",
        _less_one,
        "average_volume_20",
    ),
    _derived(
        "change_{S}_{n}",
        "percent",
        "percent change of {S} over {n} bars",
        _same,
        "change_close_24",
    ),
)

FIXED = (*CANDLE, *CLOCK, *ACCOUNT)
INDICATORS = (*AVERAGES, *BANDS, *MOMENTUM, *TREND, *VOLATILITY)
TABLE: tuple[Family, ...] = (*FIXED, *INDICATORS, *DERIVED)


def _regex(family: Family) -> re.Pattern[str]:
    text = family.pattern.replace("{S}", "(?P<S>[a-z][a-z0-9_]*)")
    for name in family.ranges:
        text = text.replace(f"{{{name}}}", rf"(?P<{name}>[1-9][0-9]{{0,3}})")
    return re.compile(text)


_MATCHERS = tuple((family, _regex(family)) for family in TABLE)


def lookup(name: str) -> SeriesName | None:
    """The series a concrete `name` means, or None when the table has no such name."""
    return _lookup(name, DEEPEST)


def require(name: str) -> SeriesName:
    """Like `lookup`, but an unknown name is a DataError that says what is near."""
    found = lookup(name)
    if found is None:
        raise DataError(
            f"no series is called {name!r}", field=name, value=name, remedy=_hint(name)
        )
    return found


def catalogue() -> tuple[Family, ...]:
    """Every row once, in the order a reader wants them."""
    return TABLE


def warm_up(names: Iterable[str]) -> int:
    """Bars that must come before the first at which all `names` have a value."""
    return max((require(name).warm_up for name in names), default=0)


def needs_volume(names: Iterable[str]) -> list[str]:
    """Those of `names` that cannot be computed without a volume column, sorted."""
    return sorted(name for name in names if "volume" in require(name).columns)


@lru_cache(maxsize=4096)
def _lookup(name: str, depth: int) -> SeriesName | None:
    for family, regex in _MATCHERS:
        match = regex.fullmatch(name)
        found = _concrete(name, family, match.groupdict(), depth) if match else None
        if found is not None:
            return found
    return None


def _concrete(
    name: str, family: Family, groups: dict[str, str], depth: int
) -> SeriesName | None:
    base = _lookup(groups.pop("S"), depth - 1) if "S" in groups and depth else None
    parameters = {key: int(text) for key, text in groups.items() if key != "S"}
    if family.kind == "derived" and not _derivable(base):
        return None
    return _built(name, family, parameters, base) if _fits(family, parameters) else None


def _derivable(base: SeriesName | None) -> bool:
    return base is not None and base.family.kind in ("candle", "indicator", "derived")


def _fits(family: Family, parameters: Mapping[str, int]) -> bool:
    inside = all(
        low <= parameters[name] <= high for name, (low, high) in family.ranges.items()
    )
    order = [parameters[name] for name in family.ordered]
    return inside and all(a < b for a, b in pairwise(order))


def _built(
    name: str, family: Family, parameters: dict[str, int], base: SeriesName | None
) -> SeriesName:
    words: dict[str, Any] = {**parameters, "S": base.name if base else ""}
    return SeriesName(
        name=name,
        family=family,
        parameters=MappingProxyType(parameters),
        unit=base.unit if base and family.unit == "same" else family.unit,
        description=family.description.format(**words),
        warm_up=family.warm_up(**parameters) + (base.warm_up if base else 0),
        columns=base.columns if base else frozenset(family.columns),
        base=base,
    )


def _hint(name: str) -> str:
    known = [family.example for family in TABLE]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    shown = ", ".join(near or known[:4])
    limits = "; ".join(_limits(name))
    return f"use a name like {shown}" + (f" ({limits})" if limits else "")


def _limits(name: str) -> Iterator[str]:
    """Why a name of the right shape is refused: its numbers are out of range."""
    for family in TABLE:
        loose = re.sub(r"\\?\{[a-z]+\\?\}", r"[0-9]+", family.pattern)
        if family.ranges and family.kind == "indicator" and re.fullmatch(loose, name):
            order = " < ".join(family.ordered)
            ranges = [f"{key} {low}..{high}" for key, (low, high) in _items(family)]
            yield ", ".join([*ranges, *([order] if order else [])])


def _items(family: Family) -> Iterable[tuple[str, Range]]:
    return family.ranges.items()
