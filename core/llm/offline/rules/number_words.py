"""Words for numbers: literals, percentages, arithmetic, counts of bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token, Transformer

from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import Call, Math, Name, Num, Number


class NumberWords(Transformer[Token, Any]):
    """Reads what has a value."""

    def check_name(self, name: str) -> str:
        """`name` if the vocabulary has it; NotUnderstood else."""
        raise NotImplementedError

    def number(self, parts: Sequence[Token]) -> Num:
        return Num(tidy(float(parts[0])))

    def percent(self, parts: Sequence[Token]) -> float:
        return tidy(float(parts[0]))

    def percent_number(self, parts: Sequence[float]) -> Num:
        return Num(parts[0])

    def negative_number(self, parts: Sequence[Number]) -> Number:
        (value,) = parts
        if isinstance(value, Num):
            return Num(-value.value)
        return Math(Num(0), "-", value)

    def absolute(self, parts: Sequence[Number]) -> Number:
        return Call("abs", tuple(parts))

    def smallest(self, parts: Sequence[Number]) -> Number:
        return Call("min", tuple(parts))

    def largest(self, parts: Sequence[Number]) -> Number:
        return Call("max", tuple(parts))

    def named(self, parts: Sequence[Token]) -> Name:
        return Name(self.check_name(str(parts[0])))

    def add(self, parts: Sequence[Number]) -> Number:
        return Math(parts[0], "+", parts[1])

    def subtract(self, parts: Sequence[Number]) -> Number:
        return Math(parts[0], "-", parts[1])

    def multiply(self, parts: Sequence[Number]) -> Number:
        return Math(parts[0], "*", parts[1])

    def divide(self, parts: Sequence[Number]) -> Number:
        return Math(parts[0], "/", parts[1])

    def twice(self, parts: Sequence[Number]) -> Number:
        return Math(Num(2), "*", parts[0])

    def half(self, parts: Sequence[Number]) -> Number:
        return Math(Num(0.5), "*", parts[0])

    def percent_of(self, parts: Sequence[Any]) -> Number:
        return Math(Num(tidy(parts[0] / 100)), "*", parts[1])

    # spans ------------------------------------------------------------------------
    def span(self, parts: Sequence[Any]) -> int:
        return parts[-1]  # type: ignore[no-any-return]

    def one_bar(self, _: Any) -> int:
        return 1

    def held(self, parts: Sequence[Any]) -> int:
        return parts[-1]  # type: ignore[no-any-return]

    def bars(self, parts: Sequence[Token]) -> int:
        return whole(next(p for p in parts if p.type == "NUMBER"))


def tidy(value: float) -> float:
    """A number as a person writes it: 14 rather than 14.0, no float dust."""
    rounded = round(value, 12)
    return int(rounded) if rounded == int(rounded) else rounded


def whole(token: Token | str) -> int:
    """A count typed as a number; NotUnderstood when it is not whole."""
    value = float(token)
    if value != int(value) or value < 1:
        raise NotUnderstood(f"{value:g} is not a count of bars", "use 1, 2, 3 ...")
    return int(value)
