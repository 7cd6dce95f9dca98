"""Candidates in CPython, for what Monty cannot run: isolated, and killed as a group.

The worker is `python -I` with an empty environment in a process group of its own. It
forks a child for every candidate that could touch another. When it dies itself, it is
replaced, and no candidate is lost but the one it was at.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any

from core.errors import DataError
from wick.runners.cpython_codec import decoded
from wick.runners.cpython_process import Worker
from wick.subject import Case, Ran, Subject

_MEMORY = 768 * 2**20  # of address space: the interpreter and its libraries count too
_MOST_STEPS = 10_000_000
# A candidate may take so many times as long as the slowest call that ended well.
_ROOM, _LEAST_SECONDS, _LEAST_STEPS, _STEPS_A_SECOND = 20, 0.05, 5_000, 10_000_000
_LOST = Ran(False, error="WorkerCrashed", message="its worker died", crashed=True)
_STOPPED = frozenset({"TimeoutError", "MemoryError", "WorkerCrashed"})


class CPythonRunner:
    """Runs candidates in an isolated CPython worker; not for two threads at once.

    `seconds` is the CPU time a call may take, `steps` the rounds of its loops, `memory`
    the bytes of address space; `slowest` the seconds of the slowest call that ended well.
    """

    name = "cpython"

    def __init__(self, *, seconds: float = 0.5, memory: int = _MEMORY) -> None:
        self.seconds = seconds
        self.steps = _MOST_STEPS
        self.slowest = 0.0
        self._memory = memory
        self._worker: Worker | None = None

    @property
    def isolation(self) -> tuple[str, ...]:
        """Which walls its worker stands behind, as a report shows them."""
        return self._ready().isolation

    def each(self, preamble: str, sources: Sequence[str], case: Case) -> list[Ran]:
        """Every source on one case. A source that never ends costs itself alone."""
        pairs = [(source, 0) for source in range(len(sources))]
        return [ran for ran, _ in self._run(preamble, sources, (case,), pairs)]

    def rows(self, preamble: str, source: str, cases: Sequence[Case]) -> list[Ran]:
        """One source on every case."""
        pairs = [(0, case) for case in range(len(cases))]
        return [ran for ran, _ in self._run(preamble, (source,), cases, pairs)]

    def lines(self, subject: Subject, cases: Sequence[Case]) -> list[frozenset[int]]:
        """Which lines of the function ran in each case (1 = its `def`)."""
        pairs = [(0, case) for case in range(len(cases))]
        sources = (subject.source,)
        found = self._run(subject.preamble, sources, cases, pairs, trace=True)
        return [lines for _, lines in found]

    def calibrate(self) -> None:
        """From now on let a call take no more than what is seen of others allows."""
        room = _ROOM * self.slowest
        self.seconds = min(self.seconds, max(_LEAST_SECONDS, room))
        self.steps = max(_LEAST_STEPS, int(room * _STEPS_A_SECOND))

    def close(self) -> None:
        """Stop its worker; the next use starts another."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _run(
        self,
        preamble: str,
        sources: Sequence[str],
        cases: Sequence[Case],
        pairs: Sequence[tuple[int, int]],
        *,
        trace: bool = False,
    ) -> list[tuple[Ran, frozenset[int]]]:
        rules = (self.seconds, self.steps, self._memory, trace)
        head = (preamble, list(sources), [_given(case) for case in cases])
        found: list[tuple[Ran, frozenset[int]]] = []
        died_at = -1
        while len(found) < len(pairs):
            left = list(pairs[len(found) :])
            found += self._answers(marshal.dumps((*head, left, rules)), len(left))
            if len(found) == len(pairs):
                break
            self.close()
            if died_at == len(found):  # a second time: it is this one's doing
                found.append((_LOST, frozenset()))
            died_at = len(found)
        return found

    def _answers(self, job: bytes, wanted: int) -> list[tuple[Ran, frozenset[int]]]:
        """What the worker answers before it is done or dead."""
        worker, found = self._ready(), []
        try:
            worker.send(job)
            for _ in range(wanted):
                ran, lines, seconds = _answer(worker.line(self._patience))
                self.slowest = max(self.slowest, seconds if ran.ok else 0.0)
                found.append((ran, lines))
        except (OSError, ValueError, EOFError):
            self.close()
        return found

    @property
    def _patience(self) -> float:
        """Seconds without a word after which the worker itself is given up."""
        return 10 + 8 * self.seconds

    def _ready(self) -> Worker:
        if self._worker is None:
            self._worker = Worker()
        return self._worker


def _given(case: Case) -> tuple[bytes, bool]:
    try:
        given = marshal.dumps((case.args, dict(case.kwargs)))
    except ValueError as error:
        raise DataError(
            f"the inputs of case {case.label or case.args!r} are no plain values",
            field="in",
            value=case.args,
            remedy="use numbers, texts, lists, tuples, sets and dicts",
        ) from error
    return given, case.after is not None


def _answer(line: bytes) -> tuple[Ran, frozenset[int], float]:
    """One line of the worker's; ValueError when it is not one of ours."""
    ok, value, error, message, at, after, lines, seconds = _eight(line)
    ran = Ran(ok is True, value, str(error), str(message), at, after, error in _STOPPED)
    return ran, frozenset(lines), float(seconds)


def _eight(line: bytes) -> list[Any]:
    found = decoded(line.decode("ascii"))
    if not isinstance(found, list) or len(found) != 8:
        raise ValueError("no answer of the worker's")
    return found
