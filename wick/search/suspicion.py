"""How suspicious each line is: run by cases that fail, not by those that pass."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import sqrt

_LEAST = 0.1


def suspicion(
    lines: Sequence[Collection[int]], failing: Collection[int]
) -> dict[int, float]:
    """Ochiai's measure of each line that ran, 0.1 to 1 (Abreu et al., 2006)."""
    every = {line for run in lines for line in run}
    return {line: max(_LEAST, _ochiai(line, lines, failing)) for line in every}


def _ochiai(
    line: int, lines: Sequence[Collection[int]], failing: Collection[int]
) -> float:
    ran = [number for number, run in enumerate(lines) if line in run]
    failed = sum(number in failing for number in ran)
    return failed / sqrt(len(failing) * len(ran)) if failed else 0.0
