"""Retention: old reflections become sums, nothing is counted twice or lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from core.records import FAILED, OK, Reflection
from core.settings import Settings
from core.store import Recordings, Reflections, Store
from core.store.retention import database_bytes, retain, sizes
from tests.conftest import empty
from tests.core.store.test_recordings import call as recorded

NOW = datetime(2025, 6, 30, tzinfo=UTC)
CALLS = st.lists(
    st.tuples(
        st.integers(0, 70), st.sampled_from([OK, OK, FAILED]), st.integers(1, 10**6)
    ),
    max_size=30,
)


def call(days_ago: float, outcome: str = OK, elapsed: int = 10) -> Reflection:
    at = int((NOW - timedelta(days=days_ago)).timestamp()) * 10**9
    return Reflection(1, "r", "demo.double", 1, at, elapsed, {}, {}, [], outcome, "")


def test_old_reflections_become_one_row_a_day(store: Store) -> None:
    reflections = Reflections(store)
    reflections.append_batch(
        [call(40.1), call(40.2, FAILED), call(41.5), call(29), call(1)]
    )
    assert retain(store, NOW).aggregated == 3
    assert len(reflections.recent("demo.double")) == 2
    rows = store.rows(
        "SELECT day, calls, failures FROM system_logs.reflection_days ORDER BY 1"
    )
    assert rows == [
        (datetime(2025, 5, 19, tzinfo=UTC).date(), 1, 0),
        (datetime(2025, 5, 20, tzinfo=UTC).date(), 2, 1),
    ]


@effort(max_examples=12)
@given(CALLS, st.integers(0, 60))
def test_retention_keeps_every_sum(
    store: Store, calls: list[tuple[int, str, int]], later: int
) -> None:
    empty(store)
    reflections = Reflections(store)
    reflections.append_batch([call(*each) for each in calls])
    before = reflections.stats("demo.double")
    for now in (NOW, NOW + timedelta(days=later)):
        retain(store, now)
        after = reflections.stats("demo.double")
        assert (after.calls, after.failures, after.total_ns) == (
            before.calls,
            before.failures,
            before.total_ns,
        )


def test_a_day_aggregated_twice_is_added_up(store: Store) -> None:
    reflections = Reflections(store)
    for outcome in (OK, FAILED):
        reflections.append_batch([call(40, outcome, 100)] * 2)
        retain(store, NOW)
    [(outcomes, calls)] = store.rows(
        "SELECT outcomes, calls FROM system_logs.reflection_days"
    )
    assert (outcomes, calls) == ({OK: 2, FAILED: 2}, 4)


def test_recordings_are_bounded_and_approved_ones_stay(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    recordings = Recordings(store)
    calls = [recorded(float(n), n) for n in range(6)]
    kept = recordings.offer("demo.double", calls, lambda k, o: [*k, *o])
    recordings.approve("demo.double", kept[0].id)
    small: Settings = store.settings.model_copy(update={"recordings_per_module": 3})
    monkeypatch.setattr(store, "settings", small)
    assert retain(store, NOW).recordings == 3
    left = [r.inputs["x"] for r in recordings.list("demo.double")]
    assert left == [0.0, 4.0, 5.0]


def test_sizes_name_every_table(store: Store) -> None:
    names = {table.name for table in sizes(store)}
    assert {"system_logs.versions", "system_logs.reflections"} <= names
    assert database_bytes(store) > 0
