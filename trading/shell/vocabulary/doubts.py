"""Limits that can be read in two ways: what each would be, said so that it has one."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from core.llm.offline.rules.rule import Problem
from core.llm.offline.rules.words import Word, typed

_TRADING = (
    r"(?:new |open )*(?:trade|trading|buy|buying|enter|entering|entries|positions?|go)"
)
_LIMIT = (
    rf"\b(?:(?:never|not|no|avoid) {_TRADING}|avoid|skip|wait|pause|cooldown|"
    r"stop (?:trading|buying|entering))\b"
)
_OTHERS = r"\b(?:buy|sell|short|cover|enter|exit|trade|trading|entries|only|invest)\b"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|week(?:day|end)s?\b"
_NUMBERS = r"between [\d.]+ (?:and|to|-) [\d.]+(?! (?:utc|gmt))"
_PLAIN = rf"\(|{_TRADING}|less|more|equal|=|exactly|{_NUMBERS}"
"""After these, "not" is part of a comparison, of a group, or of another limit."""
_CLOSED = "".join(
    rf"(?<! {word})" for word in "when whenever if once while unless is or".split()
)
"""Behind none of these, where a condition is still to come, and "not" is its own."""
_AND_NOT = re.compile(
    rf"{_LIMIT}(?! ,| (?:(?:when|if) )?not\b)(?: (?!{_OTHERS})\S+)+?"
    rf"(?P<joint>(?: (?:and|but|,))+ not(?! (?:{_PLAIN}))"
    rf"|{_CLOSED} not(?= (?:(?:on|during) )?(?:{_DAY})))"
)
_TIMES = re.compile(
    rf"(?:between|from|after|before|on|at|during|until|within)\b|{_DAY}"
)


def two_ways(
    words: Sequence[Word], text: str, noise: Collection[str]
) -> Problem | None:
    """ "No entries when A and not B": none when B either, or none unless B?"""
    said = " ".join(word.text for word in words)
    found = _AND_NOT.search(said)
    if found is None:
        return None
    first, joint, rest = (
        _count(said, place)
        for place in (found.start(), found.start("joint"), found.end("joint"))
    )
    last = _end(words, rest)
    limit = typed(words[first:joint], text, noise)
    also = typed(words[_past_when(words, rest) : last], text, noise)
    if not also:
        return None
    when = "" if _TIMES.match(also.lower()) else "when "
    return Problem(
        typed(words[first:last], text, noise),
        "'and not' may mean that there are no entries then either, or that there are some then",
        f"say '{limit}' and 'no entries {when}{also}' as two sentences, or "
        f"'{limit} unless {also}'",
    )


def _count(said: str, place: int) -> int:
    """How many words stand before a place."""
    return len(said[:place].split())


def _past_when(words: Sequence[Word], at: int) -> int:
    return at + (at < len(words) and words[at].text in ("when", "if"))


def _end(words: Sequence[Word], at: int) -> int:
    """Where the limit ends: before another statement, or with the sentence."""
    others = (i for i in range(at, len(words)) if re.match(_OTHERS, words[i].text))
    last = next(others, len(words))
    while last > at and words[last - 1].text in (",", "and", "but", "never", "no"):
        last -= 1
    return last
