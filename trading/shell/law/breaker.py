"""A circuit breaker: an exchange that keeps failing is left alone for a while."""

from collections.abc import Callable


class CircuitBreaker:
    """Opens after `failures` in a row and stays so for `seconds` of `clock`.

    Afterwards one call may try: its success closes the breaker, its failure opens it for
    as long again. `clock` is a monotonic one, in seconds. Not thread-safe.
    """

    def __init__(
        self, failures: int, seconds: float, clock: Callable[[], float]
    ) -> None:
        self._most = max(failures, 1)
        self._seconds = seconds
        self._clock = clock
        self._failed = 0
        self._opened: float | None = None
        self.reason = ""

    @property
    def open(self) -> bool:
        """Whether nothing may be tried now."""
        if self._opened is None:
            return False
        return self._clock() - self._opened < self._seconds

    @property
    def failure(self) -> str:
        """What opened it, for as long as no success has closed it; "" when closed."""
        if self._opened is None:
            return ""
        return f"{self._failed} failures in a row, last: {self.reason}"

    def failed(self, reason: str) -> None:
        """A call failed."""
        self._failed += 1
        self.reason = reason
        if self._failed >= self._most:
            self._opened = self._clock()

    def succeeded(self) -> None:
        """A call was answered."""
        self._failed = 0
        self._opened = None
        self.reason = ""
