"""Figures and times as a person reads them, and text that a chart shows as text."""

from collections.abc import Mapping
from decimal import Decimal
from html import escape
from textwrap import wrap
from typing import Any

from core.errors import visible
from trading.shell.statistics import Figure

MINUS, NONE = "−", "—"
TITLES = {"consecutive_losses": "Losses in a row now"}  # beside the longest ever
TIE = "\u00a0"  # no line breaks between a number and its unit
LONGEST = 400  # characters of a text from elsewhere


def figure_words(figure: Figure, quote: str = "USD") -> str:
    """A figure with its unit; a dash where it has no value."""
    if figure.value is None:
        return NONE
    if isinstance(figure.value, str):
        return figure.value
    return amount_words(figure.value, figure.unit, quote)


def amount_words(value: float | Decimal, unit: str, quote: str = "USD") -> str:
    """A number in one of the units of `Figure`."""
    number = float(value)
    match unit:
        case "money":
            return f"{signed(number, 2)}{TIE}{quote}"
        case "usd":
            return f"{signed(number, 2)}{TIE}USD"
        case "ratio":
            return f"{signed(100 * number, 1)}{TIE}%"
        case "percent":
            return f"{signed(number, 1)}{TIE}%"
        case "hours" | "seconds":
            return span_words(number * (3600 if unit == "hours" else 1))
        case "count":
            return signed(number, 0)
    return signed(number, 2)


def signed(number: float, digits: int) -> str:
    """With thousands apart and a true minus; never a minus before nothing."""
    text = f"{abs(number):,.{digits}f}"
    return MINUS + text if number < 0 and float(text.replace(",", "")) else text


def span_words(seconds: float) -> str:
    """A stretch of time in the unit that fits it."""
    for size, unit in ((172_800, "days"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            scale = 86_400 if unit == "days" else size
            return f"{signed(seconds / scale, 1)}{TIE}{unit}"
    return f"{signed(seconds, 1)}{TIE}s"


def title(name: str) -> str:
    """The name of a figure as a heading: net_pnl is Net P&L; units stand by the value."""
    if name in TITLES:
        return TITLES[name]
    known = {"pnl": "P&L", "llm": "LLM", "cagr": "CAGR", "pct": "", "h": ""}
    text = " ".join(known.get(word, word) for word in name.split("_")).strip()
    return text[:1].upper() + text[1:]


def plain(text: object, width: int = 0) -> str:
    """Text for a chart, which reads some HTML: as it stands, or wrapped at `width`."""
    seen = visible(str(text))[:LONGEST]
    lines = wrap(seen, width) if width else [seen]
    return "<br>".join(escape(line) for line in lines)


def flat(settings: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Nested settings as dotted names and words."""
    rows: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows |= flat(value, f"{before}{name}.")
        else:
            rows[f"{before}{name}"] = value_words(value)
    return rows


def value_words(value: Any) -> str:
    """A setting's value."""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
