"""A sentence respelled before it is parsed: titles, "the dip", spans, day ranges, "it".

What a trader types in many ways is written in the one way the grammar knows. Every
step takes words and gives words; their places in the request stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.llm.offline.rules.words import Word, typed
from trading.shell.vocabulary.facts import DAYS
from trading.shell.vocabulary.meanings import Span

_TITLES = frozenset(
    "strategy strategies system setup plan idea bot algorithm algo method approach "
    "reversion following momentum breakout scalping scalper pullback crossover "
    "crosses turtle".split()
)
_NOUNS = frozenset("strategy strategies system setup plan bot".split())
_HEADINGS = frozenset("rules strategy setup conditions plan management".split())
_STYLES = frozenset(
    "rsi macd ema sma ma adx bollinger band moving average stochastic donchian keltner "
    "volume price trend golden death simple mean reward risk trade and of for plan "
    "strategy setup".split()
)
_LONGEST_TITLE = 6
_CHARTS = frozenset("chart bar timeframe data".split())
_CHART_LEADS = frozenset("on using timeframe interval :".split())
_SPANS = {
    "day": "1d", "days": "1d", "hour": "1h", "hours": "1h", "week": "1w",
    "weeks": "1w", "minute": "1m", "minutes": "1m",
}  # fmt: skip
_OF_A_SPAN = frozenset(
    "moving average ma ema sma wma simple exponential high low highest lowest".split()
)
_WHENS = frozenset("when if once whenever".split())
_UNSAID = frozenset(
    "above below over under crosses > < >= <= drops falls rises oversold "
    "overbought".split()
)
_MOODS = frozenset("dips rip rally breakout pullback lower upper".split())
_ACTS = frozenset("buy sell short long".split())
_UTC = frozenset({"utc", "gmt"})
_UNTIL = frozenset("- to until till".split())
_SINCE = frozenset("after since from of".split())
_LOSSES = frozenset("loss losses losing".split())


@dataclass
class Respelling:
    """What respelling a sentence took for granted."""

    text: str
    known: Callable[[str], bool]
    spans: list[Span] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def words(self, said: Sequence[Word]) -> list[Word]:
        """The sentence in the grammar's own spelling."""
        words = list(said)
        steps = (
            self._untitled, self._without_moods, self._day_ranges, self._hours,
            self._bars, with_it,
        )  # fmt: skip
        for step in steps:
            words = list(step(words))
        clocks = any(word.kind == "clock" for word in words)
        if clocks and _UTC.isdisjoint(word.text for word in words):
            self.notes.append("hours are taken as UTC")
        return words

    def quote(self, words: Sequence[Word]) -> str:
        """Words as they were typed."""
        return typed(words, self.text)

    def _untitled(self, words: Sequence[Word]) -> Sequence[Word]:
        if is_heading(words, self.known):
            self.notes.append(f"“{self.quote(words)}” is taken as a title")
            return ()
        at = next((i for i, w in enumerate(words) if self._is_colon(words, i)), 0)
        if not is_title(words[:at], self.known):
            return words
        if not _HEADINGS.issuperset(word.text for word in words[:at]):
            self.notes.append(f"“{self.quote(words[:at])}” is taken as a title")
        rest = words[at + 1 :]
        return rest[1:] if rest and rest[0].text == "," else rest

    def _is_colon(self, words: Sequence[Word], at: int) -> bool:
        word = words[at]
        dashed = word.text == "-" and self.text[word.start - 1 : word.start].isspace()
        broken = word.text == "," and "\n" in self.text[word.start : word.end]
        if broken:
            return is_heading(words[:at], self.known)
        return word.text == ":" or dashed

    def _without_moods(self, words: Sequence[Word]) -> Iterator[Word]:
        """ "Buy the dip when ..." says no more than "buy when ..."."""
        for index, word in enumerate(words):
            before = words[index - 1].text if index else ""
            after = words[index + 1].text if index + 1 < len(words) else ""
            idle = word.text in _MOODS and before in _ACTS
            if not (idle and after in _WHENS):
                yield word
                continue
            said = self.quote(words[index - 1 : index + 1])
            self.notes.append(f"“{said}” says no more than “{before}”")

    def _day_ranges(self, words: Sequence[Word]) -> Iterator[Word]:
        """ "Mon-Fri": a hyphen between letters has gone by now."""
        for index, word in enumerate(words):
            if index and {word.text, words[index - 1].text} <= set(DAYS):
                last = words[index - 1]
                if self.text[last.end : word.start].strip() in ("-", "–", "—"):
                    yield Word("to", "word", last.end, last.end)
            yield word

    def _hours(self, words: Sequence[Word]) -> Iterator[Word]:
        """ "8-16h": two times of day."""
        skip = 0
        for index, word in enumerate(words):
            texts = [each.text for each in words[index : index + 6]]
            count = _hour_range(texts, [w.kind for w in words[index : index + 6]])
            if skip:
                skip -= 1
            elif count and not (index and words[index - 1].text in _CHART_LEADS):
                parts = words[index : index + count]
                yield from (_clocked(w) for w in parts if w.text not in ("h", "hours"))
                skip = count - 1
            else:
                yield word

    def _bars(self, words: Sequence[Word]) -> Iterator[Word]:
        """ "50 day": bars, on a chart of days."""
        for index, word in enumerate(words):
            if index and (chart := _span_chart(words, index)):
                last = index + 1
                while last < len(words) and words[last].text in _OF_A_SPAN:
                    last += 1
                quote = self.quote(words[index - 1 : last])
                self.spans.append(Span(chart, quote))
                yield replace(word, text="bar", kind="word")
            else:
                yield word


