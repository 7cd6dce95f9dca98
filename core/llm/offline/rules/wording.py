"""Rule trees as sentences that read back as the same tree."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from core.llm.offline.rules.reader import RuleReader
from core.llm.offline.rules.tree import (
    All,
    Between,
    Call,
    Compare,
    Cross,
    Either,
    Flag,
    Held,
    Math,
    Name,
    Not,
    Num,
    Number,
    Truth,
)

_IS: Mapping[str, str] = {
    ">": "is above", "<": "is below", ">=": "is at least", "<=": "is at most",
    "==": "is equal to", "!=": "is not equal to",
}  # fmt: skip
_MATH: Mapping[str, str] = {
    "+": "plus", "-": "minus", "*": "times", "/": "divided by",
}  # fmt: skip
_LEVEL: Mapping[str, int] = {"+": 1, "-": 1, "*": 2, "/": 2}


def figure(value: float) -> str:
    """A constant in plain digits: no exponent, no float dust."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def say(truth: Truth, reader: RuleReader) -> str:
    """A condition as a clause: "RSI 14 is below 30 and close is above EMA 50"."""
    if isinstance(truth, All):
        return _listed([_part(each, reader) for each in truth.parts], "and")
    if isinstance(truth, Either):
        return _listed([_part(each, reader) for each in truth.parts], "or")
    return _simple(truth, reader)


def _listed(parts: list[str], word: str) -> str:
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _part(truth: Truth, reader: RuleReader) -> str:
    text = say(truth, reader)
    special = reader.say_special(truth) is not None
    grouped = isinstance(truth, All | Either) and not special
    return f"({text})" if grouped else text


def _simple(truth: Truth, reader: RuleReader) -> str:
    special = reader.say_special(truth)
    if special is not None:
        return special
    match truth:
        case Compare(left, op, right):
            return f"{say_number(left, reader)} {_IS[op]} {say_number(right, reader)}"
        case Cross(left, up, right):
            way = "crosses above" if up else "crosses below"
            return f"{say_number(left, reader)} {way} {say_number(right, reader)}"
        case Between(low, value, high, False):
            low_text, high_text = say_number(low, reader), say_number(high, reader)
            return f"{say_number(value, reader)} is between {low_text} and {high_text}"
        case Between(low, value, high, True):
            halves = All((Compare(value, ">=", low), Compare(value, "<", high)))
            return f"({say(halves, reader)})"
        case Flag(name):
            return name
        case Not(Flag(name)):
            return f"{name} is false"
        case Not(part):
            return f"not ({say(part, reader)})"
        case Held(part, steps):
            return f"({say(part, reader)}) for {steps} bars"
    raise TypeError(f"{type(truth).__name__} is not a condition")


def say_number(number: Number, reader: RuleReader, level: int = 0) -> str:
    """A number in words; parentheses where the order of operations needs them."""
    match number:
        case Num(value):
            return figure(value)
        case Name(name):
            return reader.say_name(name)
        case Call(function, of):
            inside = ", ".join(say_number(each, reader) for each in of)
            return f"{function}({inside})"
        case Math(left, op, right) if op in _MATH:
            own = _LEVEL[op]
            text = (
                f"{say_number(left, reader, own)} {_MATH[op]} "
                f"{say_number(right, reader, own + 1)}"
            )
            return text if own >= level else f"({text})"
    raise TypeError(f"{number!r} has no words")
