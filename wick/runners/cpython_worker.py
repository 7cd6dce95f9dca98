"""The CPython worker: `python -I` that forks a child for each candidate it is sent.

It reads jobs (a length, then marshalled data) and writes one line a call. The server
itself never runs a candidate: it forks, waits, kills. Candidates that can reach nothing
shared stand together in one child, which is replaced at the first that goes wrong.
The process that was started only waits for the server, which it forks to be the first
of a PID namespace: whatever candidates start dies with it.
"""

from __future__ import annotations

import gc
import importlib
import marshal
import os
import re
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, NoReturn

from wick.runners.cpython_call import Task, compiled, run
from wick.runners.cpython_codec import quoted
from wick.runners.cpython_confine import TIME_ZONES, Walls, raise_walls
from wick.runners.cpython_hook import hide_quiet, refuse_events
from wick.runners.cpython_probe import standing
from wick.runners.cpython_streams import received, say, streams

MOST_TOGETHER = 64
LONGEST_LINE = 4 * 2**20
_IMPORTED = re.compile(r"^(?:import|from) ([A-Za-z_][\w.]*)", re.MULTILINE)
_TELL_AT = 64 * 2**10


class Rules(NamedTuple):
    """What a call may use: seconds of CPU, steps, bytes; and are its lines traced?"""

    seconds: float
    steps: int
    memory: int
    trace: bool

    @property
    def patience(self) -> float:
        """Seconds of wall time without an answer after which a child is killed."""
        return 1 + 3 * self.seconds


class Server(NamedTuple):
    """Where jobs come from, where answers go, and what children are held in by."""

    jobs: int
    answers: int
    walls: Walls
    roots: tuple[str, ...]

    def serve(self) -> None:
        """Answer jobs until nobody asks any more."""
        while True:
            head = received(self.jobs, 8)
            if len(head) < 8:
                return
            job = marshal.loads(received(self.jobs, int.from_bytes(head, "little")))  # noqa: S302 our parent wrote it
            self._answer(*job)

    def _answer(
        self,
        preamble: str,
        sources: list[str],
        given: list[tuple[bytes, bool]],
        pairs: list[tuple[int, int]],
        rules: tuple[float, int, int, bool],
    ) -> None:
        _import_ahead(preamble)
        programs = compiled(preamble, sources)
        done, law = 0, Rules(*rules)
        tasks = [Task(programs[s], *given[case], law.steps) for s, case in pairs]
        while done < len(tasks):
            done += self._together(tasks[done : done + _room(tasks, done)], law)

    def _together(self, tasks: Sequence[Task], rules: Rules) -> int:
        """Run tasks in one child; how many of them are answered, at least one."""
        read, write = os.pipe()
        child = os.fork()
        if not child:
            self._child(read, write, tasks, rules)
        os.close(write)
        done, stopped = self._pass_on(read, len(tasks), rules)
        os.close(read)
        status = self._ended(child)
        if done < len(tasks):
            self._tell(_dead(status, stopped))
            done += 1
        return done

    def _ended(self, child: int) -> int:
        """The status of a child that is killed, with all it has started if we can."""
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if self.walls.own_pids and os.getpid() == 1:
            # From the first of a PID namespace, -1 is every other process in it.
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            with suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)
        return status

    def _child(
        self, read: int, write: int, tasks: Sequence[Task], rules: Rules
    ) -> NoReturn:
        try:
            for handle in (read, self.jobs, self.answers):
                os.close(handle)
            self.walls.hold(rules.memory, rules.seconds * len(tasks))
            refuse_events(self.roots)
            for task in tasks:
                signal.setitimer(signal.ITIMER_PROF, rules.seconds, rules.seconds)
                say(write, f"{run(task, rules.trace)}\n".encode())
        finally:
            os._exit(0)

    def _pass_on(self, read: int, wanted: int, rules: Rules) -> tuple[int, bool]:
        """Pass a child's whole lines on: how many there were; was its time up?"""
        rest, done, late = b"", 0, time.monotonic() + rules.patience
        poll = select.poll()
        poll.register(read, select.POLLIN)
        while done < wanted:
            left = late - time.monotonic()
            if left <= 0 or len(rest) > LONGEST_LINE:
                return done, left <= 0
            if not poll.poll(left * 1000):
                continue
            piece = os.read(read, _TELL_AT)
            if not piece:
                return done, False
            *lines, rest = (rest + piece).split(b"\n")
            lines = lines[: wanted - done]
            if lines:
                self._tell(b"\n".join(lines) + b"\n")
                late = time.monotonic() + rules.patience
            done += len(lines)
        return done, False

    def _tell(self, text: bytes) -> None:
        say(self.answers, text)


def _no_sleep(_seconds: float) -> None:
    """Nobody waits for a candidate that waits; Monty does the same."""


def _room(tasks: Sequence[Task], start: int) -> int:
    """How many of the tasks from `start` on may share a child."""
    most = min(MOST_TOGETHER, len(tasks) - start)
    alone = (n for n in range(most) if not tasks[start + n].program.confined)
    return max(1, next(alone, most))


def _import_ahead(preamble: str) -> None:
    """Import what the file imports from the Python installation, before the forks."""
    for name in _IMPORTED.findall(preamble):
        if "ctypes" not in name:
            with suppress(Exception):  # it fails in the children, who tell
                importlib.import_module(name)
    hide_quiet()


def _dead(status: int, stopped: bool) -> bytes:
    """What is said for a candidate whose child gave no answer."""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if stopped or number in (signal.SIGPROF, signal.SIGXCPU):
        name, why = "TimeoutError", "it does not end"
    else:
        name, why = "WorkerCrashed", "its process ended without an answer"
    return f"[false,null,{quoted(name)},{quoted(why)},null,null,[],0]\n".encode()


def _wait_for(server: int, answers: int) -> NoReturn:
    """Wait for the end of the server, or of who listens to it; then nothing is left.

    SIGTERM ends it too. Reaped, the first process of a namespace has outlived the rest.
    """

    def kill(*_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)

    signal.signal(signal.SIGTERM, kill)
    with suppress(OSError):  # a kernel without such handles: we only wait
        ends = select.poll()
        ends.register(os.pidfd_open(server), select.POLLIN)
        ends.register(answers, 0)  # nobody reads any more: told unasked
        ends.poll()
        kill()
    os.waitpid(server, 0)
    os._exit(0)


def main() -> None:
    """Serve the jobs on stdin until it is closed, in a process of its own."""
    jobs, answers = streams()
    real = map(os.path.realpath, sys.path)
    roots = tuple(f"{path}/" for path in {*sys.path, *real, TIME_ZONES})
    walls = raise_walls(roots)
    server = os.fork()
    if server:
        _wait_for(server, answers)
    hide_quiet()
    walls.hold_server()
    time.sleep = _no_sleep  # type: ignore[assignment]
    told = ",".join(map(quoted, standing(walls, roots)))
    say(answers, f"[{told}]\n".encode())
    gc.freeze()
    Server(jobs, answers, walls, roots).serve()
