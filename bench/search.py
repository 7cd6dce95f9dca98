"""Wick's model-free search on one core: candidates a second, beside bare Monty feeds."""

from collections.abc import Iterator, Sequence
from time import perf_counter

import pydantic_monty as monty

from bench.measure import Figure, median_seconds, seconds_per_call
from wick.runners.monty import MontyRunner
from wick.search import search
from wick.search.judging import ByValue
from wick.subject import Allowance, Case, Ran, Subject

SOURCE = """def order_size(equity, risk, entry, stop, lot, most):
    distance = abs(entry - stop)
    if distance == 0:
        return 0.0
    size = equity * risk / distance
    if size > most:
        size = most
    if size < lot:
        return 0.0
    lots = size // lot
    return lots * lot"""
SUBJECT = Subject(
    "order_size", SOURCE, ("equity", "risk", "entry", "stop", "lot", "most")
)
# No small edit gives the last one: the search spends all that it may.
CASES = (
    Case((1000.0, 0.01, 100.0, 95.0, 0.5, 10.0), expected=2.0),
    Case((1000.0, 0.02, 100.0, 100.0, 0.5, 10.0), expected=0.0),
    Case((5000.0, 0.02, 50.0, 52.0, 0.25, 20.0), expected=20.0),
    Case((800.0, 0.015, 20.0, 17.0, 0.1, 7.0), expected=-97.53),
)
ENDLESS = """def order_size(equity, risk, entry, stop, lot, most):
    while True:
        equity += 1"""
TRIED, BATCH, REPEATS = 24_000, 256, 3


def figures() -> Iterator[Figure]:
    """Candidates a second, that over bare single feeds, and what an endless one costs."""
    bare = 1 / bare_feed()
    rates = sorted(candidates_a_second() for _ in range(REPEATS))
    rate = rates[REPEATS // 2]
    beside = f"{bare:,.0f} bare single feeds a second"
    yield Figure("search, a core", rate, "candidates/s", 6_000, beside, True)
    yield Figure("search over bare single feeds", rate / bare, "×", 0.75, beside, True)
    lost, extra = endless()
    told = f"{lost} of {BATCH - 1} neighbours lost"
    yield Figure("an endless candidate", extra * 1e3, "ms", 20, told)
    yield Figure("neighbours it costs", lost, "candidates", 0, told)


def candidates_a_second() -> float:
    """The whole search: edits written, put in order, run on the failing case, judged."""
    runner = MontyRunner()
    try:
        began = perf_counter()
        allowance = Allowance(seconds=60, candidates=TRIED)
        found = search(SUBJECT, CASES, ByValue(), runner, allowance)
        for _ in found:
            pass
        return found.tried / (perf_counter() - began)
    finally:
        runner.close()


def bare_feed() -> float:
    """Seconds of a feed that defines the function and calls it, and does nothing else."""
    arguments = ", ".join(map(repr, CASES[-1].args))
    code = f"{SOURCE}\norder_size({arguments})"
    with monty.Monty() as pool, pool.checkout() as session:
        return seconds_per_call(lambda: session.feed_run(code), 2_000)


def endless() -> tuple[int, float]:
    """How many neighbours in a batch an endless candidate costs, and the seconds more."""
    runner = MontyRunner()
    good = [SOURCE.replace("0.0", f"{number}.0") for number in range(BATCH)]
    with_one = [*good[:100], ENDLESS, *good[101:]]
    try:
        wanted = _ran(runner, good)
        found = _ran(runner, with_one)
        lost = sum(
            a != b
            for number, (a, b) in enumerate(zip(wanted, found, strict=True))
            if number != 100
        )
        usual = median_seconds(lambda: _ran(runner, good), repeats=9)
        longer = median_seconds(lambda: _ran(runner, with_one), repeats=9)
    finally:
        runner.close()
    return lost, max(0.0, longer - usual)


def _ran(runner: MontyRunner, sources: Sequence[str]) -> list[Ran]:
    return runner.each("", sources, CASES[1])
