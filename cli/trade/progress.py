"""A bar on stderr while something long runs; nothing for a machine or a pipe."""

from collections.abc import Callable
from typing import Self

from cli.output import Output

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

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def told(self, what: str) -> OnProgress:
        """A new bar, of so many candles or runs; it moves when it is called."""
        bar = self._bars.add_task(what, total=None)

        def moved(done: int, total: int) -> None:
            self._bars.update(bar, completed=done, total=total)

        return moved
