"""New texts of the kind that was seen."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Draw = Callable[[Random], Any]
MOST_LENGTH = 40
_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)


def any_of(values: Sequence[Any]) -> Draw:
    """Only what was seen."""
    return lambda random: random.choice(values)


def texts(values: Sequence[str]) -> Draw:
    """Texts like those seen: of a small set, of one form, or of their characters."""
    distinct = sorted(set(values))
    if len(distinct) * 2 <= len(values):
        return any_of(distinct)
    alphabet = sorted({char for value in values for char in value}) or [""]
    if len({_signs(value) for value in values} - {""}) == 1 < len(values):
        return lambda random: _respelt(random.choice(values), alphabet, random)

    def draw(random: Random) -> str:
        base, way = random.choice(values), random.random()
        if way < 0.5:
            return _respelt(base, alphabet, random)
        if way < 0.75:
            return _recut(base, random)
        length = random.randint(min(map(len, values)), max(map(len, values)) + 1)
        return "".join(random.choice(alphabet) for _ in range(length))

    return draw


def _signs(text: str) -> str:
    """Its punctuation: a date or a sum of one form has always the same."""
    return "".join(char for char in text if not (char.isalnum() or char.isspace()))


def _respelt(text: str, alphabet: Sequence[str], random: Random) -> str:
    """Some characters replaced by others of their kind."""
    return "".join(
        random.choice(_like(char, alphabet)) if random.random() < 0.4 else char
        for char in text
    )


def _like(char: str, alphabet: Sequence[str]) -> Sequence[str]:
    for kind in _CLASSES:
        if char in kind:
            return [each for each in alphabet if each in kind]
    return char


def _recut(text: str, random: Random) -> str:
    """A piece left out, doubled or turned round."""
    start, end = sorted(random.randint(0, len(text)) for _ in range(2))
    piece = text[start:end]
    middle = random.choice(("", piece + piece, piece[::-1]))
    return (text[:start] + middle + text[end:])[:MOST_LENGTH] or text
