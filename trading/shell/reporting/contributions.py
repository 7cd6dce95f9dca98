"""How often each module ended a decision, and how often it failed."""

from collections.abc import Mapping
from dataclasses import dataclass

from trading.shell.engine.result import Result

STOPPED = "stopped"
"""The count of a result's contributions that says how many decisions a module ended."""


@dataclass(frozen=True)
class Contribution:
    """One module's counts; `share` is of all scans, None where there were none."""

    module: str
    version: int | None
    stopped: int
    share: float | None
    failures: int
    counts: Mapping[str, int]


def contributions(result: Result) -> list[Contribution]:
    """Every module that ended a decision or failed, the most frequent first."""
    names = dict.fromkeys([*result.contributions, *result.failures])
    found = [_contribution(name, result) for name in names]
    return sorted(found, key=lambda one: (-one.stopped, -one.failures, one.module))


def _contribution(name: str, result: Result) -> Contribution:
    counts = result.contributions.get(name, {})
    stopped = counts.get(STOPPED, 0)
    return Contribution(
        module=name,
        version=result.versions.get(name),
        stopped=stopped,
        share=stopped / result.scans if result.scans else None,
        failures=result.failures.get(name, 0),
        counts=counts,
    )
