"""Asking a model from the trader: a question to the second process, with a deadline.

This process imports no model SDK and waits no longer than it was told to: whatever goes
wrong on the way, there was no answer.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic, time
from uuid import uuid4

from core.errors import StoreError
from core.questions import Question, Questions

CLOSED = (ValueError, AttributeError)
"""What a client raises that is closed while a thread waits at it: the session is over."""


class RedisAsk:
    """Asks over Redis. All questions of one candle share `seconds`, from the first on.

    `reach` gives the door, and may raise StoreError. Each question waits in a thread of
    its own, so that a server that hangs holds up nobody.
    """

    def __init__(
        self,
        reach: Callable[[], Questions],
        seconds: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._reach, self._seconds, self._clock = reach, seconds, clock
        self._door: Questions | None = None
        self._opening = Lock()
        self._at, self._ends = -1, 0.0

    def __call__(self, question: str, at: int) -> str | None:
        """An answer to a question about the candle of the UTC second `at`, or None."""
        left = self._left(at)
        if left <= 0:
            return None
        put = Question(uuid4().hex, question, cycle_of(at), time() + left)
        told: SimpleQueue[str | None] = SimpleQueue()
        Thread(target=self._exchange, args=(put, told), daemon=True).start()
        try:
            return told.get(timeout=left)
        except Empty:
            return None

    def _left(self, at: int) -> float:
        """Seconds left for this candle's questions."""
        now = self._clock()
        if at != self._at:
            self._at, self._ends = at, now + self._seconds
        return self._ends - now

    def _exchange(self, put: Question, told: SimpleQueue[str | None]) -> None:
        try:
            told.put(self._opened().ask(put))
        except (StoreError, *CLOSED):
            told.put(None)

    def _opened(self) -> Questions:
        with self._opening:
            if self._door is None:
                self._door = self._reach()
            return self._door


def cycle_of(at: int) -> str:
    """What a candle's questions belong to in the thoughts and in the budget."""
    return f"ask-{datetime.fromtimestamp(at, UTC):%Y%m%d-%H%M}"
