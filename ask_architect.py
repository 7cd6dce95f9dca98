"""The first stage: a request goes in, a plan comes out that is valid as a whole.

An architect is asked for JSON. It is held to the plan's schema, every spec in it to the
law of specs, and every name to the vocabulary; if that fails there is one round with the
faults, then a clear error. A module that exists is reused before one is written.

    python ask_architect.py "Buy when RSI is below 30. Stop loss 2 ATR."
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.answers import json_in
from core.errors import AszaError, BodyRefused, PlanError
from core.existing import (
    ExistingStack,
    existing_stack,
    refuse_slip,
    stack_asked_by,
)
from core.llm import Answer, Exchange, LibraryEntry, PlanTask, Writer, writer_for
from core.names import name_fault
from core.plan import PLAN_SCHEMA, BadPlan, Draft, Plan, read_draft
from core.prompting import architect_prompt
from core.reuse import reused_modules

if TYPE_CHECKING:
    from core.settings import Settings
    from core.vocabulary import Vocabulary

MAX_OUTPUT_TOKENS = 16_000
OFFLINE = "offline"
OnText = Callable[[str], None]


def plan(
    request: str,
    *,
    settings: Settings | None = None,
    writer: Writer | None = None,
    vocabulary: Vocabulary | None = None,
    library: Sequence[LibraryEntry] = (),
    stack: str | None = None,
    on_text: OnText | None = None,
) -> Plan:
    """The plan for a request. Nothing is written.

    Raises `NotFound` for a new stack named almost as one that stands, `RequestRefused`
    when the architect does not understand it, `PlanError` when its second answer is no
    plan either, `ModelError` and `BudgetError` as writers do. A plan may hold
    `not_understood`: whoever builds must refuse it then.
    """
    settings = settings or _settings()
    writer = writer or writer_for("architect", settings)
    joins = existing_stack(settings, stack) if stack else None
    if stack and not joins:
        refuse_slip(settings, stack)
    if known := _known(request, settings, writer, stack):
        return _as_it_is(request, known, library, writer)
    vocabulary = joins.file.vocabulary if joins else vocabulary or _vocabulary(settings)
    name = stack_name(request, stack)
    task = PlanTask(request, name, vocabulary, library, joins=joins)
    desk = Desk(task, writer, _cycle(task))
    draft, answers = desk.ask(on_text)
    if joins:
        return _joined(desk, joins, draft, answers)
    return Plan(
        request=request,
        stack=name,
        vocabulary=vocabulary,
        specs=draft.specs,
        wiring=draft.wiring,
        not_understood=draft.not_understood,
        notes=draft.notes,
        settings=draft.settings,
        reused=reused_modules(request, draft.specs, library),
        own=draft.own,
        architect=answers[-1].writer,
        means=answers[-1].means,
        cost_usd=sum((answer.cost_usd for answer in answers), Decimal(0)),
        cycle=desk.cycle,
    )


def _known(
    request: str, settings: Settings, writer: Writer, stack: str | None
) -> ExistingStack | None:
    """The stack this very request is of, where nobody is there to plan it afresh."""
    known = stack_asked_by(settings, request) if writer.name == OFFLINE else None
    return known if known and stack in (None, known.name) else None


def _as_it_is(
    request: str,
    stack: ExistingStack,
    library: Sequence[LibraryEntry],
    writer: Writer,
) -> Plan:
    """The plan of a stack that stands: every module that is there is reused."""
    note = f"this is the request of the stack {stack.name}, which stands already"
    return Plan(
        request=request,
        stack=stack.name,
        vocabulary=stack.file.vocabulary,
        specs=stack.specs,
        wiring=stack.wiring(),
        notes=(note,),
        settings=stack.file.settings,
        reused=_its_own(stack, library),
        architect=writer.name,
        means="library",
        joins=True,
    )


def _its_own(
    stack: ExistingStack, library: Sequence[LibraryEntry]
) -> Mapping[str, str]:
    """Spec name -> module id, of the stack's specs that have their module."""
    there = {entry.spec.id for entry in library}
    return {spec.name: spec.id for spec in stack.specs if spec.id in there}


