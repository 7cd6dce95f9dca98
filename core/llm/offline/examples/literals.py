"""Literals as people write them in a sentence: numbers, truths, text, lists."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

_NUMBER = re.compile(
    r"[-−+]?(?:\d{1,3}(?:_\d{3})+|\d+)?(?:\.\d+|(?<=\d))(?:[eE][-+]?\d+)?(?![\w])"
)
_WORD = re.compile(r"(true|false)\b", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "`": "`"}
_BRACKETS = {"[": "]", "(": ")"}
_SPACE = re.compile(r"\s*")
_GROUPED = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d|,\d)")
_KEY = re.compile(r"""["'“]?([A-Za-z_]\w*)["'”]?\s*[:=]\s*""")
_ARGUMENT = re.compile(r"([A-Za-z_]\w*)\s*(?:=(?!=)|:)\s*")

Item = TypeVar("Item")


def skip(text: str, at: int) -> int:
    """The next place that is not white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def read_value(text: str, at: int) -> tuple[Any, int] | None:
    """The literal that starts at `at` and where it ends, or None."""
    first = text[at : at + 1]
    if first in _QUOTES:
        return _quoted(text, at)
    if first in _BRACKETS:
        return _sequence(text, at)
    if first == "{":
        return _mapping(text, at)
    word = _WORD.match(text, at)
    if word:
        return word[1].lower() == "true", word.end()
    return _number(text, at)


def read_result(text: str, at: int) -> tuple[Any, int] | None:
    """A literal after 'is' or '->', where 1,200 is one number."""
    grouped = _GROUPED.match(text, at)
    if grouped:
        return _plain_number(grouped[0].replace(",", "")), grouped.end()
    return read_value(text, at)


def _number(text: str, at: int) -> tuple[Any, int] | None:
    found = _NUMBER.match(text, at)
    if not found or not any(letter.isdigit() for letter in found[0]):
        return None
    end = found.end()
    if text[end : end + 1] == "%":
        return _plain_number(found[0]) / 100, end + 1
    return _plain_number(found[0]), end


def _plain_number(text: str) -> Any:
    plain = text.replace("−", "-").replace("_", "").lstrip("+")
    return float(plain) if re.search(r"[.eE]", plain) else int(plain)


def _quoted(text: str, at: int) -> tuple[str, int] | None:
    close = text.find(_QUOTES[text[at]], at + 1)
    return None if close < 0 else (text[at + 1 : close], close + 1)


def _sequence(text: str, at: int) -> tuple[list[Any], int] | None:
    return _items(text, at + 1, _BRACKETS[text[at]], read_value)


def _mapping(text: str, at: int) -> tuple[Mapping[str, Any], int] | None:
    found = _items(text, at + 1, "}", _entry)
    return (dict(found[0]), found[1]) if found and found[0] else None


def _entry(text: str, at: int) -> tuple[tuple[str, Any], int] | None:
    key = _KEY.match(text, at)
    found = read_value(text, key.end()) if key else None
    return ((key[1], found[0]), found[1]) if key and found else None


def read_arguments(text: str, at: int) -> tuple[list[tuple[str, Any]], int] | None:
    """Arguments up to a closing bracket, names '' when positional, and the end."""
    return _items(text, at, ")", _argument)


def _argument(text: str, at: int) -> tuple[tuple[str, Any], int] | None:
    name = _ARGUMENT.match(text, at)
    found = read_value(text, name.end() if name else at)
    return ((name[1] if name else "", found[0]), found[1]) if found else None


def _items(
    text: str, at: int, close: str, read: Callable[[str, int], tuple[Item, int] | None]
) -> tuple[list[Item], int] | None:
    """What `read` finds between commas up to `close`, and the place after that."""
    items: list[Item] = []
    place = skip(text, at)
    while text[place : place + 1] != close:
        found = read(text, place)
        if found is None:
            return None
        items.append(found[0])
        place = skip(text, found[1])
        if text[place : place + 1] == ",":
            place = skip(text, place + 1)
        elif text[place : place + 1] != close:
            return None
    return items, place + 1
