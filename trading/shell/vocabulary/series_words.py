"""From a trader's words for a series to its name: "the 20-bar high" -> highest_high_20."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lark import Token

from core.llm.offline.rules.number_words import whole
from core.llm.offline.rules.predicate_words import IT, Predicate
from core.llm.offline.rules.reader import RuleReader
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import Name, Number, Truth
from trading.shell import series
from trading.shell.vocabulary.extremes import settled
from trading.shell.vocabulary.meanings import Span

PERIODS: Mapping[str, int] = {
    "rsi": 14, "adx": 14, "stoch": 14, "stoch_signal": 14, "mfi": 14, "cci": 20,
    "williams": 14, "roc": 12, "aroon_up": 25, "aroon_down": 25, "plus_di": 14,
    "minus_di": 14, "atr": 14, "atr_percent": 14, "bb_width": 20, "volatility": 20,
    "volume_ratio": 20, "bands": 20, "channel": 20, "mean": 20,
}  # fmt: skip
"""What a series without a number is taken to mean: the number its charts open with."""

_FIELDS: Mapping[str, str] = {
    "price": "close", "bar": "close", "candle": "close", "close price": "close",
    "closing price": "close", "open price": "open", "opening price": "open",
    "high price": "high", "low price": "low", "market price": "close",
    "last price": "close", "entry price": "entry_price", "entry": "entry_price",
    "bar held": "bars_held",
}  # fmt: skip
_AVERAGES: Mapping[str, str] = {
    "ma": "sma", "moving average": "sma", "simple moving average": "sma",
    "exponential moving average": "ema", "exponential average": "ema",
    "weighted moving average": "wma",
}  # fmt: skip
_OSCILLATORS: Mapping[str, str] = {
    "stochastic": "stoch", "stochastic k": "stoch", "stochastic d": "stoch_signal",
    "stochastic % k": "stoch",
    "stochastic % d": "stoch_signal",
    "stochastic signal": "stoch_signal", "relative strength index": "rsi",
    "rate of change": "roc", "money flow index": "mfi", "atr percent": "atr_percent",
    "bandwidth": "bb_width", "plus di": "plus_di", "minus di": "minus_di",
    "aroon up": "aroon_up", "aroon down": "aroon_down",
}  # fmt: skip


class SeriesWords(RuleReader):
    """Reads series; remembers which defaults it took, so that the plan can say so."""

    synonyms: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.taken: dict[str, None] = {}
        self.spans: dict[Span, None] = {}
        self.moments: dict[int, None] = {}

    def said_of(self, subject: Number, predicate: Predicate) -> Truth:
        """An extreme that no comparison has moved covers the present bar too."""
        said: Truth = settled(super().said_of(settled(subject), predicate))
        return said

    # names ------------------------------------------------------------------------
    def check_name(self, name: str) -> str:
        if IT in name or name in self.flags or series.lookup(name):
            return name
        raise NotUnderstood(f"no value is called '{name}'", series_hint(name))

    def is_positive(self, number: Number) -> bool:
        found = series.lookup(number.name) if isinstance(number, Name) else None
        always = found is not None and found.unit in ("price", "oscillator", "volume")
        return always or super().is_positive(number)

    def _default(self, kind: str, parts: Sequence[Any]) -> int:
        numbers = [p for p in parts if isinstance(p, int)]
        if numbers:
            return numbers[0]
        if kind not in PERIODS:
            raise NotUnderstood(f"'{kind}' over how many bars?", f"say '{kind} 20'")
        name = "an average" if kind == "mean" else kind.replace("_", " ")
        self.taken[f"{name} is taken over {PERIODS[kind]} bars"] = None
        return PERIODS[kind]

    def _series(self, name: str) -> Name:
        return Name(self.check_name(name))

    # series -----------------------------------------------------------------------
    def field(self, parts: Sequence[Any]) -> Name:
        if not isinstance(parts[0], Token | str):
            return parts[0]  # type: ignore[no-any-return]
        words = " ".join(map(str, parts))
        return self._series(_FIELDS.get(words, words))

    def symbol_field(self, _: Any) -> Name:
        return Name("close")

    def period(self, parts: Sequence[Token]) -> int:
        return whole(parts[0])

    def average_kind(self, parts: Sequence[Token]) -> str:
        words = " ".join(map(str, parts))
        return _AVERAGES.get(words, words)

    def average(self, parts: Sequence[Any]) -> Name:
        if isinstance(parts[0], Name):
            return parts[0]
        kind, count = kind_first(parts)
        return self._series(f"{kind}_{count[0]}")

    def oscillator_kind(self, parts: Sequence[Token]) -> str:
        words = " ".join(map(str, parts))
        return _OSCILLATORS.get(words, words)

    def oscillator(self, parts: Sequence[Any]) -> Name:
        if isinstance(parts[0], Name):
            return parts[0]
        kind, count = kind_first(parts)
        return self._series(f"{kind}_{self._default(kind, count)}")

    def macd_numbers(self, parts: Sequence[Token]) -> str:
        numbers = [whole(part) for part in parts]
        return "" if numbers == [12, 26, 9] else "_" + "_".join(map(str, numbers))

    def macd(self, parts: Sequence[str]) -> Name:
        return self._series("macd" + "".join(parts))

    def macd_histogram(self, parts: Sequence[str]) -> Name:
        return self._series("macd_histogram" + "".join(parts))

    def macd_signal(self, parts: Sequence[str]) -> Name:
        return self._series("macd_signal" + "".join(parts))

    def band_side(self, parts: Sequence[Token]) -> str:
        return str(parts[0])

    def band_numbers(self, parts: Sequence[Token]) -> tuple[int, int]:
        tenths = round(float(parts[1]) * 10) if len(parts) > 1 else 20
        return whole(parts[0]), tenths

    def band(self, parts: Sequence[Any]) -> Name:
        side, *numbers = parts
        count, tenths = numbers[0] if numbers else (self._default("bands", ()), 20)
        wide = "" if tenths == 20 or side == "middle" else f"_{tenths}"
        return self._series(f"bb_{side}_{count}{wide}")

    def keltner(self, parts: Sequence[Any]) -> Name:
        return self._series(f"keltner_{parts[0]}_{self._default('channel', parts)}")

    def donchian(self, parts: Sequence[Any]) -> Name:
        what = "highest_high" if parts[0] == "upper" else "lowest_low"
        return self._series(f"prior_{what}_{self._default('channel', parts)}")

    def atr(self, parts: Sequence[Any]) -> Name:
        return self._series(f"atr_{self._default('atr', _counts(parts))}")

    def volatility(self, parts: Sequence[Any]) -> Name:
        return self._series(f"volatility_{self._default('volatility', _counts(parts))}")

    base_volatility = volatility

    def volume_ratio(self, parts: Sequence[Any]) -> Name:
        return self._series(f"volume_ratio_{self._default('volume_ratio', parts)}")

    def series(self, parts: Sequence[Number]) -> Number:
        return parts[0]


def series_hint(name: str) -> str:
    """What to write instead of a series that the table does not have."""
    from core.errors import DataError

    try:
        series.require(name)
    except DataError as error:
        return error.remedy
    return ""


def kind_first(parts: Sequence[Any]) -> tuple[str, list[int]]:
    """The kind and the counts of an indicator, in whichever order they were typed."""
    kind = next(p for p in parts if isinstance(p, str) and not isinstance(p, Token))
    return kind, _counts(parts)


def _counts(parts: Sequence[Any]) -> list[int]:
    return [whole(p) if isinstance(p, Token) else p for p in parts if _is_count(p)]


def _is_count(part: Any) -> bool:
    return isinstance(part, int) or (isinstance(part, Token) and part.type == "NUMBER")
