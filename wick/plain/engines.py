"""Which engine runs a function: Monty where it does what CPython does, else CPython."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from core.errors import RequestRefused
from wick.plain.extract import Found
from wick.quorum import same_outcome
from wick.runners.cpython import CPythonRunner
from wick.runners.monty import MontyRunner
from wick.subject import Case, Ran, Runner, Subject

MONTY_WALLS = ("an interpreter of its own: no file, network, process or environment",)
_SLOW_CALL = 0.1  # seconds
_PROBE = "def asza_probe():\n    return 0"
_AT_ONCE, _MOST_STOPPED, _SHORT = 8, 3, 0.1


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs the candidates, why it was chosen, and what the function does now."""

    runner: Runner
    subject: Subject
    why: str
    isolation: tuple[str, ...]
    before: tuple[Ran, ...]


@contextmanager
def engine_for(found: Found, cases: Sequence[Case]) -> Iterator[Engine]:
    """The engine for a function and its cases, closed in the end.

    RequestRefused where what its file defines cannot even be loaded.
    """
    cpython, monty = CPythonRunner(), MontyRunner()
    try:
        subject = _loadable(cpython, found)
        before = _as_it_is(cpython, subject, cases)
        fits, why = _in_monty(monty, found, cases, before)
        if fits is not None:
            cpython.close()
            yield Engine(monty, fits, why, MONTY_WALLS, before)
        else:
            cpython.calibrate()
            yield Engine(cpython, subject, why, cpython.isolation, before)
    finally:
        cpython.close()
        monty.close()


def _loadable(runner: CPythonRunner, found: Found) -> Subject:
    """The subject with as much of its file as can be loaded in the worker."""
    for subject in (found.subject, found.plainer):
        ran = runner.rows(subject.preamble, _PROBE, [Case()])[0]
        if ran.ok:
            return subject
    raise RequestRefused(
        f"what {found.name} needs of its file cannot be loaded: "
        f"{ran.error}: {ran.message}",
        where=str(found.path),
        field="function",
        value=found.name,
        remedy="the worker sees the standard library and this installation's packages, "
        "no file of yours, no network: move what it needs into the same file",
    )


def _as_it_is(
    runner: CPythonRunner, subject: Subject, cases: Sequence[Case]
) -> tuple[Ran, ...]:
    """What the function does now; after three endless calls the others get less time."""
    found: list[Ran] = []
    for start in range(0, len(cases), _AT_ONCE):
        rows = cases[start : start + _AT_ONCE]
        found += runner.rows(subject.preamble, subject.source, rows)
        if sum(ran.crashed for ran in found) >= _MOST_STOPPED:
            runner.seconds = _SHORT
    return tuple(found)


def _in_monty(
    runner: MontyRunner, found: Found, cases: Sequence[Case], before: Sequence[Ran]
) -> tuple[Subject | None, str]:
    """The subject as Monty runs it, or none; and why."""
    why = ""
    for subject in (found.subject, found.plainer):
        why = runner.supports(subject.preamble, subject.source)
        if not why:
            began = monotonic()
            rows = runner.rows(subject.preamble, subject.source, cases)
            taken = (monotonic() - began) / len(cases)
            why = _difference(rows, before) or _slowness(rows, taken)
        if not why:
            return subject, "Monty does with every case what CPython does"
    return None, why


def _slowness(rows: Sequence[Ran], seconds: float) -> str:
    """Calls that eat memory cost Monty its worker each time, and CPython only a fork."""
    if seconds > _SLOW_CALL and any(ran.crashed for ran in rows):
        return f"a call that is stopped takes Monty {seconds:.1f} s"
    return ""


def _difference(rows: Sequence[Ran], before: Sequence[Ran]) -> str:
    for number, (there, here) in enumerate(zip(rows, before, strict=True)):
        if not same_outcome(there, here) and not (there.crashed and here.crashed):
            return f"Monty does something else with cases[{number}]"
    return ""
