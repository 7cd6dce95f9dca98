"""Fresh inputs look like the cases and keep what held in all of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from wick.plain.grow import fresh_inputs
from wick.subject import Case


def grown(*rows: tuple[Any, ...], count: int = 60) -> list[tuple[Any, ...]]:
    return [each.args for each in fresh_inputs([Case(row) for row in rows], count)]


json_values = st.recursive(
    st.booleans()
    | st.integers(-99, 99)
    | st.floats(-99, 99)
    | st.text("ab1- ", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(json_values, json_values), min_size=1, max_size=4))
def test_the_same_cases_grow_the_same_new_inputs(rows: list[tuple[Any, ...]]):
    found = grown(*rows, count=12)
    assert found == grown(*rows, count=12)
    assert len({repr(each) for each in found}) == len(found)
    assert all(len(each) == 2 for each in found)


def test_numbers_stay_in_reach_and_keep_their_sign_and_type():
    found = grown((10, 0.5), (20, 2.5), (40, 9.25), (11, 1.0))
    assert len(found) > 40
    assert all(type(a) is int and type(b) is float for a, b in found)
    assert all(0 < a <= 48 and 0 < b < 13 for a, b in found)
    assert {a for a, _ in found} - {10, 20, 40, 11}
    assert any(a < 0 for (a,) in grown((-3,), (4,), (9,)))


def test_a_relation_that_always_held_is_kept():
    found = grown((0, 5, [1, 2, 3]), (2, 9, [4, 5, 6]), (1, 1, [0, 7]), (0, 3, [2]))
    assert found
    assert all(low <= high for low, high, _ in found)
    assert all(low < len(items) for low, _, items in found)


def test_sorted_lists_stay_sorted_and_lists_of_one_length_stay_so():
    found = grown(([1, 2, 5], "abc"), ([2, 2, 9, 9], "abcd"), ([0, 4], "xy"))
    assert all(items == sorted(items) for items, _ in found)
    assert all(len(items) == len(text) for items, text in found)


def test_an_empty_list_is_drawn_only_where_one_was_seen():
    assert all(items for (items,) in grown(([1],), ([4, 2],), ([3, 3, 1],)))
    seen = grown(([1, 5],), ([],), ([4, 2],), ([3, 3, 1],))
    assert any(len(items) > 3 for (items,) in seen)


def test_a_record_keeps_its_keys_and_a_table_its_form():
    rows = [({"name": "ann", "age": 3},), ({"name": "bob", "age": 9},)]
    assert all(each.keys() == {"name", "age"} for (each,) in grown(*rows))
    squares = grown(([[1, 2], [3, 4]],), ([[1, 2, 3], [4, 5, 6], [7, 8, 9]],))
    assert all(len(row) == len(each) for (each,) in squares for row in each)


def test_a_text_of_a_form_keeps_it():
    found = grown(("2024-01-31",), ("1999-12-01",))
    assert found
    assert all([*map(len, text.split("-"))] == [4, 2, 2] for (text,) in found)
    assert all(text.replace("-", "").isdigit() for (text,) in found)


def test_words_of_a_small_set_stay_in_it():
    rows = [("buy", 1), ("sell", 2), ("buy", 3), ("sell", 4)]
    assert {word for word, _ in grown(*rows)} == {"buy", "sell"}


def test_arguments_by_name_and_what_is_asked_of_them_stay():
    cases = [Case((1,), {"more": 2}, after={"more": 3}), Case((5,), {"more": 7}, 1)]
    found = fresh_inputs(cases, 20)
    assert all(each.kwargs.keys() == {"more"} for each in found)
    assert all(each.after == {} for each in found)


def test_a_function_without_arguments_has_no_fresh_inputs():
    assert grown(()) == []


def test_numbers_beyond_every_float_are_varied_too():
    assert grown((10**400,), (3,), (10**399,))
    assert grown((float("nan"),), (1.5,), (float("inf"),))
