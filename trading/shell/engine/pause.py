"""Where a session waits, and how a person ends it there. Light: no pandas."""

import asyncio
from contextlib import suppress


class Stopped(Exception):
    """A person ended the session: raised where it waits, never inside a candle."""


class Pause:
    """Sleep that can be ended: `end` makes this and every later sleep raise Stopped."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Nobody waits any more."""
        self._ended.set()

    async def sleep(self, seconds: float) -> None:
        """Wait; a wait of 0 lets others run."""
        if seconds <= 0:
            await asyncio.sleep(0)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), seconds)
        if self._ended.is_set():
            raise Stopped
