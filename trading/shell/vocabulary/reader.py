"""The reader of trading sentences, complete: its synonyms, and how it says things back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from core.llm.offline.rules.earley import parser_for
from core.llm.offline.rules.rule import (
    Assembly,
    NotUnderstood,
    Problem,
    Unmeant,
)
from core.llm.offline.rules.tree import (
    All,
    Between,
    Compare,
    Either,
    Math,
    Name,
    Num,
    Number,
    Truth,
)
from core.llm.offline.rules.words import Word
from trading.shell.vocabulary.assembly import assemble
from trading.shell.vocabulary.doubts import two_ways
from trading.shell.vocabulary.facts import DAY, DAYS
from trading.shell.vocabulary.grammar import GRAMMAR
from trading.shell.vocabulary.refusals import known_cause
from trading.shell.vocabulary.respelling import Respelling, is_title
from trading.shell.vocabulary.spelling import foreign, misspelt
from trading.shell.vocabulary.statements import StatementWords
from trading.shell.vocabulary.subjects import alike, is_hours

_SYNONYMS = """
bar: candle candles bars period periods candlestick candlesticks
crosses: cross crossed crossing
breaks: break broke breaking
moves: move moved
goes: went
rises: rise rose
falls: fall fell
climbs: climb climbed
touches: touch touching
hits: hit
average: avg mean
ema: emas
sma: smas
bollinger: bollingers bolinger boll bbands
band: bands
stochastic: stochastics
dollar: dollars usd bucks usdt usdc
eur: euro euros
gbp: pound pounds
jpy: yen
coin: coins token tokens
btc: btcs bitcoins
eth: eths ethers
profit: profits
percent: pct percentage
upper: top
lower: bottom
middle: mid
r: rr
target: targets
stop: stops
trade: trades
leverage: levered leveraged
sell: sells
buy: buys
not: don't dont doesn't isn't aren't
utc: z
weekdays: workdays
turns: turn turned
becomes: become
flips: flip flipped
dips: dip dipped
makes: make
reaches: reach reached
chart: charts
timeframe: timeframes interval
monday: mon
tuesday: tue tues
wednesday: wed weds
thursday: thu thur thurs
friday: fri
saturday: sat
sunday: sun
drops: drop dropped crash crashes crashed plunge plunges plunged tumble tumbles tumbled plummets
jumps: jump surge surges surged soars soared
crossover: crossovers
prior: earlier
"""
_NOISE = """
the a an please just also still currently current now then that's value values level
indicator i we you it'll our my want would like do does let me
first simply always there there's us
"""


def _synonyms() -> dict[str, str]:
    rows = (line.split(":") for line in _SYNONYMS.strip().splitlines())
    return {
        word: target.strip()
        for target, words in rows
        for word in words.split()
        if word != target.strip()
    }


class TradingReader(StatementWords):
    """What `RuleWords.transformer` makes: reads sentences, says them, assembles them."""

    synonyms: ClassVar[Mapping[str, str]] = _synonyms()
    noise: ClassVar[frozenset[str]] = frozenset(_NOISE.split())

    def respelled(self, words: Sequence[Word], text: str) -> list[Word]:
        """The sentence in the grammar's spelling; what that took is remembered."""
        found = Respelling(text, self.is_known)
        spelled = found.words(words)
        self.taken |= dict.fromkeys(found.notes)
        self.spans |= dict.fromkeys(found.spans)
        return spelled

    def is_title(self, words: Sequence[Word]) -> bool:
        """Does a line that ends in a colon only name the rules below it?"""
        return is_title(words, self.is_known)

    def is_known(self, word: str) -> bool:
        """Does the word say something in a sentence?"""
        return word in parser_for(GRAMMAR).literals

    def doubt(self, words: Sequence[Word], text: str) -> Problem | None:
        """A limit that can be read in two ways."""
        return two_ways(words, text, self.noise)

    def unmeant(self, words: Sequence[Word]) -> Unmeant | None:
        """What traders ask for that no rule can say."""
        spelled = parser_for(GRAMMAR).literals
        known = {*spelled, *self.synonyms}
        cause = foreign(words, known) or known_cause(words)
        return cause or misspelt(words, known, spelled)

    def check_meant(self, subject: Number, truth: Truth) -> None:
        """ "It" is what the values it is compared with can be held against."""
        if is_hours(truth) or not alike(subject, truth):
            raise NotUnderstood(
                "it is not clear what this is about",
                "name the value, as in 'price is above EMA 50'",
            )

    def assemble(self, said: Sequence[Any]) -> Assembly:
        """The rules that statements come to together."""
        return assemble(said, self)

    def say_name(self, name: str) -> str:
        """An indicator as a chart labels it; any other value by its name."""
        found = re.fullmatch(r"(ema|sma|wma|rsi|atr|adx|mfi|cci)_(\d+)", name)
        if found:
            return f"{found[1].upper()} {found[2]}"
        return name.upper() if name == "macd" else name

    def say_special(self, truth: Truth) -> str | None:
        """Hours and days as people name them."""
        match truth:
            case Between(Num(low), Name("hour"), Num(high), True):
                return f"between {_time(low * 3600)} and {_time(high * 3600)} UTC"
            case Between(
                Num(low), Math(Name("time"), "%", Num(86400)), Num(high), True
            ):
                return f"between {_time(low)} and {_time(high)} UTC"
            case Compare(Math(Name("time"), "%", Num(86400)), "==", Num(seconds)):
                return f"at {_time(seconds)} UTC"
            case Compare(Name("seconds_since_loss"), "<", Num(seconds)):
                return f"within {_lapse(int(seconds))} after a loss"
            case Compare(value, op, Num(number)) if op in (">=", "<"):
                return _half_day(value, op, number)
            case Compare(Name("weekday"), op, Num(number)) if number in range(7):
                return _days(op, int(number))
            case Either((Compare(a, ">=", Num(low)), Compare(b, "<", Num(high)))) if (
                a == b and _scale(a) and high < low
            ):
                scale = _scale(a)
                return f"between {_time(low * scale)} and {_time(high * scale)} UTC"
        return None


def _scale(value: Any) -> int:
    """Seconds in one of the value's units, 0 when it is no time of day."""
    if value == Name("hour"):
        return 3600
    return 1 if value == Math(Name("time"), "%", Num(DAY)) else 0


def _lapse(seconds: int) -> str:
    """Seconds in the largest unit that they are whole in."""
    units = (("day", DAY), ("hour", 3600), ("minute", 60), ("second", 1))
    name, size = next(unit for unit in units if seconds % unit[1] == 0)
    count = seconds // size
    return f"{count} {name}{'' if count == 1 else 's'}"


def _half_day(value: Any, op: str, number: float) -> str | None:
    seconds = number * _scale(value)
    if not 0 < seconds < DAY or seconds % 60:
        return _days(op, int(number)) if value == Name("weekday") else None
    return f"{'after' if op == '>=' else 'before'} {_time(seconds)} UTC"


def _time(seconds: float) -> str:
    return f"{int(seconds) // 3600:02d}:{int(seconds) // 60 % 60:02d}"


def _days(op: str, day: int) -> str | None:
    if (op, day) in (("<=", 4), ("<", 5)):
        return "on weekdays"
    if (op, day) in ((">=", 5), (">", 4)):
        return "on weekends"
    if op in ("==", "!="):
        return f"{'on' if op == '==' else 'not on'} {DAYS[day].title()}"
    return None


__all__ = ["All", "TradingReader"]
