"""What a trading sentence can say, and the reader that hears it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lark import Token

from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import (
    Compare,
    Comparison,
    Name,
    Num,
    Truth,
    all_of,
    any_of,
    negated,
)
from trading.shell.vocabulary.extremes import before_this_bar
from trading.shell.vocabulary.facts import either_day
from trading.shell.vocabulary.guards import CLOSE
from trading.shell.vocabulary.meanings import (
    Condition,
    Entry,
    Exit,
    Money,
    Only,
    Setting,
    Size,
)
from trading.shell.vocabulary.size_words import SizeWords, staked

_SYMBOLS: Mapping[str, str] = {
    "bitcoin": "BTC", "xbt": "BTC", "ethereum": "ETH", "ether": "ETH", "solana": "SOL",
}  # fmt: skip


_BESIDE = (Setting, Size, Money)


class StatementWords(SizeWords):
    """Reads whole sentences."""

    # entries and exits ------------------------------------------------------------
    def long_entry(self, parts: Sequence[Any]) -> list[Any]:
        return [Entry("long", _truths(parts)), *_settings(parts)]

    def short_entry(self, parts: Sequence[Any]) -> list[Any]:
        return [Entry("short", _truths(parts)), *_settings(parts)]

    def entry(self, parts: Sequence[Any]) -> Any:
        return parts[0]

    def exit(self, parts: Sequence[Any]) -> Any:
        if isinstance(parts[0], Exit | list):
            return parts[0]
        return [Exit(None, _any_truth(parts)), *_settings(parts)]

    def long_exit(self, parts: Sequence[Any]) -> list[Any]:
        return [Exit("long", _any_truth(parts)), *_settings(parts)]

    def short_exit(self, parts: Sequence[Any]) -> list[Any]:
        return [Exit("short", _any_truth(parts)), *_settings(parts)]

    def after_bars(self, parts: Sequence[int]) -> Truth:
        return Compare(Name("bars_held"), ">=", Num(parts[-1]))

    def exit_after(self, parts: Sequence[int]) -> Exit:
        return Exit(None, self.after_bars(parts))

    def long_exit_after(self, parts: Sequence[int]) -> Exit:
        return replace(self.exit_after(parts), side="long")

    def short_exit_after(self, parts: Sequence[int]) -> Exit:
        return replace(self.exit_after(parts), side="short")

    def event(self, parts: Sequence[Truth]) -> Truth:
        return all_of(tuple(parts))

    def at_extreme(self, parts: Sequence[Name]) -> Truth:
        """Out below the lowest low of the bars before this one, above their high."""
        level = before_this_bar(parts[0])
        name = level.name if isinstance(level, Name) else ""
        if not name.startswith(("prior_lowest_", "prior_highest_")):
            raise NotUnderstood("that is no high or low of some bars", "say 'when ...'")
        low = name.startswith("prior_lowest_")
        way: Comparison = "<" if low else ">"
        said = f"a close {'below' if low else 'above'} {name}"
        self.taken[f"an exit at that level is taken as {said}"] = None
        return Compare(CLOSE, way, level)

    # filters and settings ---------------------------------------------------------
    def only(self, parts: Sequence[Any]) -> Only:
        return Only(parts[-1])

    def never(self, parts: Sequence[Any]) -> Only:
        return Only(negated(either_day(parts[-1])))

    def only_long(self, parts: Sequence[Any]) -> Only:
        return replace(self.only(parts), side="long")

    def never_long(self, parts: Sequence[Any]) -> Only:
        return replace(self.never(parts), side="long")

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


def _any_truth(parts: Sequence[Any]) -> Truth:
    """Any way out among the parts."""
    return any_of(tuple(p for p in parts if not isinstance(p, _BESIDE)))


def _truths(parts: Sequence[Any]) -> Truth:
    """All conditions among the parts: the days said before "when", and those after."""
    return all_of(tuple(p for p in parts if not isinstance(p, _BESIDE)))


def _settings(parts: Sequence[Any]) -> list[Any]:
    """What a sentence says beside its condition: markets, charts, sizes."""
    found = [part for part in parts if isinstance(part, _BESIDE)]
    return [p if isinstance(p, Setting) else staked(p) for p in found]
