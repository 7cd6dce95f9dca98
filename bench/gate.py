"""The gate with 200 draws on a scalar and on a series contract, and its strength."""

from collections.abc import Iterator
from subprocess import run
from sys import executable

from bench.measure import Figure, median_seconds
from bench.subjects import (
    SCALAR_BODY,
    SCALAR_SPEC,
    SERIES_BODY,
    SERIES_SPEC,
    certified,
    spec,
)
from core.gate.mutation import gate_strength
from core.sandbox import Sandbox
from core.vocabulary import base_vocabulary


def figures() -> Iterator[Figure]:
    """Seconds a body; the reference is one empty pytest process in the same run."""
    command = [executable, "-m", "pytest", "-q", "--collect-only", "/dev/null"]
    pytest = median_seconds(lambda: run(command, capture_output=True, check=False))
    beside = f"one pytest process {pytest:.2f} s"
    scalar, series = spec(SCALAR_SPEC), spec(SERIES_SPEC)
    with Sandbox() as sandbox:
        certified(scalar, SCALAR_BODY, sandbox)
        quick = median_seconds(lambda: certified(scalar, SCALAR_BODY, sandbox))
        slow = median_seconds(lambda: certified(series, SERIES_BODY, sandbox))
        strong = median_seconds(
            lambda: gate_strength(
                scalar, SCALAR_BODY, sandbox=sandbox, vocabulary=base_vocabulary()
            )
        )
    yield Figure("gate, scalar contract", quick, "s", 0.2, beside)
    yield Figure("gate, series contract", slow, "s", 2.0, beside)
    yield Figure("gate strength", strong, "s", 0.5, beside)
