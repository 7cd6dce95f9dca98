"""Calls that are not kept whole are counted all the same."""

from hypothesis import given
from hypothesis import strategies as st

from core.records import Note, Origin, Reflection, Sink
from core.reflections import Reflector
from core.store import Reflections
from core.tally import Tallies, Tally

times = st.lists(st.integers(1, 10**9), min_size=1, max_size=300)


def note(module: str, elapsed: int, value: float = 1.0) -> Note:
    origin = Origin("run", module, 1)
    return Note(origin, 0, elapsed, {"x": value}, {"y": value}, ())


@given(times)
def test_a_tally_has_every_call_and_an_honest_middle(elapsed):
    tally = Tally()
    for each in elapsed:
        tally.add(each)
    assert (tally.calls, tally.total_ns) == (len(elapsed), sum(elapsed))
    assert tally.percentile(0.5) in elapsed
    assert min(elapsed) <= tally.percentile(0.5) <= tally.percentile(0.99)


def test_a_tally_stays_small_and_keeps_counting():
    tally = Tally()
    for each in range(100_000):
        tally.add(each)
    assert tally.calls == 100_000
    assert len(tally.times) <= 20_000
    assert abs(tally.percentile(0.5) - 50_000) < 100


@given(times, st.integers(0, 300))
def test_kept_and_counted_together_are_all_calls(elapsed, kept):
    tallies = Tallies()
    tallies.add(note("demo.entry", each) for each in elapsed)
    whole = min(kept, len(elapsed))
    counted = tallies.counts([("demo.entry", 1)] * whole)
    assert sum(each.calls for each in counted) == len(elapsed) - whole


def test_a_sampled_run_shows_all_its_calls_and_its_true_failure_rate(settings, store):
    def run(sink: Sink) -> None:
        for number in range(5_000):
            sink.keep(tuple(note("demo.entry", 1_000, float(number))))
        sink.keep_failure(
            Reflection(9, "run", "demo.entry", 1, 1, 1, {}, None, (), "failed", "why")
        )

    for _ in range(2):
        with Reflector(store, settings, "sample") as sink:
            run(sink)
    stats = Reflections(store).stats("demo.entry")
    assert (stats.calls, stats.failures) == (10_002, 2)
    assert stats.p50_ns == 1_000
    assert len(Reflections(store).recent("demo.entry", 10_000)) < 1_000
