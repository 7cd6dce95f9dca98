"""Conditions traders have words for: beyond extremes, touches, zones, hours, days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lark import Token

from core.llm.offline.rules.predicate_words import Predicate, lasting
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import (
    All,
    Between,
    Compare,
    Cross,
    Math,
    Name,
    Num,
    Number,
    Truth,
    all_of,
    any_of,
)
from trading.shell.vocabulary.candle_words import CandleWords
from trading.shell.vocabulary.extremes import before_this_bar, inclusive_extreme

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZONES: Mapping[str, tuple[float, float]] = {
    "rsi": (30, 70), "mfi": (20, 80), "stoch": (20, 80), "stoch_signal": (20, 80),
    "williams": (-80, -20), "cci": (-100, 100),
}  # fmt: skip
DAY = 86_400
SINCE_LOSS = "seconds_since_loss"


class FactWords(CandleWords):
    """Reads facts, touches, and the hours and days that may trade."""

    # comparisons ------------------------------------------------------------------
    def compared(self, left: Number, op: Any, right: Number) -> Truth:
        """Beyond an extreme means beyond that of the bars before this one."""
        if op in (">", ">=", "<", "<=") and not inclusive_extreme(left):
            right = before_this_bar(right)
        return Compare(left, op, right)

    def crossed(self, left: Number, up: bool, right: Number) -> Truth:
        """Breaking an extreme is being beyond it: that of the bars before this one."""
        level = before_this_bar(right)
        if level != right:
            return Compare(left, ">" if up else "<", level)
        return Cross(left, up, right)

    def touches(self, parts: Sequence[Number]) -> Predicate:
        (level,) = parts
        bar = Between(Name("low"), before_this_bar(level), Name("high"))

        def said(subject: Number) -> Truth:
            if subject == Name("close"):
                return bar
            raise NotUnderstood("only the price touches a level", "say 'crosses above'")

        return said

    def oversold(self, parts: Sequence[int]) -> Predicate:
        return lambda value: lasting(
            Compare(value, "<", Num(self._zone(value)[0])), *parts
        )

    def overbought(self, parts: Sequence[int]) -> Predicate:
        return lambda value: lasting(
            Compare(value, ">", Num(self._zone(value)[1])), *parts
        )

    def turns_oversold(self, _: Any) -> Predicate:
        return lambda value: Cross(value, False, Num(self._zone(value)[0]))

    def turns_overbought(self, _: Any) -> Predicate:
        return lambda value: Cross(value, True, Num(self._zone(value)[1]))

    def _zone(self, value: Number) -> tuple[float, float]:
        kind = value.name.rpartition("_")[0] if isinstance(value, Name) else ""
        if kind not in _ZONES:
            raise NotUnderstood("only an oscillator has such a zone", "give a number")
        low, high = _ZONES[kind]
        said = f"{kind} is taken as oversold below {low:g}, overbought above {high:g}"
        self.taken[said] = None
        return low, high

    # hours ------------------------------------------------------------------------
    def clock(self, parts: Sequence[Token]) -> int:
        hours, minutes = map(int, str(parts[0]).split(":"))
        if hours > 24 or minutes > 59 or hours * 60 + minutes > 1440:
            raise NotUnderstood(f"'{parts[0]}' is no time of day", "use 0:00 to 24:00")
        return hours * 3600 + minutes * 60

    def midnight(self, _: Any) -> int:
        return 0

    def noon(self, _: Any) -> int:
        return DAY // 2

    def at_time(self, parts: Sequence[int]) -> Truth:
        """The bar that closes then: its order is filled as the next one opens."""
        seconds = parts[0] % DAY
        self.moments[seconds] = None
        self.taken["at a time of day means when a bar closes then"] = None
        return Compare(Math(Name("time"), "%", Num(DAY)), "==", Num(seconds))

    def schedule(self, parts: Sequence[Any]) -> Truth:
        """ "Every Monday at 9:00": each bar of a day, or the one that closes then."""
        said = (on(p) if isinstance(p, frozenset) else self.at_time([p]) for p in parts)
        return all_of(tuple(said))

    def between_times(self, parts: Sequence[int]) -> Truth:
        return during(*parts)

    def after_time(self, parts: Sequence[int]) -> Truth:
        return during(parts[0], DAY)

    def before_time(self, parts: Sequence[int]) -> Truth:
        return during(0, parts[0])

    def between_hours(self, parts: Sequence[Token]) -> Truth:
        first, last = (self.clock((_as_clock(part),)) for part in parts)
        return during(first, last)

    # losses -----------------------------------------------------------------------
    def after_loss(self, parts: Sequence[int]) -> Truth:
        """Less than that many seconds since the symbol's last losing trade closed."""
        if not self.standing:
            raise NotUnderstood(
                "a pause after a loss needs a stack that keeps an account",
                "add it to one, as in `asza ask --stack trading 'no new entries within "
                "an hour after a loss'`",
            )
        return Compare(Name(self.check_name(SINCE_LOSS)), "<", Num(parts[0]))

    def lapse_seconds(self, parts: Sequence[Token]) -> int:
        return _lapse(parts, 1)

    def lapse_minutes(self, parts: Sequence[Token]) -> int:
        return _lapse(parts, 60)

    def lapse_hours(self, parts: Sequence[Token]) -> int:
        return _lapse(parts, 3600)

    def lapse_days(self, parts: Sequence[Token]) -> int:
        return _lapse(parts, DAY)

    # days -------------------------------------------------------------------------
    def day(self, parts: Sequence[Token]) -> frozenset[int]:
        word = str(parts[0]).removesuffix("s")
        if word in ("weekday", "weekend"):
            return frozenset(range(5) if word == "weekday" else range(5, 7))
        return frozenset({DAYS.index(word)})

    def days(self, parts: Sequence[frozenset[int]]) -> frozenset[int]:
        return frozenset().union(*parts)

    def day_range(self, parts: Sequence[frozenset[int]]) -> frozenset[int]:
        (first,), (last,) = parts
        count = (last - first) % 7 + 1
        return frozenset((first + step) % 7 for step in range(count))

    def on_days(self, parts: Sequence[frozenset[int]]) -> Truth:
        return on(parts[0])

    def not_on_days(self, parts: Sequence[frozenset[int]]) -> Truth:
        return on(frozenset(range(7)) - parts[0])


