"""Recordings: chosen by a rule, never twice the same, approved ones for good."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import NotFound
from core.records import OK, Reflection
from core.store import Recording, Recordings, Store, as_recording

MODULE = "demo.double"


def call(x: float, number: int = 1) -> Reflection:
    return Reflection(
        number, "r", MODULE, 1, number, 5, {"x": x}, {"y": x * 2}, [], OK, ""
    )


def newest(kept: Sequence[Recording], offered: Sequence[Recording]) -> list[Recording]:
    return [*kept, *offered][-3:]


@pytest.fixture
def recordings(store: Store) -> Recordings:
    return Recordings(store)


def values(found: Sequence[Recording]) -> list[float]:
    return [recording.inputs["x"] for recording in found]


def test_a_recording_is_the_reflection_it_was(recordings: Recordings) -> None:
    [kept] = recordings.offer(MODULE, [call(1.5)], newest)
    assert kept == as_recording(call(1.5)).__class__(
        **{**vars(as_recording(call(1.5))), "id": kept.id}
    )


def test_the_rule_says_what_stays(recordings: Recordings) -> None:
    recordings.offer(MODULE, [call(float(n), n) for n in range(3)], newest)
    left = recordings.offer(MODULE, [call(9.0, 9)], newest)
    assert values(left) == [1.0, 2.0, 9.0] == values(recordings.list(MODULE))


def test_the_same_inputs_are_kept_once(recordings: Recordings) -> None:
    for number in (1, 2):
        recordings.offer(MODULE, [call(1.0, number), call(1.0, number)], newest)
    assert len(recordings.list(MODULE)) == 1


def test_an_approved_recording_stays_whatever_the_rule_says(
    recordings: Recordings,
) -> None:
    [first] = recordings.offer(MODULE, [call(1.0)], newest)
    recordings.approve(MODULE, first.id, "checked by hand")
    recordings.offer(MODULE, [call(2.0)], lambda kept, offered: offered)
    assert values(recordings.list(MODULE)) == [1.0, 2.0]
    [approved] = recordings.list(MODULE, "approved")
    assert approved.reason == "checked by hand"


def test_approving_what_is_not_there_is_refused(recordings: Recordings) -> None:
    for change in (recordings.approve, recordings.withdraw):
        with pytest.raises(NotFound):
            change(MODULE, 12)


def test_what_was_approved_can_be_withdrawn(recordings: Recordings) -> None:
    [first] = recordings.offer(MODULE, [call(1.0)], newest)
    recordings.approve(MODULE, first.id, "checked by hand")
    recordings.withdraw(MODULE, first.id, "it was wrong")
    [kept] = recordings.list(MODULE)
    assert (kept.approved, kept.reason) == (False, "it was wrong")


def test_processes_that_offer_at_once_lose_nothing(recordings: Recordings) -> None:
    def offer(number: int) -> None:
        recordings.offer(MODULE, [call(float(number), number)], lambda k, o: [*k, *o])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(offer, range(20)))
    assert sorted(values(recordings.list(MODULE))) == [float(n) for n in range(20)]
    assert recordings.counts() == {MODULE: 20}
