"""Values survive the database exactly; what is no JSON is described, never lost silently."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.codec import LARGEST, decode, encode, plain

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.just("$float"), inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Equal to the type and the bit; NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    return bool(one == other)


@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    assert same(decode(encode(value)), value)


@given(st.text(st.characters(codec=None)))
def test_stored_text_is_what_postgres_accepts(text: str) -> None:
    stored = plain(text)
    assert "\x00" not in stored
    stored.encode("utf-8")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("value", [{1, 2}, object(), lambda: 1, b"bytes", 1j])
def test_what_is_no_json_is_described(value: object) -> None:
    assert decode(encode({"y": value}))["y"]["$repr"].startswith(type(value).__name__)


def test_a_whole_number_too_long_to_print_is_described() -> None:
    assert "33220 bits" in encode({"y": [10**10_000]})
    assert decode(encode(10**4000)) == 10**4000


def test_a_hostile_repr_does_not_hide_the_failure() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert decode(encode(Hostile())) == {"$repr": "Hostile"}


def test_a_value_without_end_is_described() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "deeply" in encode(endless)


def test_a_huge_value_is_cut_and_says_so() -> None:
    cut = decode(encode("x" * (LARGEST + 1)))
    assert cut["characters"] > LARGEST
    assert len(cut["$cut"]) == 1000
