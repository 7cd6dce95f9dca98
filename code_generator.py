"""The second stage: a spec goes in, a body that passed the gate comes out.

A writer is asked for the whole body. What it answers is reduced to one body, and the gate
judges it. A refused body gets one round with the gate's findings; after that the writer
starts afresh, up to the spec's `samples`. Nothing that did not pass leaves this file.

    python code_generator.py prompts/<stack>/<module>.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.answers import reduce_answer
from core.errors import AszaError, BodyRefused, RequestRefused, StoreError
from core.findings import Finding
from core.gate import (
    PASSING_MEANS,
    Certificate,
    CheckResult,
    Recorded,
    run_gate,
)
from core.llm import Answer, Exchange, LibraryEntry, Writer, WriteTask, writer_for
from core.prompting import writer_prompt

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store
    from core.vocabulary import Vocabulary

Step = Literal["write", "repair"]

BODY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"body": {"type": "string", "description": "the statements, whole"}},
    "required": ["body"],
    "additionalProperties": False,
}
# A body has 300 tokens; the rest is for models that think in tokens before they write.
MAX_OUTPUT_TOKENS = 8_000


@dataclass(frozen=True)
class Attempt:
    """One answer and what became of it: no body (findings say why), or a verdict."""

    step: Step
    number: int
    answer: Answer
    body: str | None = None
    certificate: Certificate | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the gate let the body through."""
        return self.certificate is not None and self.certificate.passed


@dataclass(frozen=True)
class Event:
    """What a watcher is told while a body is made.

    `kind` says which: a question is asked, a piece of the answer arrived, a check ran,
    a body was refused, a body passed.
    """

    kind: Literal["ask", "text", "check", "refused", "passed"]
    module: str
    attempt: int
    step: Step
    text: str = ""
    check: CheckResult | None = None


@dataclass(frozen=True)
class Generated:
    """A body that passed, its certificate, and every attempt it took."""

    body: str
    certificate: Certificate
    attempts: tuple[Attempt, ...]

    @property
    def answer(self) -> Answer:
        """The answer that held the body: its writer and means go into the header."""
        return self.attempts[-1].answer

    @property
    def cost_usd(self) -> Decimal:
        """What all attempts cost together."""
        return cost_of(self.attempts)


class GenerationFailed(BodyRefused):
    """No attempt passed; `attempts` says what each one was refused for."""

    def __init__(self, spec: Spec, attempts: Sequence[Attempt]) -> None:
        last = attempts[-1].findings[0]
        super().__init__(
            f"no body for {spec.id} passed in {len(attempts)} attempts; "
            f"the last one failed at {last.check}: {last.message}",
            field="body",
            value=attempts[-1].body,
            where=str(spec.path or spec.id),
            remedy=f"{last.remedy}; or say more in the spec, add an example, "
            "or name another writer",
        )
        self.attempts = tuple(attempts)
        self.cost_usd = cost_of(attempts)


def cost_of(attempts: Sequence[Attempt]) -> Decimal:
    """US dollars of all attempts, the unusable ones too."""
    return sum((attempt.answer.cost_usd for attempt in attempts), Decimal(0))


def generate(
    spec: Spec,
    *,
    writer: Writer,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    library: Sequence[LibraryEntry] = (),
    shipped: str = "",
    steps_of_search: int = 0,
    recordings: Sequence[Recorded] = (),
    cycle: str = "",
    on_event: Callable[[Event], None] | None = None,
) -> Generated:
    """A body for a spec, proven by the gate.

    `cycle` names the request this belongs to, in the thought spool and the budget;
    `shipped` is the body that came along with the spec, if one did; a search tries no
    more than `steps_of_search` candidates, with 0 as many as it always does. Raises
    `GenerationFailed` when every attempt is refused, `RequestRefused` when the writer
    does not understand the spec, `ModelError` and `BudgetError` as the writer does.
    """
    task = WriteTask(spec, vocabulary, library, shipped=shipped, steps=steps_of_search)
    bench = Bench(task, writer, sandbox, recordings, cycle, on_event or _nobody)
    attempts: list[Attempt] = []
    for number, step in enumerate(steps(spec.samples)):
        try:
            attempts.append(bench.attempt(number, step, attempts))
        except RequestRefused:
            if not attempts or step == "repair":
                raise
            break  # every body it has was refused: say what the last one failed at
        if passed := _passed(attempts):
            return passed
        if _repeats_itself(attempts):
            break
    raise GenerationFailed(spec, attempts)


def reuse(
    spec: Spec,
    entry: LibraryEntry,
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
) -> Generated | None:
    """The body of a proven module judged for this spec; None if it does not pass here.

    Nobody is asked and nothing is paid.
    """
    certificate = run_gate(spec, entry.body, sandbox=sandbox, vocabulary=vocabulary)
    if not certificate.passed:
        return None
    answer = Answer(entry.body, f"reused {entry.module}", "library")
    attempt = Attempt("write", 0, answer, entry.body, certificate)
    return Generated(entry.body, certificate, (attempt,))


def steps(samples: int) -> Iterator[Step]:
    """write, then repair once, then write afresh: as many as the spec allows."""
    for number in range(samples):
        yield "repair" if number == 1 else "write"


def _passed(attempts: Sequence[Attempt]) -> Generated | None:
    last = attempts[-1]
    if last.body is None or last.certificate is None or not last.passed:
        return None
    return Generated(last.body, last.certificate, tuple(attempts))


