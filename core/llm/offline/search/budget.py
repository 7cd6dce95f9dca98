"""How much a search may do: steps decide, the clock only refuses."""

import time


class OutOfSteps(Exception):
    """The step budget is spent; what was found so far still counts."""


class OutOfTime(Exception):
    """The safety limit on wall time was hit: the search refuses, whatever it found."""


class Steps:
    """Counts candidates. Steps are the same on every machine; seconds are not."""

    def __init__(self, steps: int, seconds: float) -> None:
        self.limit = steps
        self.used = 0
        self._deadline = time.monotonic() + seconds
        self._next_look = 0

    def spend(self, steps: int) -> None:
        """Count `steps` candidates; raises when there are no more to spend."""
        self.used += steps
        if self.used > self.limit:
            raise OutOfSteps
        if self.used >= self._next_look:
            self._next_look = self.used + 5_000
            if time.monotonic() > self._deadline:
                raise OutOfTime

    def share(self, part: float) -> "Steps":
        """A smaller budget on the same clock; settle it with `spend`."""
        share = Steps(int((self.limit - self.used) * part), 0)
        share._deadline = self._deadline
        return share
