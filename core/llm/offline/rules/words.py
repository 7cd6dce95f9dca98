"""Turning a typed request into words: typography, number words, and the lexer for lark.

Every word keeps its place in the request, so that whatever is not understood can be
quoted exactly as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lark.lexer import TerminalDef, Token

UNKNOWN = "UNKNOWN"
_TYPOGRAPHY = {
    "&": "and", "≥": ">=", "≤": "<=", "≠": "!=", "×": "x", "·": "*", "÷": "/", "−": "-", "–": "-",
    "—": "-", "‒": "-", "‑": "-", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "‘": "'", "’": "'", "％": "%", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "＞": ">", "＜": "<", "…": ".", "=>": ">=", "=<": "<=", "==": "=", "<>": "!=",
}  # fmt: skip
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBER_WORDS: Mapping[str, int] = {
    **{word: value for value, word in enumerate(_UNITS)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
}
_SUFFIX = {"k": 1e3, "M": 1e6, "m": 1e6, "bn": 1e9}
_ASIDE = re.compile(r"(?<=\s)-(?=\s+(?:and|or|but|only|unless|when|if|then|with)\b)")
_LAST = re.compile(r"([^\W\d_]+(?:'[^\W\d_]+)?)[ \t]+$")
_TOKEN = re.compile(
    r"""(?P<clock>\d{1,2}:\d{2}(?:\s?[ap]m\b)?|\d{1,2}\s?[ap]m\b)
    |(?P<pair>[A-Za-z0-9]{2,10}/[A-Za-z]{3,5}\b)
    |(?P<big>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:k|M|bn)\b)
    |(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)
    |(?P<name>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)
    |(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)
    |(?P<mark><=|>=|!=|<>|=>|=<|==|[^\s\w])
    |(?P<other>\S)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a request: its normal form, its kind, and where it was typed."""

    text: str
    kind: str
    start: int
    end: int


def plain(text: str) -> str:
    """The text with typographic marks made plain, every character in its place."""
    pairs = [(m, to) for m, to in _TYPOGRAPHY.items() if len(m) == len(to) == 1]
    marks, plain_marks = ("".join(side) for side in zip(*pairs, strict=True))
    return text.translate(str.maketrans(marks, plain_marks))


def typed(
    words: Sequence[Word], text: str, noise: Collection[str] = frozenset()
) -> str:
    """Words as they were typed, on one line; with the `noise` right before them."""
    if not words:
        return ""
    start = words[0].start
    while (last := _LAST.search(plain(text[:start]))) and last[1].lower() in noise:
        start = last.start()
    return " ".join(text[start : words[-1].end].split())


def words_of(text: str) -> list[Word]:
    """The words of a request, in order: normal forms with their places.

    A hyphen inside a compound ("20-bar", "stop-loss", "EMA-9") joins nothing and is
    dropped; between numbers, or with spaces around, it is a minus or a range.
    """
    typed = _ASIDE.sub(",", plain(text))
    found = [_word(match) for match in _TOKEN.finditer(typed)]
    kept = [word for word in found if not _is_joint(word, typed)]
    return list(_joined_numbers(kept))


def _word(match: re.Match[str]) -> Word:
    kind, text = match.lastgroup or "other", match.group()
    if kind == "clock":
        text = _clock(text)
    elif kind in ("number", "big"):
        kind, text = "number", _number(text)
    elif kind == "pair":
        text = text.upper()
    else:
        text = _TYPOGRAPHY.get(text, text.lower())
    return Word(text, kind, match.start(), match.end())


def _clock(text: str) -> str:
    """`8 pm`, `08:30` -> `20:00`, `08:30`."""
    digits, half = re.sub(r"[^\d:]", "", text), re.search(r"[ap]m", text)
    hours, _, minutes = digits.partition(":")
    hour = int(hours)
    if half:
        hour = hour % 12 + (12 if half.group() == "pm" else 0)
    return f"{hour:02d}:{minutes or '00'}"


def _number(text: str) -> str:
    suffix = next((end for end in ("bn", "k", "M") if text.endswith(end)), "")
    digits = text.removesuffix(suffix).replace(",", "")
    return repr(float(digits) * _SUFFIX.get(suffix, 1.0))


def _is_joint(word: Word, typed: str) -> bool:
    """Is this a hyphen inside a compound word, or a quotation mark?"""
    if word.text in ("'", '"', "`", "*", "#") and word.kind == "mark":
        return word.text != "*" or not _is_product(word, typed)
    if word.text != "-":
        return False
    before = typed[word.start - 1 : word.start]
    after = typed[word.end : word.end + 1]
    return (before.isalpha() and after.isalnum()) or (
        before.isalnum() and after.isalpha()
    )


def _is_product(word: Word, typed: str) -> bool:
    """Does `*` stand between two values, and not around an emphasised word?"""
    left, right = typed[: word.start].rstrip(" ")[-1:], typed[word.end :].lstrip(" ")
    return bool(left) and (left.isalnum() or left == ")") and right[:1].isalnum()


def _joined_numbers(words: list[Word]) -> Iterator[Word]:
    """Number words as numbers: "twenty", "twenty one"; the rest as it is."""
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
            continue
        value = NUMBER_WORDS.get(word.text) if word.kind == "word" else None
        if value is None:
            yield word
            continue
        after = words[index + 1] if index + 1 < len(words) else word
        ones = NUMBER_WORDS.get(after.text, 0) if after is not word else 0
        skip = value >= 20 and 0 < ones < 10
        end = after.end if skip else word.end
        total = float(value + (ones if skip else 0))
        yield Word(repr(total), "number", word.start, end)


class WordLexer:
    """Gives lark one token a word: a literal of the grammar, else its kind.

    Words that are neither are UNKNOWN, which no rule accepts: the parser stops there
    and its place is known.
    """

    def __init__(self, terminals: Iterable[TerminalDef]) -> None:
        patterns = ((t.name, t.pattern) for t in terminals)
        self.literals = {p.value: n for n, p in patterns if p.type == "str"}

    def lex(self, data: Iterable[Word]) -> Iterator[Token]:
        """Tokens for the words; a token's value is its `Word`'s text."""
        for word in data:
            kind = self.literals.get(word.text) if word.kind != "number" else None
            yield Token(
                kind or word.kind.upper(),
                word.text,
                start_pos=word.start,
                end_pos=word.end,
            )
