"""The highest or lowest of some bars, as said and as the table of series names it."""

from __future__ import annotations

from typing import Any

from core.llm.offline.rules.tree import Math, Name, Num, Number, rebuild

LAST = "{last}"
"""Marks an extreme "of the last n bars" until its place in the sentence is known."""


def inclusive_extreme(number: Number) -> bool:
    """Is this the highest or lowest of bars that include the present one?"""
    return isinstance(number, Name) and number.name.startswith(("highest_", "lowest_"))


def before_this_bar(number: Number) -> Number:
    """The extremes in a level taken over the bars before this one.

    "Above the highest high of the last 20 bars" can hold only so: no close is above a
    high that its own bar belongs to.
    """
    if isinstance(number, Name) and number.name.startswith(LAST):
        return Name(f"prior_{number.name.removeprefix(LAST)}")
    if isinstance(number, Math) and isinstance(number.left, Num):
        return Math(number.left, number.op, before_this_bar(number.right))
    return number


def settled(node: Any) -> Any:
    """The tree with its extremes named as the table names them."""
    return rebuild(node, _settled)


def _settled(node: Any) -> Any:
    if isinstance(node, Name) and node.name.startswith(LAST):
        return Name(node.name.removeprefix(LAST))
    return node
