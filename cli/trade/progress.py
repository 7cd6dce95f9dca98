"""How far something long is, on stderr: a bar on a terminal, elsewhere a line at times."""

from collections.abc import Callable
from time import monotonic
from typing import Self

from cli.output import Output

FIRST, EVERY = 5.0, 30.0  # seconds until the first line, and between two
FEW = 3  # so many that are done tell how long the others take

OnProgress = Callable[[int, int], None]


class Bars:
    """One bar a piece of work: `told("candles")` is what that work calls as it goes."""

    def __init__(self, output: Output) -> None:
        from rich.progress import (  # `asza list` need not wait for it
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TimeRemainingColumn,
        )

        self._bars = Progress(
            "[progress.description]{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=output.err,
            transient=True,
            disable=output.json or not output.err.is_terminal,
        )
        self._say = output.say

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def told(self, what: str) -> OnProgress:
        """A new bar, of so many candles or runs; it moves when it is called."""
        if self._bars.disable:
            return lines(self._say, what)
        bar = self._bars.add_task(what, total=None)

        def moved(done: int, total: int) -> None:
            self._bars.update(bar, completed=done, total=total)

        return moved


def lines(
    say: Callable[[str], None], what: str, clock: Callable[[], float] = monotonic
) -> OnProgress:
    """Says every so many seconds how much of something is done, and what is left."""
    begun = clock()
    due = begun + FIRST

    def moved(done: int, total: int) -> None:
        nonlocal due
        now = clock()
        if now < due or done >= total:
            return
        due = now + EVERY
        say(f"{what}: {done:,} of {total:,}{_left(done, total, now - begun)}")

    return moved


def _left(done: int, total: int, seconds: float) -> str:
    from trading.shell.reporting.words import span_words

    if done < FEW:
        return ""
    return f", about {span_words(seconds / done * (total - done))} left"
