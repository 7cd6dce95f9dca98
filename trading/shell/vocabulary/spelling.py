"""Words that are no words here: other languages, and slips of the finger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from core.llm.offline.rules.parser import REPHRASE
from core.llm.offline.rules.rule import Unmeant
from core.llm.offline.rules.words import Word

ALIKE = 0.8
SHORTEST = 3
_NAMES = frozenset(
    "rsi macd ema sma wma ma vwap adx atr mfi cci roc stochastic bollinger donchian "
    "keltner btc bitcoin eth ethereum sol xrp usd dollar eur fibonacci".split()
)
"""Words that every language has in common: they do not make a sentence English."""


def foreign(words: Sequence[Word], known: Collection[str]) -> Unmeant | None:
    """The reason why words of which none is known are no rule."""
    said = [word.text for word in words if word.kind in ("word", "other")]
    if not said or not known or any(w in known and w not in _NAMES for w in said):
        return None
    if all(word in _NAMES for word in said):
        return None
    remedy = f"requests are read in English; {REPHRASE}"
    return Unmeant(0, "no word of this is known here", remedy)


def misspelt(
    words: Sequence[Word], known: Collection[str], meant: Collection[str]
) -> Unmeant | None:
    """Words that are nearly those one may have meant, and where the first stands.

    None where a word before them is like none: that word is what the reader stopped at.
    """
    found: dict[str, int] = {}
    for at, word in enumerate(words):
        if word.kind == "word" and word.text not in known:
            near = _near(word.text, meant)
            if not near and not found:
                return None
            found |= {near: found.get(near, at)} if near else {}
    if not found:
        return None
    why = "these words are not a rule"
    return Unmeant(min(found.values()), why, f"did you mean {', '.join(found)}?")


def _near(word: str, meant: Collection[str]) -> str:
    if len(word) < SHORTEST:
        return ""
    likely = [each for each in meant if len(each) >= SHORTEST and each.isalpha()]
    (near,) = get_close_matches(word, sorted(likely), 1, ALIKE) or [""]
    return near.upper() if near in _NAMES and len(near) < 5 else near
