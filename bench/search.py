"""Wick's model-free search on one core: candidates a second, beside bare Monty feeds."""

from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

import pydantic_monty as monty

from bench.measure import Figure, side_by_side
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
TRIED, FEEDS, REPEATS = 24_000, 3_000, 3
BATCH, PLACE = 256, 100


def figures() -> Iterator[Figure]:
    """Candidates a second, that over bare single feeds, and what an endless one costs."""
    pairs = [(candidates_a_second(), bare_feeds_a_second()) for _ in range(REPEATS)]
    rate = median(rate for rate, _ in pairs)
    beside = f"{median(bare for _, bare in pairs):,.0f} bare single feeds a second"
    yield Figure("search, a core", rate, "candidates/s", 6_000, beside, True)
    ratio = median(rate / bare for rate, bare in pairs)
    yield Figure("search over bare single feeds", ratio, "×", 0.75, beside, True)
    lost, longer = endless()
    told = f"{lost} of {BATCH - 1} neighbours lost"
    yield Figure("a batch with an endless one in it", longer, "×", 1.5, told)
    yield Figure("neighbours an endless one costs", lost, "candidates", 0, told)


def candidates_a_second() -> float:
    """The whole search: edits written, put in order, run on the failing case, judged."""
    runner = MontyRunner()
    try:
        runner.each("", [SOURCE], CASES[0])  # its worker has started
        began = perf_counter()
        allowance = Allowance(seconds=120, candidates=TRIED)
        found = search(SUBJECT, CASES, ByValue(), runner, allowance)
        for _ in found:
            pass
        return found.tried / (perf_counter() - began)
    finally:
        runner.close()


def bare_feeds_a_second() -> float:
    """Feeds that define the function and call it, one at a time, and nothing else."""
    arguments = ", ".join(map(repr, CASES[-1].args))
    code = f"{SOURCE}\norder_size({arguments})"
    with monty.Monty() as pool, pool.checkout() as session:
        session.feed_run(code)
        began = perf_counter()
        for _ in range(FEEDS):
            session.feed_run(code)
        return FEEDS / (perf_counter() - began)


def endless() -> tuple[int, float]:
    """How many neighbours an endless candidate costs, and how many times their time."""
    good = [SOURCE.replace("0.0", f"{number}.0") for number in range(BATCH)]
    with_one = [*good[:PLACE], ENDLESS, *good[PLACE + 1 :]]
    runner = MontyRunner()
    try:
        pairs = zip(_ran(runner, good), _ran(runner, with_one), strict=True)
        differ = [number for number, (a, b) in enumerate(pairs) if a != b]
        taken = side_by_side(
            {
                "good": lambda: _ran(runner, good),
                "with one": lambda: _ran(runner, with_one),
            },
            calls=3,
        )
    finally:
        runner.close()
    return len(set(differ) - {PLACE}), taken["with one"] / taken["good"]


def _ran(runner: MontyRunner, sources: Sequence[str]) -> list[Ran]:
    return runner.each("", sources, CASES[1])
