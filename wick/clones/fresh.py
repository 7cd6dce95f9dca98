"""The fifth rung: a body written anew from the spec alone, as the code generator does.

Who writes is not told of the failing body, so that its faults are not written again.
Without a model the offline writer does it, for nothing and in a clone's own process.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from code_generator import Generated, GenerationFailed, generate
from core.errors import RequestRefused
from core.sandbox import Sandbox
from core.settings import load_settings
from wick.clones import FRESH, Clone, Report, Task
from wick.clones.money import Purse, Tally, charged, purse
from wick.clones.visible import changed_lines, first_wrong, runner, with_body
from wick.clones.words import wrong
from wick.clones.writing import law_of, root_of
from wick.subject import Survivor

if TYPE_CHECKING:
    from core.spec import Spec
    from core.vocabulary import Vocabulary


def run(task: Task, money: Purse) -> Clone:
    """A body by the role `writer`, charged to the task's cycle."""
    return charged(FRESH, task, money, partial(_write, task, money))


def run_offline(task: Task, report: Report) -> Clone:  # noqa: ARG001
    """The same by the offline writer, in whatever process it is called."""
    settings = load_settings(root_of(task)).model_copy(update={"llm_writer": "offline"})
    ends = monotonic() + task.allowance.seconds
    return run(task, purse(settings, None, ends, None))


def _write(task: Task, money: Purse, tally: Tally) -> None:
    law = law_of(task, money.settings)
    if law is None:
        raise RequestRefused("a plain function has no spec to be written from")
    began = perf_counter()
    try:
        made = _generated(task, money, *law)
    except GenerationFailed as error:
        tally.clone = replace(tally.clone, tried=len(error.attempts))
        raise
    tally.clone = replace(tally.clone, tried=len(made.attempts))
    tally.clone = _judged(task, made, tally.clone, began)


def _generated(task: Task, money: Purse, spec: Spec, words: Vocabulary) -> Generated:
    with Sandbox(processes=2) as sandbox:
        return generate(
            spec,
            writer=money.writer("writer"),
            sandbox=sandbox,
            vocabulary=words,
            cycle=task.cycle,
        )


def _judged(task: Task, made: Generated, clone: Clone, began: float) -> Clone:
    """The clone with the body as its survivor, or with the case that body fails."""
    source = with_body(task.subject, made.body)
    with runner(task) as running:
        failed = first_wrong(task, running, source)
    if failed:
        return replace(clone, note=f"it passed the gate, but {wrong(task, *failed)}")
    edit = f"written anew by {made.answer.writer} ({made.answer.means})"
    size = changed_lines(task.subject.source, source)
    found = Survivor(source, (edit,), size, clone.tried, perf_counter() - began)
    return replace(clone, survivors=(found,))
