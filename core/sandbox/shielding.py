"""Workers that a person's Ctrl-C or `kill` does not reach: the run decides when it ends."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = {signal.SIGINT, signal.SIGTERM}
"""What a terminal or a service manager sends to a whole group of processes."""


@contextmanager
def shielded() -> Iterator[None]:
    """Processes started in here never get `ENDING`; this thread gets it afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
