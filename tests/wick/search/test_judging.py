"""The plain judge: equal by value, and by nothing less."""

import pickle
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wick.search.judging import ByValue
from wick.subject import Case, Ran

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
JUDGE = ByValue()
SAME = [(1, 1.0), (0.1 + 0.2, 0.3), (nan, nan), ({1, 2}, {2, 1}), ([nan], [nan])]
OTHER = [(1, True), (0, False), (1, 2), ("1", 1), ([1], [1, 2]), ({"a": 1}, {"b": 1})]


@given(VALUES)
def test_a_value_is_itself(value) -> None:
    assert JUDGE(Case(expected=value), Ran(True, value))


@pytest.mark.parametrize("wanted, found", SAME)
def test_equal_values_are_the_same(wanted, found) -> None:
    assert JUDGE(Case(expected=wanted), Ran(True, found))


@pytest.mark.parametrize("wanted, found", OTHER)
def test_other_values_are_not(wanted, found) -> None:
    assert not JUDGE(Case(expected=wanted), Ran(True, found))


def test_a_tuple_is_a_list_only_where_told_so() -> None:
    case, ran = Case(expected=[1, [2]]), Ran(True, (1, (2,)))
    assert not JUDGE(case, ran)
    assert ByValue(alike=True)(case, ran)


def test_an_error_is_right_where_it_is_wanted_and_was_raised() -> None:
    case = Case(raises="ValueError")
    assert JUDGE(case, Ran(False, error="ValueError"))
    assert not JUDGE(case, Ran(False, error="KeyError"))
    assert not JUDGE(case, Ran(True, 1))
    assert not JUDGE(
        Case(raises="TimeoutError"), Ran(False, error="TimeoutError", crashed=True)
    )


def test_what_is_left_of_the_arguments_counts() -> None:
    case = Case(([2, 1],), expected=None, after={"xs": [1, 2]})
    assert JUDGE(case, Ran(True, None, after={"xs": [1, 2], "y": 3}))
    assert not JUDGE(case, Ran(True, None, after={"xs": [2, 1]}))
    assert not JUDGE(case, Ran(True, None))


def test_any_value_does_where_none_is_known_and_no_error() -> None:
    assert JUDGE(Case((1,)), Ran(True, "anything"))
    assert not JUDGE(Case((1,)), Ran(False, error="KeyError"))


def test_it_travels() -> None:
    assert pickle.loads(pickle.dumps(ByValue(alike=True))) == ByValue(alike=True)
