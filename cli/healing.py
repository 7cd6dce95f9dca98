"""Wick beside a run: a process of its own, started by the first failure.

A run that goes natively holds no keys and must not be slowed, so Wick works elsewhere.
It says what it does in lines of JSON on its stdout, and ends its work when its stdin
closes: also when the run was killed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from cli.apart import PROGRAM
from cli.keeping import Say

if TYPE_CHECKING:
    from core.records import Reflection
    from core.settings import Settings

Data = dict[str, Any]
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

    def start(self) -> None:
        """See that a Wick is at work; one that died is replaced a few times."""
        if self._settings.asza_wick == "off":
            return
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return
            if self._started_times > RESTARTS:
                return
            if self._process is not None:
                self._say(f"Wick ended with code {self._process.returncode}", "yellow")
            self._started_times += 1
            self._process = self._started()
            arguments = (self._process,)
            self._reader = Thread(target=self._read, args=arguments, daemon=True)
            self._reader.start()

    def close(self, patience: float = PATIENCE) -> None:
        """Let it finish what it has begun, for so many seconds at most."""
        process, reader = self._process, self._reader
        if process is None or reader is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        reader.join(patience)
        if process.poll() is None and reader.is_alive():
            self._say(
                f"Wick is still at work after {patience:g} s and was ended", "yellow"
            )
            process.terminate()
        process.wait()

    def _started(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(PROGRAM), "wick", "watch", self._stack]
        return subprocess.Popen(
            [*command, "--json", "--attached"],
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _environment(self) -> dict[str, str]:
        """Ours, with the servers' passwords, which sealing took out of it."""
        settings = self._settings
        urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
        given = {n: u.get_secret_value() for n, u in urls.items() if u is not None}
        return {**os.environ, **given, "ASZA_ROOT": str(settings.root)}

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            told = _parsed(line)
            if told.get("text"):
                self.told.append(told)
                self._say(f"wick: {told['text']}", _style(told))


def _parsed(line: str) -> Data:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return dict(told) if isinstance(told, Mapping) else {}


def _style(told: Mapping[str, Any]) -> str:
    return {"swapped": "green", "waiting": "yellow"}.get(str(told.get("kind")), "dim")