def is_title(words: Sequence[Word], known: Callable[[str], bool]) -> bool:
    """Do the words only name what follows, and say nothing of what to do?

    Words the grammar does not know say nothing in it; of those it knows, only names of
    indicators and styles may stand in a title.
    """
    texts = [word.text for word in words]
    plain = all(w.kind == "word" and w.text not in _ACTS for w in words)
    idle = all(t in _TITLES or t in _STYLES or not known(t) for t in texts)
    short = 0 < len(texts) <= _LONGEST_TITLE
    return short and plain and idle and not _TITLES.isdisjoint(texts)


def is_heading(words: Sequence[Word], known: Callable[[str], bool]) -> bool:
    """Is it a title that stands alone, without a colon?"""
    named = not _NOUNS.isdisjoint(word.text for word in words)
    return named and is_title(words, known)


def _hour_range(texts: Sequence[str], kinds: Sequence[str]) -> int:
    """How many words from here are "8-16h", "8h - 16h"; 0 when they are not."""
    if not texts or kinds[0] != "number":
        return 0
    at = 2 if len(texts) > 1 and texts[1] == "h" else 1
    ends = list(zip(texts[at : at + 3], kinds[at : at + 3], strict=True))
    if len(ends) < 3 or ends[0][0] not in _UNTIL or ends[1][1] != "number":
        return 0
    return at + 3 if ends[2][0] in ("h", "hours") else 0


def _clocked(word: Word) -> Word:
    """A whole number as a time of day; anything else as it is."""
    if word.kind != "number" or not float(word.text).is_integer():
        return word
    return replace(word, text=f"{int(float(word.text)):02d}:00", kind="clock")


def _span_chart(words: Sequence[Word], at: int) -> str:
    """The chart on which a unit of time after a number is a bar; "" when it is none."""
    word, number = words[at], words[at - 1]
    after = words[at + 1].text if at + 1 < len(words) else ""
    before = words[at - 2].text if at > 1 else ""
    chart = "1d" if word.text == "d" and after in _OF_A_SPAN else _SPANS.get(word.text)
    if number.kind != "number" or not chart or after in _CHARTS:
        return ""
    if _until_loss(words[at + 1 : at + 4]):
        return ""
    return "" if before in _CHART_LEADS and float(number.text) == 1 else chart


def _until_loss(words: Sequence[Word]) -> bool:
    """Does "after a loss" follow: a stretch of time that is measured by the clock?"""
    texts = {word.text for word in words}
    return not texts.isdisjoint(_SINCE) and not texts.isdisjoint(_LOSSES)


def with_it(words: Sequence[Word]) -> Iterator[Word]:
    """ "When above 70": when it is above 70."""
    for index, word in enumerate(words):
        yield word
        after = words[index + 1].text if index + 1 < len(words) else ""
        if word.text in _WHENS and after in _UNSAID:
            yield Word("it", "word", word.end, word.end)


__all__ = ["Respelling", "is_title", "with_it"]
