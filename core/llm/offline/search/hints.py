"""What the prose says of a rule: operators, constants, decimals to round to."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.llm.offline.search.terms import Values

HINTS: Mapping[str, str] = {
    "add": "+", "sum": "+ sum", "plus": "+", "total": "+ sum", "together": "+ sum",
    "subtract": "-", "minus": "-", "difference": "-", "less": "- <", "remove": "-",
    "multiply": "*", "times": "*", "product": "*", "area": "*", "scale": "*",
    "double": "*", "triple": "*", "twice": "*", "percent": "* /", "percentage": "* /",
    "divide": "/", "ratio": "/", "average": "+ /", "mean": "+ /", "half": "/", "per": "/",
    "quotient": "//", "remainder": "%", "modulo": "%", "divisible": "%", "even": "%",
    "odd": "%", "power": "** square cube", "square": "square", "squared": "square",
    "cube": "cube", "cubed": "cube", "compound": "**", "root": "math.sqrt",
    "absolute": "abs", "hypotenuse": "+ square math.sqrt", "euclidean": "+ math.sqrt", "distance": "abs", "smaller": "min", "smallest": "min",
    "minimum": "min", "least": "min", "lower": "min lower", "cap": "min",
    "larger": "max", "largest": "max", "maximum": "max", "greatest": "max",
    "bigger": "max", "at": "", "floor": "math.floor max", "ceiling": "math.ceil",
    "round": "round", "rounded": "round", "negate": "negate", "negative": "negate",
    "log": "math.log", "logarithm": "math.log", "length": "len", "count": "len count",
    "reverse": "reverse", "reversed": "reverse", "first": "first", "last": "last",
    "sort": "sorted", "sorted": "sorted", "upper": "upper", "uppercase": "upper",
    "lowercase": "lower", "greet": "concat", "join": "concat", "repeat": "repeat",
}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])(%)?")
_DIGITS = re.compile(
    r"round\w*\s+(?:\w+\s+)?to\s+(?:(\d+|one|two|three|four)\s+(?:decimal|place|digit)"
    r"|the\s+(?:nearest\s+)?(cent|whole|integer|unit))",
    re.IGNORECASE,
)
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4}


def hinted(prose: str) -> frozenset[str]:
    """Operators the prose speaks of."""
    words = re.findall(r"[a-z]+", prose.lower().replace("_", " "))
    return frozenset(op for word in words for op in HINTS.get(word, "").split())


def stated_digits(prose: str) -> int | None:
    """The number of decimals the prose asks results to be rounded to, if it does."""
    found = _DIGITS.search(prose)
    if not found:
        return None
    if found[2]:
        return 2 if found[2].lower() == "cent" else 0
    return _COUNTS.get(found[1].lower()) or int(found[1])


def numbers_in(prose: str) -> list[Any]:
    """Numbers written in the prose; a percentage also as a ratio."""
    found: list[Any] = []
    for match in _NUMBER.finditer(prose):
        text = match[0].rstrip("%")
        value = float(text) if "." in text else int(text)
        found.append(value)
        if match[1]:
            found.append(value / 100)
    return found


def constants_for(prose: str, target: Values) -> tuple[tuple[Any, int], ...]:
    """Constants with their cost: what the prose says first, then small ones."""
    stated = [(value, 1) for value in numbers_in(prose)]
    plain = [(0, 1), (1, 1), (2, 1), (3, 2), (10, 2), (100, 2), (0.5, 2)]
    quoted = [(text, 1) for text in re.findall(r"[\"'](.{1,20}?)[\"']", prose)]
    sizes: dict[Any, int] = {}
    for value, size in (*stated, *quoted, *plain, *_affixes(target)):
        if isinstance(value, str) or abs(value) < 1e12:
            sizes.setdefault((type(value), value), size)
    return tuple((key[1], size) for key, size in list(sizes.items())[:24])


def _affixes(target: Values) -> list[tuple[Any, int]]:
    """Text that every output begins or ends with, and single separators."""
    texts = [value for value in target if isinstance(value, str)]
    if len(texts) < 2 or len(texts) != len(target):
        return []
    heads, tails = _common(texts), _common([text[::-1] for text in texts])[::-1]
    marks = [
        mark for mark in (" ", ", ", "-", "_", "!") if all(mark in t for t in texts)
    ]
    return [(text, 1) for text in dict.fromkeys((heads, tails, *marks)) if text]


def _common(texts: Sequence[str]) -> str:
    shortest = min(texts, key=len)
    for size in range(len(shortest), 0, -1):
        if all(text.startswith(shortest[:size]) for text in texts):
            return shortest[:size]
    return ""
