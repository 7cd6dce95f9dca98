"""The CPython worker as its parent sees it: a process, two pipes, and its end."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from core.errors import AszaError

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from wick.runners.cpython_worker import main; del sys.path[0]; main()"
)
_LONGEST_START, _LONGEST_END = 20.0, 2.0
_LONGEST_LINE = 8 * 2**20
_PIECE = 256 * 2**10


class Worker:
    """The worker process and the two pipes to it."""

    def __init__(self) -> None:
        self._process = _started()
        assert self._process.stdout is not None  # noqa: S101 Popen was told to make it
        self._out = self._process.stdout.fileno()
        self._rest = b""
        self._lines: list[bytes] = []
        self.isolation = tuple(self._hello())

    def _hello(self) -> list[str]:
        try:
            told: list[str] = json.loads(self.line(_LONGEST_START))
        except (OSError, ValueError, EOFError) as error:
            self.kill()
            raise _no_start(error) from error
        return told

    def send(self, job: bytes) -> None:
        """Send one job; OSError when the worker is dead."""
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(len(job).to_bytes(8, "little") + job)
        self._process.stdin.flush()

    def line(self, seconds: float) -> bytes:
        """The next line it says; EOFError when it is dead, or says nothing so long."""
        late = time.monotonic() + seconds
        while not self._lines:
            self._lines = self._more(late)[::-1]
        return self._lines.pop()

    def _more(self, late: float) -> list[bytes]:
        left = max(0.0, late - time.monotonic())
        if not select.select([self._out], [], [], left)[0]:
            raise EOFError
        piece = os.read(self._out, _PIECE)
        if not piece or len(self._rest) > _LONGEST_LINE:
            raise EOFError
        *lines, self._rest = (self._rest + piece).split(b"\n")
        return lines

    def kill(self) -> None:
        """Kill all its processes, and reap it.

        Asked to end, it ends when the kernel has killed its namespace; the process
        group is what is left to kill where there is none, or it does not listen.
        """
        with suppress(OSError):
            self._process.terminate()
            _drained(self._out, _LONGEST_END)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()


def _drained(handle: int, seconds: float) -> None:
    """Read until every process that could write is gone, or the time is up."""
    late = time.monotonic() + seconds
    while (left := late - time.monotonic()) > 0:
        if select.select([handle], [], [], left)[0] and not os.read(handle, _PIECE):
            return


def _started() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _START, _ROOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise _no_start(error) from error


def _no_start(error: Exception) -> AszaError:
    return AszaError(
        f"the isolated CPython worker does not start: {error or 'it says nothing'}",
        remedy="free some memory or processes, then try again",
    )