def _repeats_itself(attempts: Sequence[Attempt]) -> bool:
    """A writer without chance in it that repeats an answer has nothing else to say."""
    last = attempts[-1].answer
    said = [attempt.answer.text for attempt in attempts[:-1]]
    return last.means not in ("model", "recorded") and last.text in said


def _nobody(event: Event) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Bench:
    """Everything an attempt needs, and the verdicts so far by body."""

    task: WriteTask
    writer: Writer
    sandbox: Sandbox
    recordings: Sequence[Recorded]
    cycle: str
    tell: Callable[[Event], None]
    verdicts: dict[str, Certificate] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        """What the body is for."""
        return self.task.spec

    def attempt(self, number: int, step: Step, before: Sequence[Attempt]) -> Attempt:
        """Ask, reduce, judge: one attempt, whatever comes of it."""

        def tell(kind: Any, text: str = "", check: CheckResult | None = None) -> None:
            self.tell(Event(kind, self.spec.id, number, step, text, check))

        tell("ask", self.writer.name)
        exchange = self.exchange(number, step, before)
        answer = self.writer.answer(exchange, lambda piece: tell("text", piece))
        made = self.judged(
            Attempt(step, number, answer), lambda check: tell("check", check=check)
        )
        tell("passed" if made.passed else "refused", _in_words(made))
        return made

    def exchange(self, number: int, step: Step, before: Sequence[Attempt]) -> Exchange:
        """The question; the repair round shows the last body and the gate's findings."""
        said = tuple(each.body or each.answer.text for each in before)
        task = replace(self.task, refused=said)
        if step == "repair":
            task = replace(task, findings=before[-1].findings, previous_body=said[-1])
        prompt = writer_prompt(task)
        return Exchange(
            role="writer",
            system=prompt.system,
            user=prompt.user,
            schema=BODY_SCHEMA,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            task=task,
            cycle=self.cycle,
            step=f"{step} {self.spec.id}",
            attempt=number,
        )

    def judged(
        self, attempt: Attempt, on_check: Callable[[CheckResult], None]
    ) -> Attempt:
        """The attempt with its body and the gate's verdict, or with why it has none."""
        try:
            body = reduce_answer(
                attempt.answer.text, self.spec, stop=attempt.answer.stop
            )
        except BodyRefused as refused:
            finding = Finding("answer", refused.message, refused.remedy)
            return replace(attempt, findings=(finding,))
        verdict = self.verdicts.get(body) or self.verdict(body, on_check)
        return replace(
            attempt, body=body, certificate=verdict, findings=verdict.refusals
        )

    def verdict(
        self, body: str, on_check: Callable[[CheckResult], None]
    ) -> Certificate:
        """What the gate says of a body it has not seen in this run."""
        certificate = run_gate(
            self.spec,
            body,
            sandbox=self.sandbox,
            vocabulary=self.task.vocabulary,
            recordings=self.recordings,
            on_check=on_check,
        )
        self.verdicts[body] = certificate
        return certificate


def _in_words(attempt: Attempt) -> str:
    return str(attempt.findings[0]) if attempt.findings else "every check passed"


def main(arguments: Sequence[str]) -> int:
    """`python code_generator.py <spec.md>`: the body on stdout, the verdict on stderr."""
    if len(arguments) != 1:
        print(
            "usage: python code_generator.py prompts/<stack>/<module>.md",
            file=sys.stderr,
        )
        return 2
    try:
        generated = from_file(Path(arguments[0]), on_event=_show)
    except AszaError as error:
        print(f"{error}\n{error.remedy}", file=sys.stderr)
        return error.exit_code
    print(generated.body, end="")
    answer = generated.answer
    by = f"{answer.writer} ({answer.means})"
    print(f"written by {by} for ${generated.cost_usd}", file=sys.stderr)
    print(PASSING_MEANS, file=sys.stderr)
    return 0


def from_file(path: Path, on_event: Callable[[Event], None]) -> Generated:
    """Generate from a spec's file with what the project's settings name."""
    from core.atomic import read_text
    from core.library import library, vocabulary_of
    from core.places import shipped_path
    from core.sandbox import Sandbox
    from core.settings import load_settings
    from core.spec import load_spec

    settings = load_settings()
    vocabulary = vocabulary_of(settings, path.resolve().parent.name)
    spec = load_spec(path, vocabulary)
    with Sandbox() as sandbox, _store(settings) as store:
        return generate(
            spec,
            writer=writer_for("writer", settings, store),
            sandbox=sandbox,
            vocabulary=vocabulary,
            library=library(settings, store),
            shipped=read_text(shipped_path(settings, spec.id)) or "",
            cycle=f"shell {spec.id}@{spec.digest}",
            on_event=on_event,
        )


def _store(settings: Settings) -> AbstractContextManager[Store | None]:
    """The store, or None with a word about it: a free writer works without."""
    from core.store import open_store

    try:
        return open_store(settings)
    except StoreError as error:
        print(f"without the store: {error}", file=sys.stderr)
        return nullcontext()


def _show(event: Event) -> None:
    line = f"{event.module} {event.step} {event.attempt + 1}"
    if event.kind == "check" and event.check is not None:
        verdict = "passed" if event.check.passed else "failed"
        line = f"{line}: {event.check.name} {verdict}, {event.check.figure}"
    else:
        line = f"{line}: {event.kind} {event.text}"
    if event.kind != "text":
        print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