def _joined(
    desk: Desk, stack: ExistingStack, draft: Draft, answers: Sequence[Answer]
) -> Plan:
    """The stack as it stands, and what the draft adds to it."""
    return Plan(
        request=desk.task.request,
        stack=stack.name,
        vocabulary=stack.file.vocabulary,
        specs=(*stack.specs, *draft.specs),
        wiring=draft.wiring,
        not_understood=draft.not_understood,
        notes=draft.notes,
        settings=stack.file.settings,
        reused=_its_own(stack, desk.task.library),
        architect=answers[-1].writer,
        means=answers[-1].means,
        cost_usd=sum((answer.cost_usd for answer in answers), Decimal(0)),
        cycle=desk.cycle,
        joins=True,
    )


@dataclass(frozen=True)
class Desk:
    """Where the architect is asked, and asked once more."""

    task: PlanTask
    writer: Writer
    cycle: str

    def ask(self, on_text: OnText | None) -> tuple[Draft, list[Answer]]:
        """A valid draft and the answers it took; PlanError after the second one."""
        first = self._answer(self.task, "plan", on_text)
        try:
            return self._draft(first), [first]
        except BadPlan as bad:
            task = replace(self.task, previous_answer=first.text, errors=bad.faults)
        second = self._answer(task, "repair plan", on_text)
        try:
            return self._draft(second), [first, second]
        except BadPlan as bad:
            raise self._failed(bad, second) from bad

    def _answer(self, task: PlanTask, step: str, on_text: OnText | None) -> Answer:
        prompt = architect_prompt(task)
        exchange = Exchange(
            role="architect",
            system=prompt.system,
            user=prompt.user,
            schema=PLAN_SCHEMA,
            max_output_tokens=MAX_OUTPUT_TOKENS,
            task=task,
            cycle=self.cycle,
            step=step,
        )
        return self.writer.answer(exchange, on_text)

    def _draft(self, answer: Answer) -> Draft:
        data = _json(answer)
        task = self.task
        draft = read_draft(
            data, stack=task.stack, vocabulary=task.vocabulary, joins=task.joins
        )
        if not draft.specs and not draft.not_understood:
            raise BadPlan(["it has no specs and says of nothing why not"])
        return draft

    def _failed(self, bad: BadPlan, answer: Answer) -> PlanError:
        faults = "; ".join(bad.faults[:3])
        return PlanError(
            f"{answer.writer} gave no valid plan in two answers: {faults}",
            field="plan",
            value=answer.text[:200],
            remedy="say the request in other words, or name another architect in .env "
            "(LLM_ARCHITECT=offline needs no key)",
        )


def _json(answer: Answer) -> Mapping[str, Any]:
    try:
        return json_in(answer.text)
    except BodyRefused as refused:
        raise BadPlan([f"{refused.message} ({refused.remedy})"]) from refused


def stack_name(request: str, asked: str | None = None) -> str:
    """The stack's name: the one asked for, else the request's first words and a mark.

    The same request has the same name; two requests that begin alike do not share one.
    """
    if asked is not None:
        if fault := name_fault(asked):
            raise PlanError(
                f"a stack cannot be called '{asked}': {fault}",
                field="stack",
                value=asked,
                remedy="use a name such as ema_cross",
            )
        return asked
    words = re.findall(r"[a-z][a-z0-9]*|\d+", request.lower())
    kept = [word for word in words if word not in _SMALL_WORDS][:4]
    name = "_".join(kept)[:32].strip("_")
    name = name if not name_fault(name) else f"stack_{name}"[:32].strip("_")
    mark = sha256(" ".join(request.split()).encode(errors="surrogatepass")).hexdigest()[
        :4
    ]
    return f"{name if not name_fault(name) else 'stack'}_{mark}"


_SMALL_WORDS = frozenset(
    "a an the when if is are and or of to for in on at it its that my me i with".split()
)


def _cycle(task: PlanTask) -> str:
    """What spool and budget know this asking by: asked again, it is a new one."""
    return f"{task.stack}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _settings() -> Settings:
    from core.settings import load_settings

    return load_settings()


def _vocabulary(settings: Settings) -> Vocabulary:
    from core.vocabulary import load_vocabulary

    return load_vocabulary(settings.asza_vocabulary, settings.asza_vocabulary)


def main(arguments: Sequence[str]) -> int:
    """Print the plan of the request in the arguments as JSON; the exit code."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr)
        return 0 if arguments else 2
    try:
        made = plan(" ".join(arguments))
    except AszaError as error:
        print(f"{error}\n{error.remedy}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(made.as_dict(), indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
