"""What a trading sentence can say, and the reader that hears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from lark import Token

from core.llm.offline.rules.number_words import tidy
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import (
    Call,
    Choose,
    Compare,
    Math,
    Name,
    Num,
    Number,
    Truth,
    negated,
)
from trading.shell.vocabulary.facts import FactWords
from trading.shell.vocabulary.meanings import (
    Condition,
    Distance,
    Entry,
    Exit,
    Guard,
    Leverage,
    Only,
    Setting,
    Size,
)
from trading.shell.vocabulary.series_words import settled

_SYMBOLS: Mapping[str, str] = {
    "bitcoin": "BTC", "xbt": "BTC", "ethereum": "ETH", "ether": "ETH", "solana": "SOL",
}  # fmt: skip


class StatementWords(FactWords):
    """Reads whole sentences."""

    def statement(self, parts: Sequence[Any]) -> Any:
        return parts[0] if parts else None

    # entries and exits ------------------------------------------------------------
    def long_entry(self, parts: Sequence[Any]) -> list[Any]:
        return [Entry("long", _truth(parts)), *_settings(parts)]

    def short_entry(self, parts: Sequence[Any]) -> list[Any]:
        return [Entry("short", _truth(parts)), *_settings(parts)]

    def long_entry_for(self, parts: Sequence[Any]) -> list[Any]:
        return [Size("money", parts[0]), *self.long_entry(parts[1:])]

    def short_entry_for(self, parts: Sequence[Any]) -> list[Any]:
        return [Size("money", parts[0]), *self.short_entry(parts[1:])]

    def entry(self, parts: Sequence[Any]) -> Any:
        return parts[0]

    def exit(self, parts: Sequence[Any]) -> Any:
        if isinstance(parts[0], Exit | list):
            return parts[0]
        return [Exit(None, _truth(parts)), *_settings(parts)]

    def long_exit(self, parts: Sequence[Any]) -> list[Any]:
        return [Exit("long", _truth(parts)), *_settings(parts)]

    def short_exit(self, parts: Sequence[Any]) -> list[Any]:
        return [Exit("short", _truth(parts)), *_settings(parts)]

    def exit_after(self, parts: Sequence[int]) -> Exit:
        return Exit(None, Compare(Name("bars_held"), ">=", Num(parts[-1])))

    def exit_at(self, parts: Sequence[int]) -> Exit:
        if parts[0] % 3600:
            raise NotUnderstood("exits can be at full hours only", "say 'at 20:00'")
        return Exit(None, Compare(Name("hour"), "==", Num(parts[0] // 3600 % 24)))

    # stops and targets ------------------------------------------------------------
    def stop(self, parts: Sequence[Any]) -> Guard:
        return parts[0] if isinstance(parts[0], Guard) else _guard("stop", parts)

    def trailing(self, parts: Sequence[Any]) -> Guard:
        return _guard("trailing", parts)

    def target(self, parts: Sequence[Any]) -> Guard:
        return parts[0] if isinstance(parts[0], Guard) else _guard("target", parts)

    def reward_target(self, parts: Sequence[Distance]) -> Guard:
        return Guard("target", parts[0])

    def below(self, _: Any) -> str:
        return "below"

    def above(self, _: Any) -> str:
        return "above"

    def from_entry(self, _: Any) -> str:
        return "from"

    def longs(self, _: Any) -> str:
        return "long"

    def shorts(self, _: Any) -> str:
        return "short"

    def sides(self, _: Any) -> str:
        return "both"

    def percent_away(self, parts: Sequence[float]) -> Distance:
        return Distance("percent", parts[0])

    def atr_away(self, parts: Sequence[Any]) -> Distance:
        return Distance("atr", tidy(float(parts[0])), parts[1])

    def one_atr_away(self, parts: Sequence[Name]) -> Distance:
        return Distance("atr", 1, parts[0])

    def atr_times_away(self, parts: Sequence[Any]) -> Distance:
        return Distance("atr", tidy(float(parts[1])), parts[0])

    def money_away(self, parts: Sequence[Token]) -> Distance:
        return Distance("money", tidy(float(parts[0])))

    def level(self, parts: Sequence[Any]) -> Any:
        (level,) = parts
        if isinstance(level, Distance):
            return level
        return Distance("level", 0, settled(level))

    beside_level = level

    def multiple(self, parts: Sequence[Token]) -> Distance:
        return Distance("multiple", tidy(float(parts[0])))

    def ratio(self, parts: Sequence[Token]) -> Distance:
        """ "2:1" and "1:2" both mean two of reward for one of risk."""
        numbers = [float(part) for part in parts]
        whole = numbers[0] if len(numbers) == 1 else max(numbers) / min(numbers)
        return Distance("multiple", tidy(whole))

    # size -------------------------------------------------------------------------
    def amount(self, parts: Sequence[Token]) -> float:
        return tidy(float(parts[0]))

    def cap(self, parts: Sequence[float]) -> Size:
        return Size("money", 0, parts[0])

    def risk_size(self, parts: Sequence[Any]) -> Size:
        return _sized("risk", parts)

    def share_size(self, parts: Sequence[Any]) -> Size:
        return _sized("share", parts)

    def full_size(self, _: Any) -> Size:
        return Size("share", 100)

    def money_size(self, parts: Sequence[Any]) -> Size:
        return _sized("money", parts)

    def size(self, parts: Sequence[Size]) -> Size:
        return parts[0]

    def levered_size(self, parts: Sequence[Size]) -> Size:
        caps = [part.cap for part in parts if part.cap is not None]
        return replace(parts[0], levered=True, cap=caps[0] if caps else None)

    # leverage ---------------------------------------------------------------------
    def times(self, parts: Sequence[Token]) -> float:
        return tidy(float(next(part for part in parts if part.type == "NUMBER")))

    def leverage(self, parts: Sequence[Any]) -> Leverage:
        (value,) = parts
        if isinstance(value, Leverage):
            return value
        return Leverage(Num(value), f"Use {value:g}x leverage.")

    def no_leverage(self, _: Any) -> Leverage:
        return self.leverage([1])

    def leverage_either(self, parts: Sequence[Any]) -> Leverage:
        high, when, low = parts
        said = f"Use {high:g}x leverage when {{when}}, else {low:g}x."
        return Leverage(Choose(when, Num(high), Num(low)), said)

    def driver(self, parts: Sequence[Number]) -> Number:
        return settled(parts[0])  # type: ignore[no-any-return]

    def leverage_between(self, parts: Sequence[Any]) -> Leverage:
        """Full leverage in a still market, less as it moves: DESIGN's 1 + 10 x ratio."""
        low, high = sorted(parts[:2])
        driver = parts[2]
        if not isinstance(driver, Name) or not driver.name.startswith(
            ("volatility", "atr_percent")
        ):
            raise NotUnderstood(
                "leverage can follow volatility only",
                "give two points, as in 'leverage from 1 at ADX 20 to 3 at ADX 40'",
            )
        calm = Math(Num(1), "+", Math(driver, "/", Num(10)))
        rise = Math(Num(tidy(high - low)), "/", calm)
        self.taken["leverage falls from the higher figure as volatility rises"] = None
        said = f"Leverage from {low:g} to {high:g} with {driver.name}."
        return Leverage(Math(Num(low), "+", rise), said)

    def leverage_ramp(self, parts: Sequence[Any]) -> Leverage:
        """A straight line between two points, level beyond them."""
        start, driver, first, end, *again, last = parts
        if again and again[0] != driver:
            raise NotUnderstood("the two points are of two values", "use one value")
        if not isinstance(first, Num) or not isinstance(last, Num) or first == last:
            raise NotUnderstood("a ramp needs two different figures", "give numbers")
        slope = Num(tidy((end - start) / (last.value - first.value)))
        line = Math(Num(start), "+", Math(slope, "*", Math(driver, "-", first)))
        low, high = Num(min(start, end)), Num(max(start, end))
        said = (
            f"Leverage from {start:g} at {{driver}} of {first.value:g} "
            f"to {end:g} at {{driver}} of {last.value:g}."
        )
        return Leverage(Call("min", (Call("max", (line, low)), high)), said)

    # filters and settings ---------------------------------------------------------
    def only(self, parts: Sequence[Any]) -> Only:
        return Only(parts[-1])

    def never(self, parts: Sequence[Any]) -> Only:
        return Only(negated(parts[-1]))

    def condition(self, parts: Sequence[Any]) -> Condition:
        return Condition(str(parts[0]), parts[1])

    def defined(self, parts: Sequence[Any]) -> Condition:
        return parts[0]  # type: ignore[no-any-return]

    def setting(self, parts: Sequence[Any]) -> Any:
        if isinstance(parts[0], list):
            return parts[0]
        return _settings(parts)

    def symbol(self, parts: Sequence[Token]) -> str:
        word = str(parts[0])
        return _SYMBOLS.get(word, word.upper())

    def market(self, parts: Sequence[Any]) -> Setting:
        symbols = tuple(part for part in parts if isinstance(part, str))
        frame = next((p.timeframe for p in parts if isinstance(p, Setting)), "")
        return Setting(symbols, frame)

    def timing(self, parts: Sequence[str]) -> Setting:
        return Setting((), parts[0])

    def minutes(self, parts: Sequence[Token]) -> str:
        return _frame(parts, "m")

    def hours(self, parts: Sequence[Token]) -> str:
        return _frame(parts, "h")

    def days(self, parts: Sequence[Any]) -> Any:
        if parts and isinstance(parts[0], frozenset):
            return super().days(parts)
        return _frame(parts, "d")

    def weeks(self, parts: Sequence[Token]) -> str:
        return _frame(parts, "w")


def _frame(parts: Sequence[Token], unit: str) -> str:
    return f"{float(parts[0]) if parts else 1:g}{unit}"


def _truth(parts: Sequence[Any]) -> Truth:
    found = [p for p in parts if not isinstance(p, Setting | float | int)]
    return found[-1]  # type: ignore[no-any-return]


def _settings(parts: Sequence[Any]) -> list[Setting]:
    return [part for part in parts if isinstance(part, Setting)]


def _guard(kind: Literal["stop", "trailing", "target"], parts: Sequence[Any]) -> Guard:
    distance = next(part for part in parts if isinstance(part, Distance))
    words = [part for part in parts if isinstance(part, str)]
    sides = next((w for w in words if w in ("long", "short", "both")), None)
    away = next((w for w in words if w in ("below", "above")), None)
    return Guard(kind, distance, sides, away)  # type: ignore[arg-type]


def _sized(kind: Literal["risk", "share", "money"], parts: Sequence[Any]) -> Size:
    amount = next(part for part in parts if isinstance(part, int | float))
    caps = [part.cap for part in parts if isinstance(part, Size)]
    sides = [part for part in parts if part in ("long", "short", "both")]
    return Size(kind, amount, caps[0] if caps else None, sides[0] if sides else None)
