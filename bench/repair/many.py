"""Many defects at once: each job is a process with workers of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from bench.repair.attempts import Attempt
from bench.repair.defects import Defect, defects
from bench.repair.trying import attempt, failed


def attempts_of(
    chosen: Sequence[Defect], seconds: float, jobs: int
) -> Iterator[Attempt]:
    """One attempt a defect, in the order they end."""
    # Forked after the set is made: every process has it, and none makes it again.
    context = get_context("fork")
    with ProcessPoolExecutor(jobs, context) as pool:
        waiting = {pool.submit(_named, one.name, seconds): one for one in chosen}
        for future in as_completed(waiting):
            error = future.exception()
            yield failed(waiting[future], error) if error else future.result()


def _named(name: str, seconds: float) -> Attempt:
    defect = next(one for one in defects() if one.name == name)
    return attempt(defect, seconds)
