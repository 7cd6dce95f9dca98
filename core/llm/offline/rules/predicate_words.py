"""Words for what is said of a number: compared, crossed, within, rising."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lark import Token

from core.llm.offline.rules.mentions import Mentions
from core.llm.offline.rules.number_words import NumberWords, tidy
from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import (
    MIRROR,
    Between,
    Call,
    Compare,
    Comparison,
    Cross,
    Held,
    Math,
    Name,
    Node,
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


class PredicateWords(NumberWords):
    """Reads what is said of a value."""

    mentions = Mentions()
    """The comparisons read so far; replaced, never changed."""

    def change_of(self, name: str, steps: int) -> str:
        """The name of the percent change of a value over `steps`."""
        return f"change_{name}_{steps}"

    def is_positive(self, number: Number) -> bool:
        """Is a number never below zero, as far as the vocabulary knows?"""
        return isinstance(number, Num) and number.value >= 0

    def compares(self, parts: Sequence[Any]) -> Predicate:
        op, right, *held = parts
        return lambda left: lasting(self.compared(left, op, right), *held)

    def compares_not(self, parts: Sequence[Any]) -> Predicate:
        op, right, *held = parts
        return lambda left: lasting(negated(self.compared(left, op, right)), *held)

    def compared(self, left: Number, op: Any, right: Number) -> Truth:
        """A comparison of two values; a vocabulary may read one side differently."""
        return Compare(left, op, right)

    def crossed(self, left: Number, up: bool, right: Number) -> Truth:
        """A crossing of two values; a vocabulary may read one side differently."""
        return Cross(left, up, right)

    def between(self, parts: Sequence[Any]) -> Predicate:
        (low, high), *held = parts
        return lambda value: lasting(Between(low, value, high), *held)

    def outside(self, parts: Sequence[Any]) -> Predicate:
        low, high = parts[0]
        return lambda value: any_of(
            (Compare(value, "<", low), Compare(value, ">", high))
        )

    def compares_all(self, parts: Sequence[Any]) -> Predicate:
        op, *_, others = parts
        return lambda left: all_of(self._each(left, op, others))

    def compares_any(self, parts: Sequence[Any]) -> Predicate:
        op, *_, others = parts
        return lambda left: any_of(self._each(left, op, others))

    def _each(
        self, left: Number, op: Any, others: Sequence[Number]
    ) -> tuple[Truth, ...]:
        return tuple(self.compared(left, op, other) for other in others)

    def several(self, parts: Sequence[Any]) -> list[Number]:
        return list(parts)

    several_or = several

    def stepwise(self, parts: Sequence[Any]) -> Truth:
        """ "A above B above C": each above the next."""
        first, *steps = parts
        lefts = [first, *(right for _, right in steps)]
        pairs = zip(lefts, steps, strict=False)
        return all_of(tuple(self.compared(left, op, to) for left, (op, to) in pairs))

    def step(self, parts: Sequence[Any]) -> tuple[Any, Number]:
        op, right = parts
        known = Name(self.check_name(str(right))) if isinstance(right, Token) else right
        return op, known

    def crosses_up(self, parts: Sequence[Any]) -> Predicate:
        return lambda left: self.crossed(left, True, *(parts or self._again(left)[:1]))

    def crosses_down(self, parts: Sequence[Any]) -> Predicate:
        return lambda left: self.crossed(left, False, *(parts or self._again(left)[:1]))

    def crosses_back(self, _: Any) -> Predicate:
        def said(left: Number) -> Truth:
            right, up = self._again(left)
            if up is None:
                raise NotUnderstood("nothing has crossed before", "say what crosses")
            return self.crossed(left, not up, right)

        return said

    def _again(self, left: Number) -> tuple[Any, bool | None]:
        """What a value crosses when it is not said: what it was compared with before."""
        return self.mentions.crossing(left)

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
        return lambda value: lasting(self.compared(value, ">=", limit), *held)

    def positive(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: lasting(Compare(value, ">", Num(0)), *parts)

    def negative(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: lasting(Compare(value, "<", Num(0)), *parts)

    def turns_positive(self, _: Any) -> Predicate:
        return lambda value: Cross(value, True, Num(0))

    def turns_negative(self, _: Any) -> Predicate:
        return lambda value: Cross(value, False, Num(0))

    def rising(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: lasting(Compare(value, ">", self.prior(value)), *parts)

    def falling(self, parts: Sequence[Any]) -> Predicate:
        return lambda value: lasting(Compare(value, "<", self.prior(value)), *parts)

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

    # relations --------------------------------------------------------------------
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


def lasting(truth: Truth, steps: int | None = None) -> Truth:
    """The truth held for some steps; for one step it is the truth itself."""
    return truth if steps in (None, 1) else Held(truth, steps)
