"""Beside a session: the process that asks a model is there, or it is said that it is not."""

from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from cli.beside import ended, lines

if TYPE_CHECKING:
    from subprocess import Popen

START = 15.0  # seconds that a session waits for it to be there
AGAIN = 2.0  # seconds before one that ended is started again
RESTARTS = 3  # in an hour
HOUR = 3600.0
PATIENCE = 5.0  # seconds it has to end by itself


class Attendant:
    """Sees that the answering process is there, and says what it says.

    One that died is started again, RESTARTS times an hour: what dies more often dies of
    something that a new start does not mend. Without it questions are abstentions.
    """

    def __init__(
        self, start: Callable[[], "Popen[str]"], say: Callable[[str], None]
    ) -> None:
        self._start, self._say = start, say
        self._ready, self._over, self._turn = Event(), Event(), Lock()
        self._deaths: deque[float] = deque(maxlen=RESTARTS + 1)
        self._process = start()
        self._thread = Thread(target=self._attend, daemon=True)

    def begin(self) -> None:
        """Wait until it is there, or the first candle would find nobody."""
        self._thread.start()
        self._ready.wait(START)

    def end(self) -> None:
        """Ask it to end, and see that it does."""
        with self._turn:  # none is started from here on
            self._over.set()
        ended(self._process, self._thread, PATIENCE)

    def _attend(self) -> None:
        while True:
            self._listen()
            if self._over.is_set() or not self._may_start():
                return
            self._over.wait(AGAIN)
            with self._turn:
                if self._over.is_set():
                    return
                self._process.wait()
                self._process = self._start()

    def _listen(self) -> None:
        """Until it ends."""
        for told in lines(self._process):
            self._ready.set()
            if told.get("kind") != "answered":
                self._say(f"answer: {told['text']}")
        self._ready.set()

    def _may_start(self) -> bool:
        """Whether it is started again, which is said in either case."""
        now = monotonic()
        self._deaths.append(now)
        recent = sum(now - one < HOUR for one in self._deaths)
        if recent <= RESTARTS:
            self._say(
                "answer: the process that asks the model ended; it is started again"
            )
            return True
        self._say(
            f"answer: the process that asks the model ended {recent} times in an hour and "
            "is not started again: questions are abstentions; `asza trade answer` shows why"
        )
        return False
