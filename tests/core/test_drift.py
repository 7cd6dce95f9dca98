"""Drift: said when inputs moved far for how they used to vary, and not before."""

from hypothesis import given
from hypothesis import strategies as st

from core.drift import BEFORE, LEAST, NEWEST, drift, moved
from core.store.reflections import InputStats

means = st.floats(-1e6, 1e6)
deviations = st.floats(0, 1e3)
counts = st.integers(LEAST, 10_000)


def stats(mean: float, deviation: float, count: int = 500) -> InputStats:
    return InputStats("rsi", count, mean, deviation, mean - 1, mean + 1)


class Kept:
    """Figures of one module as the database would give them."""

    def __init__(self, before: InputStats, now: InputStats) -> None:
        self.spans = {0: {"rsi": now}, NEWEST: {"rsi": before}}
        self.asked: list[tuple[int, int]] = []

    def input_stats(self, module: str, limit: int = 1000, offset: int = 0):
        self.asked.append((limit, offset))
        return self.spans[offset]


@given(means, deviations, counts)
def test_an_input_that_did_not_move_has_not_drifted(mean, deviation, count):
    assert moved(stats(mean, deviation, count), stats(mean, deviation, count)) is None


@given(means, st.floats(0.01, 1e3), st.floats(3.1, 1e3), st.sampled_from([-1, 1]))
def test_a_mean_over_three_deviations_away_is_drift(mean, deviation, far, side):
    found = moved(
        stats(mean, deviation), stats(mean + side * far * deviation, deviation)
    )
    assert found is not None
    assert found.deviations > 3
    assert "rsi was around" in found.words


@given(st.integers(0, LEAST - 1))
def test_few_calls_say_nothing(count):
    assert moved(stats(50, 1, count), stats(5_000, 1)) is None
    assert moved(stats(50, 1), stats(5_000, 1, count)) is None


def test_a_constant_that_changed_is_drift_however_little():
    found = moved(stats(14, 0), stats(14.5, 0))
    assert found is not None


def test_the_newest_calls_are_compared_with_those_before_them():
    kept = Kept(stats(50, 2), stats(80, 2))
    assert [each.name for each in drift(kept, "demo.entry")] == ["rsi"]
    assert kept.asked == [(BEFORE, NEWEST), (NEWEST, 0)]
