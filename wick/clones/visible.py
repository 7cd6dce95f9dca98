"""Bodies judged by the cases a clone is shown: what every rung but the search shares."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import SequenceMatcher
from time import perf_counter

from wick.clones import CPYTHON, Clone, Earlier, Task
from wick.runners.cpython import CPythonRunner
from wick.runners.monty import MontyRunner
from wick.search.normal import normal_form
from wick.subject import Case, Ran, Runner, Subject, Survivor, function_named

NO_CASES = "no case is shown, so the gate decides"


@contextmanager
def runner(task: Task) -> Iterator[Runner]:
    """The runner of a task's function, its workers stopped afterwards."""
    running: Runner = CPythonRunner() if task.engine == CPYTHON else MontyRunner()
    try:
        yield running
    finally:
        running.close()


def with_body(subject: Subject, body: str) -> str:
    """The whole function with this body, or this function if it is one already.

    SyntaxError when the text does not parse.
    """
    given = ast.parse(body).body
    if _is_whole(given, subject):
        return ast.unparse(given[0])
    function = function_named(subject.source, subject.name)
    function.body = given
    return ast.unparse(function)


def _is_whole(given: Sequence[ast.stmt], subject: Subject) -> bool:
    only = given[0] if len(given) == 1 else None
    return isinstance(only, ast.FunctionDef) and only.name == subject.name


def changed_lines(before: str, after: str) -> int:
    """How many lines of the longer text stand in for others; 0 for equal texts."""
    old, new = before.splitlines(), after.splitlines()
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return sum(max(b - a, d - c) for kind, a, b, c, d in steps if kind != "equal")


def first_wrong(task: Task, running: Runner, source: str) -> tuple[Case, Ran] | None:
    """The first visible case a function does not give, those that failed first."""
    for case in _failing_first(task):
        ran = running.rows(task.subject.preamble, source, [case])[0]
        if not task.judge(case, ran):
            return case, ran
    return None


def _failing_first(task: Task) -> list[Case]:
    places = [*task.failing, *set(range(len(task.cases))).difference(task.failing)]
    return [task.cases[place] for place in places]


def tried_again(rung: str, task: Task, bodies: Iterable[Earlier], what: str) -> Clone:
    """A clone of bodies that once were good, the nearest to the present one first.

    `what` names one of them, as in "version 3".
    """
    began = perf_counter()
    candidates = _by_distance(task, bodies, what)
    with runner(task) as running:
        good = [
            one for one in candidates if first_wrong(task, running, one.source) is None
        ]
    took = perf_counter() - began
    note = _note(len(candidates), len(good), task)
    found = tuple(replace(one, seconds=took) for one in good)
    return Clone(rung, found, tried=len(candidates), seconds=took, note=note)


def _by_distance(task: Task, bodies: Iterable[Earlier], what: str) -> list[Survivor]:
    """Each that parses, is not the present one and was not refused, once."""
    found: dict[str, Survivor] = {}
    skipped = set(map(normal_form, [task.subject.source, *refused_sources(task)]))
    for place, earlier in enumerate(bodies, 1):
        source = next(sources_of(task, [earlier.body]), task.subject.source)
        if source in found or normal_form(source) in skipped:
            continue
        said = f"{what} {earlier.version} again"
        edit = f"{said}: {earlier.remark}" if earlier.remark else said
        size = changed_lines(task.subject.source, source)
        found[source] = Survivor(source, (edit,), size, tried=place)
    return sorted(found.values(), key=lambda one: one.size)


def refused_sources(task: Task) -> Iterator[str]:
    """The whole functions of the bodies that were turned down before."""
    return sources_of(task, task.refused)


def sources_of(task: Task, bodies: Iterable[str]) -> Iterator[str]:
    """The whole function with each body; what does not parse is left out."""
    for body in bodies:
        try:
            yield with_body(task.subject, body)
        except (SyntaxError, ValueError):
            continue


def _note(candidates: int, good: int, task: Task) -> str:
    if not candidates:
        return "there is none"
    if not good:
        return "none gives every visible case"
    return "" if task.cases else NO_CASES
