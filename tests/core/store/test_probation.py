"""Probation: one a module, judged by what was lived through since it began."""

import pytest

from core.errors import NotFound, StoreError
from core.records import FALLBACK, OK, Reflection
from core.store import Reflections, Store
from core.store.probation import PASSED, REPLACED, REVERTED, Lived, Probations

MODULE = "desk.half"


@pytest.fixture
def probations(store: Store) -> Probations:
    return Probations(store)


def live_through(store: Store, *outcomes: str, version: int = 2) -> None:
    Reflections(store).append_batch(
        [
            Reflection(n, "r", MODULE, version, n, 5, {"a": n}, {"b": n}, [], each, "")
            for n, each in enumerate(outcomes)
        ]
    )


def test_a_probation_runs_until_it_is_finished(probations: Probations) -> None:
    made = probations.start(MODULE, 2, safe_version=1, calls_needed=20)
    assert (made.version, made.safe_version, made.calls_needed) == (2, 1, 20)
    assert probations.running(MODULE) == made
    assert probations.all_running() == [made]
    assert probations.finish(made.id, PASSED, "20 calls")
    assert probations.running(MODULE) is None
    (ended,) = probations.history(MODULE)
    assert (ended.state, ended.reason) == (PASSED, "20 calls")
    assert ended.ended_at is not None


def test_it_ends_once(probations: Probations) -> None:
    made = probations.start(MODULE, 2, safe_version=None, calls_needed=1)
    assert probations.finish(made.id, REVERTED)
    assert not probations.finish(made.id, PASSED)
    assert probations.history(MODULE)[0].state == REVERTED


def test_the_next_one_replaces_the_one_before(probations: Probations) -> None:
    probations.start(MODULE, 2, safe_version=1, calls_needed=20)
    second = probations.start(MODULE, 3, safe_version=1, calls_needed=20)
    assert probations.running(MODULE) == second
    first = probations.history(MODULE)[0]
    assert (first.state, first.reason) == (REPLACED, "version 3 came after it")


def test_only_what_came_after_its_beginning_counts(
    store: Store, probations: Probations
) -> None:
    live_through(store, OK, FALLBACK, OK)
    made = probations.start(MODULE, 2, safe_version=1, calls_needed=20)
    assert probations.lived(made) == Lived(0, 0)
    live_through(store, OK, FALLBACK)
    live_through(store, FALLBACK, version=1)
    assert probations.lived(made) == Lived(2, 1)


def test_what_does_not_exist_or_makes_no_sense_is_refused(
    probations: Probations,
) -> None:
    with pytest.raises(NotFound):
        probations.finish(9, PASSED)
    with pytest.raises(StoreError):
        probations.start(MODULE, 2, safe_version=1, calls_needed=0)
