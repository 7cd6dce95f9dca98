"""How a figure is taken: medians of repeats, reference and subject interleaved.

Machines are noisy; a ratio of two medians taken side by side is what repeats.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: `value` in `unit`, judged against `limit`."""

    name: str
    value: float
    unit: str
    limit: float
    reference: str
    more_is_better: bool = False

    @property
    def met(self) -> bool:
        """Whether the aim holds in this run."""
        over = self.value >= self.limit
        return over if self.more_is_better else self.value <= self.limit


def seconds_per_call(work: Work, calls: int) -> float:
    """Mean seconds of one call in a run of `calls`, the collector held off."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    for _ in range(calls):
        work()
    elapsed = time.perf_counter() - start
    gc.enable()
    return elapsed / calls


def side_by_side(
    subjects: dict[str, Work], *, calls: int, repeats: int = 9
) -> dict[str, float]:
    """Median seconds per call of each subject, the subjects taken in turn."""
    for work in subjects.values():
        seconds_per_call(work, max(1, calls // 10))
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(repeats):
        for name, work in subjects.items():
            taken[name].append(seconds_per_call(work, calls))
    return {name: statistics.median(values) for name, values in taken.items()}


def median_seconds(work: Work, *, repeats: int = 5) -> float:
    """Median wall seconds of single runs, for work that takes milliseconds or more."""
    return statistics.median(seconds_per_call(work, 1) for _ in range(repeats))
