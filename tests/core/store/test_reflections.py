"""Reflections: exact in and out, durable, and counted right."""

import math
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from core.errors import StoreError
from core.records import FAILED, FALLBACK, OK, Reflection
from core.store import Reflections, Store

NOON = int(datetime(2025, 6, 1, 12, tzinfo=UTC).timestamp()) * 10**9
TEXT = st.text(st.characters(codec=None), max_size=20)
INPUTS = st.dictionaries(
    st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    max_size=4,
)


def call(
    number: int, outcome: str = OK, elapsed: int = 1000, **inputs: object
) -> Reflection:
    outputs = None if outcome == FAILED else {"y": 2.0}
    at = NOON + number * 1_000_000_007
    return Reflection(
        number, "run", "demo.double", 1, at, elapsed, inputs, outputs, [], outcome, ""
    )


@pytest.fixture
def reflections(store: Store) -> Reflections:
    return Reflections(store)


@effort(max_examples=15)
@given(
    INPUTS,
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=50),
)
def test_a_reflection_comes_back_as_it_was(
    reflections: Reflections, inputs: dict[str, object], remark: str
) -> None:
    row = call(1, OK, **inputs)._replace(
        run_id=uuid4().hex, remark=remark, calls=[{"name": "ask", "answer": None}]
    )
    failed = row._replace(outcome=FAILED, at=row.at + 1)
    reflections.append_batch([row])
    reflections.append_failure(failed)
    assert reflections.of_run(row.run_id) == [row, failed]


def test_what_broke_the_module_is_kept_even_if_it_is_no_json(
    reflections: Reflections,
) -> None:
    inputs = {"x": math.nan, "y": -0.0, "z": 1e22, "name": "a\x00\ud800", "n": 10**30}
    reflections.append_failure(call(1, FAILED, **inputs))
    kept = reflections.last_failures("demo.double")[0].inputs
    assert math.isnan(kept.pop("x"))  # type: ignore[attr-defined]
    assert math.copysign(1, kept["y"]) == -1
    assert type(kept["z"]) is float
    assert (kept["z"], kept["name"], kept["n"]) == (1e22, "a\x00\ud800", 10**30)


def test_a_batch_is_written_whole_or_not_at_all(reflections: Reflections) -> None:
    rows = [call(1), call(2)._replace(elapsed_ns="soon")]  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="not written"):
        reflections.append_batch(rows)
    assert reflections.recent("demo.double") == []


def test_an_empty_batch_is_nothing(reflections: Reflections) -> None:
    reflections.append_batch([])
    assert reflections.modules() == []


def test_statistics_count_calls_failures_and_percentiles(
    reflections: Reflections,
) -> None:
    good = [call(n, elapsed=1000 * n) for n in range(1, 99)]
    bad = [call(99, FALLBACK, 99_000), call(100, FAILED, 100_000)]
    reflections.append_batch([*good, *bad])
    stats = reflections.stats("demo.double")
    assert (stats.calls, stats.failures, stats.failure_rate) == (100, 2, 0.02)
    assert stats.p50_ns == pytest.approx(50_500)
    assert stats.p99_ns == pytest.approx(99_010)
    assert stats.total_ns == 5_050_000
    assert stats.latest == datetime.fromtimestamp(
        (NOON + 100 * 1_000_000_007) / 1e9, UTC
    )


def test_statistics_of_a_module_never_called_are_zero(reflections: Reflections) -> None:
    stats = reflections.stats("demo.nothing")
    assert (stats.calls, stats.failure_rate, stats.latest) == (0, 0.0, None)


def test_statistics_of_one_version_leave_the_others_out(
    reflections: Reflections,
) -> None:
    reflections.append_batch([call(1), call(2)._replace(version=2)])
    assert reflections.stats("demo.double", 2).calls == 1


def test_the_last_failures_come_newest_first(reflections: Reflections) -> None:
    for number in range(5):
        reflections.append_failure(call(number, FAILED, x=number))
    reflections.append_batch([call(9)])
    found = reflections.last_failures("demo.double", 2)
    assert [f.inputs["x"] for f in found] == [4, 3]


def test_a_run_is_read_in_the_order_of_time(reflections: Reflections) -> None:
    reflections.append_batch([call(3), call(1), call(2)])
    reflections.append_batch([call(4)._replace(run_id="other")])
    assert [r.call_id for r in reflections.of_run("run")] == [1, 2, 3]


def test_numeric_inputs_are_summarised_and_others_left_out(
    reflections: Reflections,
) -> None:
    rows = [call(n, x=float(n), word="a", flag=True, bad=math.nan) for n in (1, 2, 3)]
    reflections.append_batch(rows)
    found = reflections.input_stats("demo.double")
    assert list(found) == ["x"]
    assert (found["x"].count, found["x"].mean, found["x"].most) == (3, 2.0, 3.0)
    assert reflections.input_stats("demo.double", limit=1, offset=1)["x"].mean == 2.0


def test_outcomes_are_counted(reflections: Reflections) -> None:
    reflections.append_batch([call(1), call(2), call(3, FAILED)])
    assert reflections.outcomes("demo.double") == {OK: 2, FAILED: 1}


def test_failures_after_a_row_are_read_once_and_in_order(
    reflections: Reflections,
) -> None:
    reflections.append_failure(call(1, FAILED))
    reflections.append_batch([call(2), call(3)])
    reflections.append_failure(call(4, FALLBACK))
    found = reflections.failures_after(0)
    assert [row.call_id for _, row in found] == [1, 4]
    assert reflections.failures_after(found[0][0]) == found[1:]
    assert reflections.failures_after(0, limit=1) == found[:1]
