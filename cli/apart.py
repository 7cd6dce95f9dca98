"""Running a stack in a process of its own, that never held a key.

A process that asked a model has its key in memory. What it built is run by another,
whose environment has no key and which gives up the rest before native code starts.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import AszaError
from core.settings import SECRETS, Settings

if TYPE_CHECKING:
    from cli.running import RunOptions

PROGRAM = Path(__file__).resolve().parent.parent / "asza.py"


class RunFailed(AszaError):
    """The run's own error, as its process told it; `exit_code` is that one's."""

    def __init__(self, told: dict[str, Any], code: int) -> None:
        super().__init__(
            str(told.get("message", f"the run ended with exit code {code}")),
            field=str(told.get("field", "")),
            where=str(told.get("where", "")),
            remedy=str(told.get("remedy", "")),
        )
        self.__dict__["exit_code"] = code
        self.told = bool(told)


def holds_keys(settings: Settings) -> bool:
    """Whether this process may have read a key."""
    return any(map(settings.has_secret, SECRETS))


def run_apart(stack: str, options: "RunOptions", settings: Settings) -> dict[str, Any]:
    """`asza run`'s answer. Raises RunFailed with the other process's error and code."""
    command = [sys.executable, str(PROGRAM), "run", stack, "--json", *_typed(options)]
    environment = {k: v for k, v in os.environ.items() if k not in SECRETS}
    environment["ASZA_ROOT"] = str(settings.root)
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    told: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
    if done.returncode and "kind" not in told:
        raise RunFailed(told, done.returncode)
    return told


def _typed(options: "RunOptions") -> Iterator[str]:
    """The options as they are typed."""
    yield from (part for path in options.data for part in ("--data", str(path)))
    if options.given:
        yield from ("--in", json.dumps(options.given))
    if options.trace:
        yield "--trace"
    yield from ("--engine", options.engine)
    if options.symbols:
        yield from ("--symbol", ",".join(options.symbols))
    if options.timeframe:
        yield from ("--timeframe", options.timeframe)
