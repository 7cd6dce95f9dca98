"""Commands that run beside a session, in a process of their own that ends with it.

Each ends its work when its stdin closes: also when the session was killed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from cli.apart import PROGRAM

if TYPE_CHECKING:
    from core.settings import Settings

Data = dict[str, Any]


def beside(settings: "Settings", words: Sequence[str]) -> subprocess.Popen[str]:
    """`asza <words> --json --attached`, started."""
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *words, "--json", "--attached"],
        env=_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _environment(settings: "Settings") -> dict[str, str]:
    """Ours, with the servers' passwords, which sealing took out of it."""
    urls = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    given = {n: u.get_secret_value() for n, u in urls.items() if u is not None}
    return {**os.environ, **given, "ASZA_ROOT": str(settings.root)}


def lines(process: subprocess.Popen[str]) -> Iterator[Data]:
    """What it says, line by line, until it ends."""
    for line in process.stdout or ():
        told = _parsed(line)
        if told.get("text"):
            yield told


def _parsed(line: str) -> Data:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return dict(told) if isinstance(told, Mapping) else {}


def ended(process: subprocess.Popen[str], reader: Thread, patience: float) -> bool:
    """Ask it to end and wait so many seconds; whether it did so by itself."""
    if process.stdin is not None:
        process.stdin.close()
    reader.join(patience)
    by_itself = process.poll() is not None or not reader.is_alive()
    if not by_itself:
        process.terminate()
    process.wait()
    return by_itself


def ending(stop: Event, *, once: bool = False, attached: bool) -> Callable[[], bool]:
    """When such a command is to end: at once, when stdin closes, or never by itself."""
    if attached:
        Thread(target=_until_closed, args=(stop,), daemon=True).start()
    return lambda: once or stop.is_set()


def _until_closed(stop: Event) -> None:
    sys.stdin.read()
    stop.set()
