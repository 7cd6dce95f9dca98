"""One retry policy for every endpoint: by class of fault, with backoff and jitter.

The SDKs' own retries are off: they would hide calls from the budget and the spool.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.wait import wait_exponential_jitter

from core.llm.faults import EndpointError, Fault

T = TypeVar("T")

RETRIED = frozenset(
    {
        Fault.UNREACHABLE,
        Fault.TIMEOUT,
        Fault.RATE_LIMITED,
        Fault.SERVER,
        Fault.OVERLOADED,
        Fault.CUT_OFF,
        Fault.MALFORMED,
    }
)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long to wait. Times are seconds.

    A server that asks for more than `patience` is not waited for: the error says so. One
    that does not speak its API is billed like any other, and is asked once more at most.
    `ends`, on the monotonic clock, is when nobody is asked again.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 20.0
    jitter: float = 0.5
    patience: float = 60.0
    ends: float = math.inf

    def allows(self, error: BaseException) -> bool:
        """Whether one more attempt may help."""
        if not isinstance(error, EndpointError) or error.fault not in RETRIED:
            return False
        return (error.retry_after or 0.0) <= self.patience

    def enough(self, state: RetryCallState) -> bool:
        """Whether the attempts are used up."""
        error = state.outcome.exception() if state.outcome else None
        malformed = isinstance(error, EndpointError) and error.fault is Fault.MALFORMED
        allowed = min(self.attempts, 2) if malformed else self.attempts
        late = time.monotonic() + asked_for(state) >= self.ends
        return late or state.attempt_number >= allowed

    def wait(self, state: RetryCallState) -> float:
        """Backoff with jitter, and never less than the server asked for."""
        backoff = wait_exponential_jitter(
            multiplier=self.first, max=self.longest, jitter=self.jitter
        )
        return max(backoff(state), asked_for(state))

    def call(
        self,
        attempt: Callable[[], T],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> T:
        """`attempt()` until it answers, may not be retried, or the attempts are used up."""
        retrying = Retrying(
            stop=self.enough,
            wait=self.wait,
            retry=retry_if_exception(self.allows),
            sleep=sleep,
            reraise=True,
        )
        return retrying(attempt)


def asked_for(state: RetryCallState) -> float:
    """The pause the server asked for with its last error, or 0."""
    error = state.outcome.exception() if state.outcome else None
    return (isinstance(error, EndpointError) and error.retry_after) or 0.0
