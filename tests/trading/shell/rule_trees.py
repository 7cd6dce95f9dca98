"""Random rule trees over trading's values, for properties of the rule engine."""

from typing import Any

from hypothesis import strategies as st

from core.llm.offline.rules.tree import (
    Between,
    Compare,
    Cross,
    Held,
    Math,
    Name,
    Not,
    Num,
    Number,
    Truth,
    all_of,
    any_of,
)

SERIES = (
    "close",
    "ema_9",
    "sma_50",
    "rsi_14",
    "volume",
    "bb_lower_20",
    "macd",
    "macd_signal",
    "highest_high_20",
    "average_volume_20",
    "change_close_10",
    "prior_highest_close_5",
)
OPS = ("<", "<=", ">", ">=")

names = st.sampled_from(SERIES).map(Name)
constants = st.one_of(
    st.integers(-100, 100), st.decimals(-100, 100, places=2).map(float)
).map(lambda value: Num(int(value) if value == int(value) else value))


@st.composite
def numbers(draw: Any) -> Number:
    if draw(st.booleans()):
        return draw(names)
    factor = Num(draw(st.sampled_from((0.5, 1.2, 2, 3))))
    op = draw(st.sampled_from(("+", "-", "*", "/")))
    return Math(factor, op, draw(names)) if op == "*" else Math(draw(names), op, factor)


@st.composite
def comparisons(draw: Any) -> Truth:
    left = draw(numbers())
    right = draw(st.one_of(numbers(), constants))
    if isinstance(right, Name) and right.name.startswith("highest_"):
        right = Name("ema_9")
    return Compare(left, draw(st.sampled_from(OPS)), right)


@st.composite
def betweens(draw: Any) -> Truth:
    low, high = sorted((draw(st.integers(-50, 50)), draw(st.integers(-50, 50))))
    return Between(Num(low), draw(names), Num(high + 1))


@st.composite
def crossings(draw: Any) -> Truth:
    plain = st.sampled_from(("close", "ema_9", "sma_50", "rsi_14", "macd"))
    left, right = draw(st.lists(plain, min_size=2, max_size=2, unique=True))
    return Cross(Name(left), draw(st.booleans()), Name(right))


@st.composite
def held(draw: Any) -> Truth:
    left, right = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    right = Name("ema_21") if right.name.startswith("highest_") else right
    return Held(Compare(left, ">", right), draw(st.integers(2, 9)))


leaves = st.one_of(comparisons(), betweens(), crossings(), held())


def grown(children: st.SearchStrategy[Truth]) -> st.SearchStrategy[Truth]:
    parts = st.lists(children, min_size=2, max_size=3, unique=True).map(tuple)
    return st.one_of(parts.map(all_of), parts.map(any_of), leaves.map(Not))


trees = st.recursive(leaves, grown, max_leaves=6)
