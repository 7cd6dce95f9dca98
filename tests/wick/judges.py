"""Judges that do to their process what a bad candidate might: they pickle."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from wick.search.judging import ByValue
from wick.subject import Case, Ran


@dataclass(frozen=True)
class Deadly:
    """Kills its process with -9 as often as `times`, then judges by value."""

    folder: Path
    times: int = 1

    def __call__(self, case: Case, ran: Ran) -> bool:
        died = len(list(self.folder.glob("died-*")))
        if died < self.times:
            (self.folder / f"died-{os.getpid()}-{died}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return ByValue()(case, ran)


@dataclass(frozen=True)
class Endless:
    """Never comes to a verdict, and leaves the number of its process in a file."""

    file: Path

    def __call__(self, case: Case, ran: Ran) -> bool:
        self.file.write_text(str(os.getpid()))
        while True:
            time.sleep(60)


@dataclass(frozen=True)
class Broken:
    """Raises what nobody expects."""

    def __call__(self, case: Case, ran: Ran) -> bool:
        raise ZeroDivisionError("the judge itself is wrong")
