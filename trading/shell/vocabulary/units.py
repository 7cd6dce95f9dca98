"""Trading's units: schemas with finite ranges, and draws that look like markets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from core.vocabulary import Unit, base_units
from trading.shell import series
from trading.shell.vocabulary.account_units import account_units

if TYPE_CHECKING:
    from core.sampling import Source

HIGHEST_PRICE = 1e7
_PRICE = {"type": "number", "exclusiveMinimum": 0, "maximum": HIGHEST_PRICE}
_MONEY = {"type": "number", "minimum": -1e9, "maximum": 1e9}
_QUANTITY = {"type": "number", "minimum": 0, "maximum": 1e9}
_LEVERAGE = {"type": "number", "minimum": 1, "maximum": 50}
_INDICATOR = {"type": "number", "minimum": -1e9, "maximum": 1e9}
_OSCILLATOR = {"type": "number", "minimum": 0, "maximum": 100}
_CANDLE = {
    "type": "object",
    "properties": {
        "time": {"type": "integer", "minimum": 0, "maximum": 4_102_444_800},
        **dict.fromkeys(("open", "high", "low", "close"), _PRICE),
        "volume": dict(series.UNITS["volume"]),
    },
    "required": ["time", "open", "high", "low", "close", "volume"],
    "additionalProperties": False,
}
_CANDLES = {"type": "array", "items": _CANDLE, "maxItems": 500}
_SERIES = {"type": "array", "items": _INDICATOR, "maxItems": 500}
_SCORE = {"type": "number", "minimum": -1, "maximum": 1}
_CENTS = {"type": "integer", "minimum": -(10**17), "maximum": 10**17}
HOUR = 3600


def a_price(source: Source) -> float:
    """From dust to a million, at times an end of the range, with up to 5 digits."""
    roll = source.integer(0, 19)
    if roll == 0:
        return source.pick((1e-6, HIGHEST_PRICE))
    size = source.pick((1e-4, 0.01, 1.0, 100.0, 100.0, 10_000.0, 100_000.0))
    return float(f"{size * (0.5 + source.number(0, 1)):.5g}")


def _volume(source: Source) -> float:
    """Often none; else anything up to a million."""
    if source.integer(0, 9) == 0:
        return 0.0
    size = source.pick((1.0, 100.0, 10_000.0))
    return round(size * source.number(0, 100), 2)


def _bar(source: Source, open_: float, time: int) -> dict[str, Any]:
    """A bar that opens at `open_`: its wicks reach up to 3 % beyond its body."""
    close = _near(source, open_, 0.05)
    above, below = max(open_, close), min(open_, close)
    return {
        "time": time,
        "open": open_,
        "high": min(HIGHEST_PRICE, above * (1 + source.number(0, 0.03))),
        "low": below * (1 - source.number(0, 0.03)),
        "close": close,
        "volume": _volume(source),
    }


def _near(source: Source, price: float, share: float) -> float:
    return min(HIGHEST_PRICE, price * (1 + source.number(-share, share)))


def a_candle(source: Source) -> dict[str, Any]:
    """One bar, low <= open, close <= high, on a full hour."""
    return _bar(source, a_price(source), HOUR * source.integer(0, 500_000))


def some_candles(source: Source) -> list[dict[str, Any]]:
    """Bars an hour apart, each opening where the last one closed."""
    length = source.length(0, 60)
    start, price = HOUR * source.integer(0, 500_000), a_price(source)
    bars: list[dict[str, Any]] = []
    for index in range(length):
        bars.append(_bar(source, price, start + HOUR * index))
        price = bars[-1]["close"]
    return bars


def units() -> Mapping[str, Unit]:
    """Core's units and trading's own, by name."""
    ours = (
        Unit("price", _PRICE, "a price in the quote currency", sample=a_price),
        Unit("money", _MONEY, "an amount of the quote currency"),
        Unit("quantity", _QUANTITY, "an amount of the base currency"),
        Unit("leverage", _LEVERAGE, "times the stake; 1 is none"),
        Unit("indicator", _INDICATOR, "an indicator of any sign"),
        Unit("oscillator", _OSCILLATOR, "an indicator from 0 to 100"),
        Unit("score", _SCORE, "evidence: -1 for a short, 1 for a long, 0 is none"),
        Unit("cents", _CENTS, "hundredths of the quote currency"),
        *account_units(),
        Unit("candle", _CANDLE, "one bar; low <= open, close <= high", sample=a_candle),
        Unit("candles", _CANDLES, "bars, oldest first", sample=some_candles),
        Unit("series", _SERIES, "an indicator over bars, oldest first"),
    )
    table = {
        name: Unit(name, schema, _described(name), sample=_SAMPLES.get(name))
        for name, schema in series.UNITS.items()
    }
    named = {unit.name: unit for unit in ours}
    return MappingProxyType({**base_units(), **table, **named})


_SAMPLES: Mapping[str, Callable[[Source], Any]] = {"volume": _volume}


def _described(name: str) -> str:
    return {
        "hour": "an hour of the day, UTC",
        "minute": "a minute of the hour",
        "weekday": "a day of the week, Monday is 0",
        "month_day": "a day of the month",
        "volume": "what was traded in a bar, in the base currency",
    }.get(name, name)
