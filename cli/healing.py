"""Wick beside a run: a process of its own, started by the first failure.

A run that goes natively holds no keys and must not be slowed, so Wick works elsewhere.
It says what it does in lines of JSON on its stdout, and ends its work when its stdin
closes: also when the run was killed.
"""

import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from cli.beside import Data, beside, ended, lines
from cli.keeping import Say

if TYPE_CHECKING:
    from core.records import Reflection
    from core.settings import Settings

CLOCK = "%Y-%m-%d %H:%M:%S UTC"
RESTARTS = 2
PATIENCE = 60.0  # seconds a run that is over waits for a repair that is under way
# Nobody's fault in the module: what it was given, or that a person keeps it from running.
NOT_OURS = ("InputsInvalid", "AssumptionBroken", "Quarantined")


class Healer:
    """The run's Wick: nothing at all until a module fails."""

    def __init__(self, settings: "Settings", stack: str, say: Say) -> None:
        self._settings, self._stack, self._say = settings, stack, say
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None
        self._lock = Lock()
        self._started_times = 0
        self.told: list[Data] = []

    def notice(self, failure: "Reflection") -> None:
        """A module failed: see that somebody works on it."""
        if not failure.remark.startswith(NOT_OURS):
            self.start()

    def start(self, clones: int = 0) -> None:
        """See that a Wick is at work, with so many clones at once (0: as many as it
        likes); one that died is replaced a few times."""
        if self._settings.asza_wick == "off":
            return
        with self._lock:
            if self.at_work:
                return
            if self._started_times > RESTARTS:
                return
            if self._process is not None:
                self._say(f"Wick ended with code {self._process.returncode}", "yellow")
            self._started_times += 1
            self._process = beside(self._settings, self._words(clones))
            arguments = (self._process,)
            self._reader = Thread(target=self._read, args=arguments, daemon=True)
            self._reader.start()

    def _words(self, clones: int) -> list[str]:
        words = ["wick", "watch", self._stack]
        return [*words, "--clones", str(clones)] if clones else words

    def close(self, patience: float = PATIENCE) -> None:
        """Let it finish what it has begun, for so many seconds at most."""
        process, reader = self._process, self._reader
        if process is None or reader is None:
            return
        by_itself = ended(process, reader, patience)
        found = repairs(self.told)
        if not by_itself and (unfinished(self.told) or not found):
            self._say(
                f"Wick is still at work after {patience:g} s and was ended", "yellow"
            )
        for line in found:
            self._say(f"wick: the repair is in: {line}", "green")

    @property
    def at_work(self) -> bool:
        """Whether a Wick of this run is there now."""
        return self._process is not None and self._process.poll() is None

    def _read(self, process: subprocess.Popen[str]) -> None:
        for told in lines(process):
            self.told.append({**told, "heard": f"{datetime.now(UTC):{CLOCK}}"})
            self._say(f"wick: {told['text']}", _style(told))


def repairs(told: Iterable[Mapping[str, Any]]) -> list[str]:
    """The repairs that are in after what was told, each with the time it was heard."""
    found: dict[str, str] = {}
    for one in told:
        module = str(one.get("module", ""))
        if one.get("kind") == "swapped":
            found[module] = f"{one['text']}, since {one['heard']}"
        elif one.get("kind") == "probation" and _reverted(one):
            found.pop(module, None)
    return list(found.values())


def unfinished(told: Iterable[Mapping[str, Any]]) -> set[int]:
    """The defects that were told of and have no verdict yet."""
    kinds = [(one.get("kind"), one.get("defect")) for one in told]
    begun, over = (
        {int(defect) for kind, defect in kinds if defect and kind == asked}
        for asked in ("defect", "verdict")
    )
    return begun - over


def _reverted(told: Mapping[str, Any]) -> bool:
    return bool(told.get("data", {}).get("fate") == "reverted")


def _style(told: Mapping[str, Any]) -> str:
    return {"swapped": "green", "waiting": "yellow"}.get(str(told.get("kind")), "dim")
