"""What a sandboxed call may use. Light."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pydantic_monty as monty

# Suspensions are counted for a session's whole life, so they cannot bound one call:
# `Policy.calls` does.
_SUSPENSIONS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """What one call may use, and the clock and seed it sees.

    `memory` is bytes of heap, `row_seconds` what each further row of a batch adds to
    `seconds`, `calls` the capability calls a row may make.
    """

    seconds: float = 1.0
    memory: int = 64 * 2**20
    recursion: int = 200
    clock: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    seed: int = 0
    calls: int = 100
    row_seconds: float = 0.02
    watch_inputs: bool = False

    def feed_seconds(self, rows: int) -> float:
        """How long one feed of this many rows may run."""
        return self.seconds + self.row_seconds * (rows - 1)

    def limits(self, rows: int = 1) -> "monty.ResourceLimits":
        return {
            "max_feed_duration_secs": self.feed_seconds(rows),
            "max_memory": self.memory,
            "max_recursion_depth": self.recursion,
            "max_suspensions": _SUSPENSIONS,
        }

    def system(self) -> "monty.OSPolicy":
        return {
            "datetime": self.clock,
            "sleep": "zero",
            "random_start": {"seed": self.seed},
        }


DEFAULT_POLICY = Policy()
