"""How much faster a sweep is with two processes than with one.

The processes are started and warm before the clock runs; a sweep of minutes hides their
start. `python -m bench.sweep BARS COMBINATIONS` measures other sizes.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

from bench.measure import Figure
from core.sent import sent
from core.settings import load_settings
from tests.trading.engine.stacks import flagship
from trading.shell.config import read_settings
from trading.shell.engine.backtest import Task
from trading.shell.engine.trials import Search, Trials, Variant, named, write
from trading.shell.law.limits import loosest
from trading.shell.synthetic import generate
from trading.shell.venue.orders import Mode
from wick.executors import executor

BARS = 720
COMBINATIONS = 100


def seconds(trials: Trials, combinations: list[dict[str, float]], jobs: int) -> float:
    """The wall clock of all combinations with so many processes."""
    with executor(load_settings(), jobs) as running:
        wait([running.submit(trials.whole, combinations[0]) for _ in range(jobs)])
        start = time.perf_counter()
        done = [running.submit(trials.whole, one) for one in combinations]
        for one in done:
            one.result()
        return time.perf_counter() - start


def figures(bars: int = BARS, number: int = COMBINATIONS) -> Iterator[Figure]:
    """The ratio of one process's time to that of two over the same combinations."""
    stack, settings, limits = flagship(), read_settings(), loosest(Mode.BACKTEST)
    combinations = [{"trail_atr": 2 + n / 40} for n in range(number)]
    variants = {named(c): Variant(c, settings, limits) for c in combinations}
    task = Task((generate(bars=bars),), settings, limits)
    search = Search(load_settings().root, stack.name, sent(stack), task, variants)
    with tempfile.TemporaryDirectory() as folder:
        trials = write(search, Path(folder) / "search.pickle")
        one, two = (seconds(trials, combinations, jobs) for jobs in (1, 2))
    yield Figure(
        "sweep: two processes over one",
        one / two,
        "×",
        1.8,
        f"{number} combinations of {bars:,} made-up hours: {one:.1f} s, {two:.1f} s",
        more_is_better=True,
    )


if __name__ == "__main__":
    for figure in figures(*map(int, sys.argv[1:])):
        print(f"{figure.value:.2f} {figure.unit}, {figure.reference}")
