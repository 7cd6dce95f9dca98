"""From lark's trees to rule trees: what each shape of the shared grammar means.

A vocabulary's reader extends `RuleReader` with its own series, facts and statements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from lark import Token, Transformer

from core.llm.offline.rules.joins import Join, Marked, joined, with_joins
from core.llm.offline.rules.rule import Assembly
from core.llm.offline.rules.tree import (
    MIRROR,
    Between,
    Call,
    Compare,
    Comparison,
    Cross,
    Flag,
    Held,
    Math,
    Name,
    Node,
    Not,
    Num,
    Number,
    Truth,
    all_of,
    any_of,
    negated,
    rebuild,
)

IT = "{it}"
"""Stands in a name for the subject of the comparison: "volume above its average"."""

Predicate = Callable[[Number], Truth]


class NotUnderstood(Exception):
    """A phrase has the right shape and no meaning here: why, and what to say instead."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


class RuleReader(Transformer[Token, Any]):
    """Gives every shape of the shared grammar its meaning."""

    synonyms: ClassVar[Mapping[str, str]] = {}
    noise: ClassVar[frozenset[str]] = frozenset()
    flags: frozenset[str] = frozenset()
    """Names from outside the vocabulary that a sentence may use."""

    # what a vocabulary says about names -------------------------------------------
    def check_name(self, name: str) -> str:
        """`name` if the vocabulary has it; NotUnderstood else."""
        raise NotImplementedError

    def assemble(self, said: Sequence[Any]) -> Assembly:
        """The rules that statements come to together."""
        raise NotImplementedError

    def change_of(self, name: str, steps: int) -> str:
        """The name of the percent change of a value over `steps`."""
        return f"change_{name}_{steps}"

    def is_positive(self, number: Number) -> bool:
        """Is a number never below zero, as far as the vocabulary knows?"""
        return isinstance(number, Num) and number.value >= 0

    def say_name(self, name: str) -> str:
        """Words that this reader reads back as the name."""
        return name

    def say_special(self, truth: Truth) -> str | None:  # noqa: ARG002
        """A condition in words of the vocabulary's own, if it has any."""
        return None

    # conditions -------------------------------------------------------------------
    def start(self, parts: Sequence[Any]) -> list[Any]:
        return [part for part in parts if part is not None]

    def truth(self, parts: Sequence[Any]) -> Truth:
        return parts[0]  # type: ignore[no-any-return]

    def unless(self, parts: Sequence[Any]) -> Truth:
        return all_of((parts[0], negated(parts[-1])))

    def weak_and(self, _: Any) -> Join:
        return Join("and")

    def weak_or(self, _: Any) -> Join:
        return Join("or")

    def comma(self, _: Any) -> Join:
        return Join("comma")

    def strong_and(self, _: Any) -> Join:
        return Join("and", strong=True)

    def strong_or(self, _: Any) -> Join:
        return Join("or", strong=True)

    def chain(self, parts: Sequence[Any]) -> Truth:
        return joined(with_joins(parts))

    def either(self, parts: Sequence[Any]) -> Marked:
        return Marked(parts[0])

    def neither(self, parts: Sequence[Any]) -> Truth:
        return all_of(tuple(negated(_bare(part)) for part in parts))

    def not_(self, parts: Sequence[Any]) -> Truth:
        return negated(_bare(parts[0]))

    def held_group(self, parts: Sequence[Any]) -> Truth:
        return _held(parts[0], parts[1])

    def flag(self, parts: Sequence[Token]) -> Truth:
        name = str(parts[0])
        if name not in self.flags:
            raise NotUnderstood(f"'{name}' is not true or false", "compare it")
        return Flag(name)

    def no_flag(self, parts: Sequence[Token]) -> Truth:
        return Not(self.flag(parts))

    def comparison(self, parts: Sequence[Any]) -> Truth:
        subject, *rest = parts
        said = [p if isinstance(p, Join) else self.said_of(subject, p) for p in rest]
        return joined(said)

    def said_of(self, subject: Number, predicate: Predicate) -> Truth:
        """What a predicate says of its subject, "its" included."""
        truth = predicate(subject)
        it = subject.name if isinstance(subject, Name) else ""
        return rebuild(truth, partial(self._its, it))  # type: ignore[no-any-return]

    def _its(self, subject: str, node: Node) -> Node:
        if not isinstance(node, Name) or IT not in node.name:
            return node
        if not subject:
            raise NotUnderstood("'its' has no single value to stand for", "name it")
        return Name(self.check_name(node.name.replace(IT, subject)))

    # predicates -------------------------------------------------------------------
    def compares(self, parts: Sequence[Any]) -> Predicate:
        op, right, *held = parts
        return lambda left: _held(self.compared(left, op, right), *held)

    def compares_not(self, parts: Sequence[Any]) -> Predicate:
        op, right, *held = parts
        return lambda left: _held(negated(self.compared(left, op, right)), *held)

    def compared(self, left: Number, op: Any, right: Number) -> Truth:
        """A comparison of two values; a vocabulary may read one side differently."""
        return Compare(left, op, right)

    def crossed(self, left: Number, up: bool, right: Number) -> Truth:
        """A crossing of two values; a vocabulary may read one side differently."""
        return Cross(left, up, right)

    def between(self, parts: Sequence[Any]) -> Predicate:
        (low, high), *held = parts
        return lambda value: _held(Between(low, value, high), *held)

    def outside(self, parts: Sequence[Any]) -> Predicate:
        low, high = parts[0]
        return lambda value: any_of(
            (Compare(value, "<", low), Compare(value, ">", high))
        )

    def crosses_up(self, parts: Sequence[Any]) -> Predicate:
        return lambda left: self.crossed(left, True, parts[0])

    def crosses_down(self, parts: Sequence[Any]) -> Predicate:
        return lambda left: self.crossed(left, False, parts[0])

    def within(self, parts: Sequence[Any]) -> Predicate:
        share, other = parts
        size = other if self.is_positive(other) else Call("abs", (other,))
        room = Math(Num(tidy(share / 100)), "*", size)
        return lambda value: Compare(
            Call("abs", (Math(value, "-", other),)), "<=", room
        )

    def percent_above(self, parts: Sequence[Any]) -> Predicate:
        return self._percent_from(parts, 1)

    def percent_below(self, parts: Sequence[Any]) -> Predicate:
        return self._percent_from(parts, -1)

    def _percent_from(self, parts: Sequence[Any], sign: int) -> Predicate:
        share, other = parts[-2:]
        op: Comparison = parts[0] if len(parts) == 3 else ">="
        op = op if sign > 0 else MIRROR[op]
        limit = Math(Num(round(1 + sign * share / 100, 9)), "*", other)
        return lambda value: Compare(value, op, limit)

    def at_least_times(self, parts: Sequence[Any]) -> Predicate:
        limit, *held = parts
        return lambda value: _held(self.compared(value, ">=", limit), *held)

    def positive(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: _held(Compare(value, ">", Num(0)), *parts)

    def negative(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: _held(Compare(value, "<", Num(0)), *parts)

    def turns_positive(self, _: Any) -> Predicate:
        return lambda value: Cross(value, True, Num(0))

    def turns_negative(self, _: Any) -> Predicate:
        return lambda value: Cross(value, False, Num(0))

    def rising(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: _held(Compare(value, ">", self.prior(value)), *parts)

    def falling(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: _held(Compare(value, "<", self.prior(value)), *parts)

    def gained(self, parts: Sequence[Any]) -> Predicate:
        *op, share, steps = parts
        return lambda value: Compare(
            self._change(value, steps), op[0] if op else ">=", Num(share)
        )

    def lost(self, parts: Sequence[Any]) -> Predicate:
        *op, share, steps = parts
        less: Comparison = MIRROR[op[0]] if op else "<="
        return lambda value: Compare(self._change(value, steps), less, Num(-share))

    def _change(self, value: Number, steps: int) -> Name:
        if not isinstance(value, Name):
            raise NotUnderstood("only a named value has a change", "name one value")
        return Name(self.check_name(self.change_of(value.name, steps)))

    def prior(self, value: Number) -> Number:
        """The same value one step ago."""
        return rebuild(value, self._prior_leaf)  # type: ignore[no-any-return]

    def _prior_leaf(self, node: Node) -> Node:
        if not isinstance(node, Name):
            return node
        return Name(self.check_name(f"prior_{node.name}"))

    # relations and spans ----------------------------------------------------------
    def over(self, _: Any) -> str:
        return ">"

    def under(self, _: Any) -> str:
        return "<"

    def at_least(self, _: Any) -> str:
        return ">="

    def at_most(self, _: Any) -> str:
        return "<="

    def equal(self, _: Any) -> str:
        return "=="

    def unequal(self, _: Any) -> str:
        return "!="

    def range(self, parts: Sequence[Any]) -> tuple[Number, Number]:
        low, high = parts
        return low, high

    def span(self, parts: Sequence[Any]) -> int:
        return parts[-1]  # type: ignore[no-any-return]

    def held(self, parts: Sequence[Any]) -> int:
        return parts[-1]  # type: ignore[no-any-return]

    def bars(self, parts: Sequence[Token]) -> int:
        return whole(next(p for p in parts if p.type == "NUMBER"))

    # numbers ----------------------------------------------------------------------
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


def _held(truth: Truth, steps: int | None = None) -> Truth:
    return truth if steps in (None, 1) else Held(truth, steps)


def _bare(part: Any) -> Truth:
    return part.part if isinstance(part, Marked) else part
