"""Words for stops and targets, and for how far from the entry they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from lark import Token

from core.llm.offline.rules.number_words import tidy
from core.llm.offline.rules.predicate_words import IT
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import Name, names_in
from trading.shell.vocabulary.extremes import settled
from trading.shell.vocabulary.facts import FactWords
from trading.shell.vocabulary.meanings import Distance, Guard


class GuardWords(FactWords):
    """Reads what guards a position."""

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
        if any(IT in name for name in names_in(level)):
            raise NotUnderstood("'average' of what?", "name it, as in 'SMA 20'")
        return Distance("level", 0, settled(level))

    beside_level = level

    def multiple(self, parts: Sequence[Token]) -> Distance:
        return Distance("multiple", tidy(float(parts[0])))

    def ratio(self, parts: Sequence[Token]) -> Distance:
        """ "2:1" and "1:2" both mean two of reward for one of risk."""
        numbers = [float(part) for part in parts]
        whole = numbers[0] if len(numbers) == 1 else max(numbers) / min(numbers)
        return Distance("multiple", tidy(whole))


def _guard(kind: Literal["stop", "trailing", "target"], parts: Sequence[Any]) -> Guard:
    distance = next(part for part in parts if isinstance(part, Distance))
    words = [part for part in parts if isinstance(part, str)]
    sides = next((w for w in words if w in ("long", "short", "both")), None)
    away = next((w for w in words if w in ("below", "above")), None)
    return Guard(kind, distance, sides, away)  # type: ignore[arg-type]
