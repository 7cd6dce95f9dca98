"""The fourth rung: a model repairs the body, told how it fails and what a reviewer thinks.

It sees the spec, the body, the smallest failing case and a few visible ones; what is
held back is not in its task. The reviewer is asked first, in a call of its own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.errors import AszaError
from core.spec import describe
from wick.clones import MODEL, Clone, Task
from wick.clones.money import Purse, Tally, charged
from wick.clones.visible import runner
from wick.clones.writing import Question, law_of, question, write
from wick.reviewer import Incident, Opinion, ask_diagnosis

if TYPE_CHECKING:
    from core.spec import Spec

NO_MODEL = "no model writes: LLM_WRITER is offline"


def run(task: Task, money: Purse) -> Clone:
    """A repair by the model of the role `writer`, charged to the task's cycle."""
    if money.offline():
        return Clone(MODEL, note=NO_MODEL)
    return charged(MODEL, task, money, partial(_repair, task, money))


def _repair(task: Task, money: Purse, tally: Tally) -> None:
    writer = money.writer("writer")
    asked = asked_of(task, money)
    if not money.offline("reviewer"):
        asked = _reviewed(asked, money, tally)
    write(asked, writer, tally)


def asked_of(task: Task, money: Purse) -> Question:
    """The question about a task, without a review."""
    law = law_of(task, money.settings)
    with runner(task) as running:
        return question(task, law[0] if law else None, running)


def _reviewed(asked: Question, money: Purse, tally: Tally) -> Question:
    """The question with a reviewer's opinion in it; without, if there is none to have."""
    try:
        opinion = ask_diagnosis(_incident(asked), money.writer("reviewer"))
    except AszaError as error:
        tally.note(f"without a review: {error}")
        return asked
    return replace(asked, review=_in_words(opinion))


def _incident(asked: Question) -> Incident:
    task = asked.task
    return Incident(
        module=task.module,
        failure=asked.failure,
        body=task.body or task.subject.source,
        contract=_contract(asked.spec),
        cycle=task.cycle,
    )


def _contract(spec: Spec | None) -> str:
    return describe(spec) if spec else ""


def _in_words(opinion: Opinion) -> str:
    return f"{opinion.kind}: {opinion.why}"