def _lapse(parts: Sequence[Token], unit: int) -> int:
    """A stretch of time in whole seconds; one unit where no number is said."""
    return round(float(parts[0]) * unit) if parts else unit


def either_day(truth: Truth) -> Truth:
    """ "Sundays and Mondays" are either: no bar is on two days of the week."""
    parts = truth.parts if isinstance(truth, All) else ()
    return any_of(parts) if parts and all(map(_one_day, parts)) else truth


def _one_day(truth: Truth) -> bool:
    return (
        isinstance(truth, Compare)
        and truth.left == Name("weekday")
        and (truth.op == "==")
    )


def _as_clock(token: Token) -> Token:
    hour = float(token)
    if hour != int(hour):
        raise NotUnderstood(f"'{hour:g}' is no hour of day", "use 8:30 for half past 8")
    return Token("CLOCK", f"{int(hour)}:00")


def during(first: int, last: int) -> Truth:
    """From a second of the UTC day up to another, round midnight if it must."""
    if first % DAY == last % DAY:
        raise NotUnderstood("the hours begin where they end", "give two times")
    whole_hours = first % 3600 == 0 and last % 3600 == 0
    value: Number = Name("hour") if whole_hours else Math(Name("time"), "%", Num(DAY))
    unit = 3600 if whole_hours else 1
    low, high = Num(first // unit), Num(last // unit)
    if last == DAY:
        return Compare(value, ">=", low)
    if first == 0:
        return Compare(value, "<", high)
    if first < last:
        return Between(low, value, high, below=True)
    return any_of((Compare(value, ">=", low), Compare(value, "<", high)))


def on(days: frozenset[int]) -> Truth:
    """On the given days of the week, Monday 0."""
    if not days or len(days) == 7:
        raise NotUnderstood("that leaves no choice of days", "name some days")
    first, last = min(days), max(days)
    if len(days) == 1:
        return Compare(Name("weekday"), "==", Num(first))
    if len(days) == last - first + 1:
        return _span(first, last)
    runs = tuple(Compare(Name("weekday"), "==", Num(day)) for day in sorted(days))
    missing = sorted(frozenset(range(7)) - days)
    if len(missing) < len(days):
        return all_of(tuple(Compare(Name("weekday"), "!=", Num(d)) for d in missing))
    return any_of(runs)


def _span(first: int, last: int) -> Truth:
    if first == 0:
        return Compare(Name("weekday"), "<=", Num(last))
    if last == 6:
        return Compare(Name("weekday"), ">=", Num(first))
    return Between(Num(first), Name("weekday"), Num(last))


__all__ = ["DAYS", "FactWords", "during", "either_day", "on"]
