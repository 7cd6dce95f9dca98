"""What guides the search: nearness to what is wanted, and suspicion of lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wick.search.samples import UNIQUE, viewed
from wick.search.closeness import closeness, near
from wick.search.observe import MOST_SEEN, observed
from wick.search.suspicion import suspicion
from wick.subject import UNKNOWN, Case, Ran

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text("abc", max_size=5)
    | st.floats(-9, 9),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text("xyz", max_size=2), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
RUNS = st.lists(st.frozensets(st.integers(1, 9), max_size=6), min_size=1, max_size=6)


@given(PLAIN)
def test_a_value_is_wholly_near_to_itself(value) -> None:
    assert near(value, value) == pytest.approx(1.0)
    assert closeness(Case(expected=value), Ran(True, value)) == pytest.approx(1.0)


@given(PLAIN, PLAIN)
def test_nearness_is_a_share(wanted, found) -> None:
    assert 0.0 <= near(wanted, found) <= 1.0 + 1e-9


@given(PLAIN)
def test_an_error_nobody_asked_for_is_as_far_as_can_be(value) -> None:
    case = Case(expected=value)
    assert closeness(case, Ran(False, error="KeyError")) == 0.0
    assert closeness(case, Ran(True, object())) > 0.0


@given(st.integers(-50, 50), st.integers(1, 20), st.integers(1, 20))
def test_of_two_numbers_the_nearer_is_nearer(wanted, step, further) -> None:
    assert near(wanted, wanted + step) > near(wanted, wanted + step + further)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=8), st.data())
def test_a_row_with_one_place_wrong_is_nearer_than_one_with_all(wanted, data) -> None:
    place = data.draw(st.integers(0, len(wanted) - 1))
    one = [*wanted[:place], wanted[place] + 9, *wanted[place + 1 :]]
    every = [value + 9 for value in wanted]
    assert near(wanted, every) < near(wanted, one) < 1.0


def test_a_wanted_error_is_near_only_to_itself() -> None:
    case = Case(raises="ValueError", expected=UNKNOWN)
    assert closeness(case, Ran(False, error="ValueError")) == 1.0
    assert closeness(case, Ran(False, error="KeyError")) == 0.0


@given(RUNS, st.data())
def test_suspicion_is_a_share_of_the_lines_that_ran(runs, data) -> None:
    failing = data.draw(st.sets(st.integers(0, len(runs) - 1), min_size=1))
    found = suspicion(runs, failing)
    assert found.keys() == frozenset().union(*runs)
    assert all(0.1 <= value <= 1.0 for value in found.values())


def test_a_line_that_runs_where_it_fails_alone_is_suspected_most() -> None:
    found = suspicion([{2, 3, 5}, {2, 4, 5}, {2, 4, 5}], {0})
    assert found[3] == 1.0
    assert found[3] > found[2] > found[4]


def test_what_is_seen_is_what_each_line_was_reached_with(monty) -> None:
    seen = observed("", UNIQUE.subject.source, UNIQUE.visible, monty)
    first = [visit for visit in seen.visits[4] if visit.case == 0]
    assert [visit.names["value"] for visit in first] == [3, 1, 3, 2]
    assert [visit.names["kept"] for visit in first] == [[], [3], [3, 1], [3, 1]]
    assert seen.lines[1] == {2, 3, 8}


def test_an_endless_function_is_seen_for_a_while(monty) -> None:
    source = "def f(x):\n    while x > 0:\n        x += 1\n    return x"
    seen = observed("", source, (Case((1,)), Case((0,))), monty)
    assert MOST_SEEN // 2 <= sum(map(len, seen.visits.values())) <= MOST_SEEN + 2
    assert 4 in seen.lines[1]


def test_kinds_are_those_that_were_seen(monty) -> None:
    view = viewed(UNIQUE.subject, UNIQUE.visible, monty)
    assert view.kinds(4, "value") == {"int"}
    assert view.kinds(4, "kept") == {"list"}
    assert not view.alike(4, "value", "kept")
