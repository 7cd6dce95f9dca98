"""Words for stops and targets, and for how far from the entry they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from lark import Token

from core.llm.offline.rules.number_words import tidy
from core.llm.offline.rules.predicate_words import IT
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import Name, Num, names_in
from core.llm.offline.rules.wording import figure
from trading.shell.vocabulary.extremes import settled
from trading.shell.vocabulary.facts import FactWords
from trading.shell.vocabulary.meanings import Distance, Guard, Money

_CURRENCIES = {"$": "USD", "dollar": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
LEAST_PRICE = 100
"""Below it a number after "at" may as well be percent as a price."""
AT = object()


class GuardWords(FactWords):
    """Reads what guards a position."""

    def stop(self, parts: Sequence[Any]) -> Guard:
        return parts[0] if isinstance(parts[0], Guard) else self._guard("stop", parts)

    def trailing(self, parts: Sequence[Any]) -> Guard:
        return self._guard("trailing", parts)

    def target(self, parts: Sequence[Any]) -> Guard:
        return parts[0] if isinstance(parts[0], Guard) else self._guard("target", parts)

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

    def at(self, _: Any) -> object:
        return AT

    def currency(self, parts: Sequence[Token]) -> str:
        return _CURRENCIES.get(str(parts[0]), str(parts[0]).upper())

    def money(self, parts: Sequence[Any]) -> Money:
        amount, currency = sorted(parts, key=lambda part: isinstance(part, str))
        return Money(amount, currency)

    def price_level(self, parts: Sequence[Token]) -> Distance:
        return Distance("level", 1, Num(tidy(float(parts[0]))))

    def percent_away(self, parts: Sequence[float]) -> Distance:
        return Distance("percent", parts[0])

    def atr_away(self, parts: Sequence[Any]) -> Distance:
        return Distance("atr", tidy(float(parts[0])), parts[1])

    def one_atr_away(self, parts: Sequence[Name]) -> Distance:
        return Distance("atr", 1, parts[0])

    def atr_times_away(self, parts: Sequence[Any]) -> Distance:
        return Distance("atr", tidy(float(parts[1])), parts[0])

    def money_away(self, parts: Sequence[Money]) -> Distance:
        (money,) = parts
        return Distance("money", money.amount, currency=money.currency)

    def level(self, parts: Sequence[Any]) -> Any:
        (level,) = parts
        if isinstance(level, Distance):
            return level
        if any(IT in name for name in names_in(level)):
            raise NotUnderstood("'average' of what?", "name it, as in 'SMA 20'")
        return Distance("level", 0, settled(level))

    def beside_level(self, parts: Sequence[Any]) -> Distance:
        found: Distance = self.level(parts)
        return replace(found, amount=found.amount or LEAST_PRICE)

    def multiple(self, parts: Sequence[Token]) -> Distance:
        return Distance("multiple", tidy(float(parts[0])))

    def ratio(self, parts: Sequence[Token]) -> Distance:
        """ "2:1" and "1:2" both mean two of reward for one of risk."""
        numbers = [float(part) for part in parts]
        whole = numbers[0] if len(numbers) == 1 else max(numbers) / min(numbers)
        return Distance("multiple", tidy(whole))

    def _guard(
        self, kind: Literal["stop", "trailing", "target"], parts: Sequence[Any]
    ) -> Guard:
        distance = next(part for part in parts if isinstance(part, Distance))
        words = [part for part in parts if isinstance(part, str)]
        if distance.measure == "level" and not names_in(distance.level):
            distance = self._priced(kind, distance, bool(words_of_place(words)), parts)
        sides = next((w for w in words if w in ("long", "short", "both")), None)
        away = next((w for w in words if w in ("below", "above")), None)
        return Guard(kind, distance, sides, away)  # type: ignore[arg-type]

    def _priced(
        self, kind: str, distance: Distance, placed: bool, parts: Sequence[Any]
    ) -> Distance:
        """A bare number as a price, where it can be nothing else."""
        number = distance.level.value if isinstance(distance.level, Num) else 0
        word = {"target": "take profit", "trailing": "trailing stop"}.get(kind, kind)
        priced = distance.amount == 1 or (
            number >= LEAST_PRICE and (bool(distance.amount) or AT in parts)
        )
        if kind == "trailing" or placed or number <= 0 or not priced:
            raise _unitless(kind, word, number)
        if distance.amount != 1:
            self.taken[f"{word} at {figure(number)} is taken as a price"] = None
        return replace(distance, amount=0)


def _unitless(kind: str, word: str, number: float) -> NotUnderstood:
    said = figure(number)
    ways = [f"'{word} ${said}'"]
    if number < LEAST_PRICE:
        ways = [f"'{word} {said}%'", f"'{word} {said} ATR'", *ways]
    if kind != "trailing":
        ways.append(f"'{word} at a price of {said}'")
    return NotUnderstood(f"the number {said} has no unit", f"say {' or '.join(ways)}")


def words_of_place(words: Sequence[str]) -> list[str]:
    """Those that measure from the entry."""
    return [word for word in words if word in ("below", "above", "from")]
