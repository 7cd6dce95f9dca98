"""A model asked to repair a function; its answers pass the doors that any body passes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from code_generator import BODY_SCHEMA, MAX_OUTPUT_TOKENS
from core.body import body_rules_text
from core.contract import bare
from core.errors import BodyRefused
from core.llm import Answer, Exchange, Writer
from core.prompting import Prompt, render
from core.spec import Spec, describe, parse_spec
from core.vocabulary import Vocabulary, load_vocabulary
from wick.clones import Task
from wick.clones.doors import let_in
from wick.clones.visible import changed_lines, first_wrong, runner
from wick.clones.words import failure, others, smallest_failing, wrong
from wick.subject import Runner, Survivor

if TYPE_CHECKING:
    from core.settings import Settings
    from wick.clones.money import Tally

ATTEMPTS = 3
_LONGEST_ECHO = 2_000  # characters of an earlier answer that are shown again


class Refused(NamedTuple):
    """An answer that was turned down, as the next question shows it."""

    text: str
    why: str


@dataclass(frozen=True)
class Question:
    """Everything a model is told of a failing function, except what it said before."""

    task: Task
    spec: Spec | None
    failure: str
    cases: str
    review: str = ""

    def exchange(self, refused: Sequence[Refused], attempt: int) -> Exchange:
        """The question, with the answers turned down so far."""
        prompt = self._prompt(refused)
        return Exchange(
            role="writer",
            system=prompt.system,
            user=prompt.user,
            schema=BODY_SCHEMA,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            cycle=self.task.cycle,
            step=f"repair {self.task.module}",
            attempt=attempt,
        )

    def _prompt(self, refused: Sequence[Refused]) -> Prompt:
        task, spec = self.task, self.spec
        schema = bare(spec.contract.output_schema()) if spec else {}
        return render(
            "repair.j2",
            function=task.subject.name,
            contract=describe(spec) if spec else "",
            preamble="" if spec else task.subject.preamble,
            body=task.body.strip() if spec else task.subject.source,
            failure=self.failure,
            cases=self.cases,
            review=self.review,
            rules=body_rules_text(spec) if spec else "",
            output_schema=json.dumps(schema),
            refused_bodies=refused,
        )


def question(task: Task, spec: Spec | None, running: Runner) -> Question:
    """What fails, shown by its smallest case as it runs now, and a few that must hold."""
    case = smallest_failing(task)
    ran = None
    if case is not None:
        ran = running.rows(task.subject.preamble, task.subject.source, [case])[0]
    return Question(task, spec, failure(task, case, ran), others(task, case))


def law_of(task: Task, settings: Settings) -> tuple[Spec, Vocabulary] | None:
    """The task's spec and its vocabulary; None for a plain function. SpecError."""
    if not task.spec_text:
        return None
    words = load_vocabulary(task.vocabulary, settings.asza_vocabulary)
    stack = task.module.partition(".")[0]
    return parse_spec(task.spec_text, stack=stack, vocabulary=words), words


def root_of(task: Task) -> Path | None:
    """The project a task belongs to; None: the one we stand in."""
    return Path(task.root) if task.root else None


def write(asked: Question, writer: Writer, tally: Tally) -> None:
    """Ask until an answer gives every visible case, at most `ATTEMPTS` times.

    What came of it is in the tally, also when the writer raises in the middle.
    """
    refused: list[Refused] = []
    began = perf_counter()
    with runner(asked.task) as running:
        for attempt in range(ATTEMPTS):
            answer = writer.answer(asked.exchange(refused, attempt))
            tally.clone = replace(tally.clone, tried=attempt + 1)
            try:
                source = _source(asked, answer, running)
            except BodyRefused as error:
                refused.append(Refused(answer.text[:_LONGEST_ECHO], error.message))
            else:
                found = _survivor(asked.task, source, answer, attempt + 1, began)
                tally.clone = replace(tally.clone, survivors=(found,))
                return
    tally.note(f"{len(refused)} answers were refused; the last one: {refused[-1].why}")


def _source(asked: Question, answer: Answer, running: Runner) -> str:
    """The whole function in an answer. BodyRefused with the door it failed at."""
    task = asked.task
    source = let_in(answer, task.subject, asked.spec)
    if failed := first_wrong(task, running, source):
        raise BodyRefused(wrong(task, *failed), field="body", value=source)
    return source


def _survivor(
    task: Task, source: str, answer: Answer, tried: int, began: float
) -> Survivor:
    edits = (f"written by {answer.writer}",)
    size = changed_lines(task.subject.source, source)
    return Survivor(source, edits, size, tried, perf_counter() - began)
