"""Which calls are kept: bounded, diverse, and the same in whatever order they come."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.recordings import choose_diverse, keep_diverse, thin
from core.records import FAILED, FALLBACK, OK, Reflection
from core.store import Recordings, Store, as_recording


def call(
    at: int, a: float, flag: bool = False, outcome: str = OK, remark: str = ""
) -> Reflection:
    outputs = None if outcome == FAILED else {"flag": flag}
    inputs = {"a": a, "b": -a}
    return Reflection(
        at, "run", "desk.m", 1, at, 10, inputs, outputs, (), outcome, remark
    )


@st.composite
def many_calls(draw: st.DrawFn) -> list[Reflection]:
    kinds = st.sampled_from(
        [(OK, ""), (FAILED, "ZeroDivisionError: x"), (FALLBACK, "KeyError: y")]
    )
    made = draw(
        st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans(), kinds), max_size=80)
    )
    return [call(at, a, flag, *kind) for at, (a, flag, kind) in enumerate(made)]


CAPACITY = st.integers(0, 40)


@given(calls=many_calls(), capacity=CAPACITY)
def test_no_more_is_kept_than_asked_and_nothing_is_made_up(
    calls: list[Reflection], capacity: int
) -> None:
    kept = keep_diverse(calls, capacity)
    assert len(kept) <= capacity
    assert all(any(one is other for other in calls) for one in kept)
    unique = {(repr(c.inputs), c.outcome) for c in calls}
    assert len(kept) == min(capacity, len(unique))
    assert [c.at for c in kept] == sorted(c.at for c in kept)


@given(calls=many_calls(), capacity=CAPACITY, seed=st.integers(0, 99))
def test_the_choice_does_not_depend_on_the_order_of_arrival(
    calls: list[Reflection], capacity: int, seed: int
) -> None:
    shuffled = random.Random(seed).sample(calls, len(calls))
    assert keep_diverse(shuffled, capacity) == keep_diverse(calls, capacity)


@given(calls=many_calls(), capacity=CAPACITY)
def test_choosing_again_from_the_chosen_keeps_them(
    calls: list[Reflection], capacity: int
) -> None:
    kept = keep_diverse(calls, capacity)
    assert keep_diverse(kept, capacity) == kept


@given(calls=many_calls(), capacity=st.integers(16, 40))
def test_the_extremes_of_every_input_and_every_kind_of_failure_are_kept(
    calls: list[Reflection], capacity: int
) -> None:
    kept = keep_diverse(calls, capacity)
    if calls:
        values = [c.inputs["a"] for c in calls]
        found = [c.inputs["a"] for c in kept]
        assert (min(values), max(values)) == (min(found), max(found))
    assert {c.outcome for c in calls} == {c.outcome for c in kept}
    assert {c.remark for c in calls} == {c.remark for c in kept}


def test_a_rare_outcome_outlives_a_thousand_common_ones() -> None:
    calls = [call(at, 1 + at % 97 + at / 1e4) for at in range(1000)]
    calls[500] = call(500, 50.12345, flag=True)
    kept = keep_diverse(calls, 20)
    assert any(c.outputs == {"flag": True} for c in kept)


def test_what_is_kept_spans_the_whole_time_and_not_just_the_newest() -> None:
    kept = keep_diverse([call(at, float(at % 50) + at / 1e6) for at in range(1000)], 20)
    quarters = {c.at // 250 for c in kept}
    assert quarters == {0, 1, 2, 3}


@pytest.mark.parametrize("odd", [None, float("nan"), [1, 2], {"x": 1}, "word", 10**400])
def test_odd_values_in_failed_calls_do_not_stop_the_choice(odd: Any) -> None:
    strange = call(7, 1.0, outcome=FAILED)._replace(inputs={"a": odd})
    kept = keep_diverse([*(call(at, float(at)) for at in range(50)), strange], 10)
    assert strange in kept


def test_approved_recordings_stay_in_the_store_whatever_is_offered(
    store: Store,
) -> None:
    door, rule = Recordings(store), choose_diverse(10)
    first = door.offer("desk.m", [call(at, float(at)) for at in range(30)], rule)
    assert len(first) == 10
    door.approve("desk.m", first[4].id)
    later = [call(100 + at, 1000.0 + at) for at in range(500)]
    kept = door.offer("desk.m", later, rule)
    assert len(kept) == 10
    assert first[4].digest in {r.digest for r in kept}


def test_recordings_and_reflections_are_chosen_by_one_rule() -> None:
    calls = [call(at, float(at)) for at in range(60)]
    recorded = keep_diverse([as_recording(c) for c in calls], 12)
    assert [r.at for r in recorded] == [c.at for c in keep_diverse(calls, 12)]


def as_note(one: Reflection) -> tuple[Any, ...]:
    return ("origin", one.at, 10, one.inputs, one.outputs, ())


@given(calls=many_calls(), limit=st.integers(8, 40))
def test_thinning_keeps_the_extremes_and_every_rare_outcome(
    calls: list[Reflection], limit: int
) -> None:
    notes = [as_note(c) for c in calls if c.outcome == OK]
    kept = thin(notes, limit)
    assert all(any(one is other for other in notes) for one in kept)
    assert len(kept) <= len(notes)
    for pick in (min, max):
        wanted = pick((n[3]["a"] for n in notes), default=None)
        assert pick((n[3]["a"] for n in kept), default=None) == wanted
    assert {n[4]["flag"] for n in notes} == {n[4]["flag"] for n in kept}


def test_thinning_many_notes_leaves_about_as_few_as_asked() -> None:
    notes = [as_note(call(at, at / 7, at % 1000 == 0)) for at in range(20_000)]
    kept = thin(notes, 400)
    assert 200 <= len(kept) <= 400
    assert sum(n[4]["flag"] for n in kept) >= 10


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=3),
    st.lists(st.floats(), max_size=2),
    st.just(10**400),
)


@given(
    values=st.lists(st.tuples(ANYTHING, ANYTHING), max_size=40),
    limit=st.integers(4, 12),
)
def test_values_of_mixed_types_never_stop_the_choice_and_extremes_are_kept(
    values: list[tuple[Any, Any]], limit: int
) -> None:
    calls = [
        call(at, 0.0)._replace(inputs={"a": a}, outputs={"b": b})
        for at, (a, b) in enumerate(values)
    ]
    kept = thin([as_note(c) for c in calls], limit)
    for place, name in ((3, "a"), (4, "b")):
        asked = [c.inputs["a"] if name == "a" else c.outputs["b"] for c in calls]
        numbers = [v for v in asked if type(v) in (int, float) and v == v]
        found = [note[place][name] for note in kept]
        if numbers:
            assert {min(numbers), max(numbers)} <= set(_hashable(found))
    assert len(keep_diverse(calls, limit)) <= limit


def _hashable(values: list[Any]) -> list[Any]:
    return [value for value in values if not isinstance(value, list)]
