"""The first stage: a request in plain English goes in, a plan comes out.

    python ask_architect.py "Buy when RSI 14 is below 30"

The architect answers with JSON: a model because it was asked to, the offline writer
because there is one door. It is a lawful, connected plan as a whole, or it is refused;
there is one round to mend it. What exists already is reused before anything is written.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.answer_text import json_in
from core.errors import AszaError, BodyRefused, PlanError, RequestRefused
from core.llm import Answer, Exchange, LibraryEntry, PlanTask, Writer, writer_for
from core.names import name_fault
from core.plan import PLAN_SCHEMA, Drawn, Plan, PlanRefused, draw
from core.prompting import architect_prompt

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.vocabulary import Vocabulary

LONGEST_REQUEST = 10_000
MAX_OUTPUT_TOKENS = 16_000
_LONGEST_NAME = 32
_SMALL_WORDS = frozenset(
    "a an and at be buy by for from if in is it its of on or sell than that the then "
    "to when with".split()
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def plan(
    request: str,
    *,
    writer: Writer,
    vocabulary: Vocabulary,
    library: Sequence[LibraryEntry] = (),
    sandbox: Sandbox | None = None,
    stack: str | None = None,
    on_text: Callable[[str], None] | None = None,
) -> Plan:
    """The plan for a request; nothing is written.

    Raises RequestRefused when the request is empty, too long or not understood at all,
    PlanError when the architect's second answer is no plan either, and ModelError and
    BudgetError as the writer does. What was understood in part comes back as a plan
    with `not_understood`.
    """
    asked = checked(request)
    name = stack_name(asked, stack)
    cycle = f"{name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    task = PlanTask(asked, name, vocabulary, library)
    drawn, answers = _drawn(task, writer, cycle, on_text)
    if not drawn.specs:
        raise not_understood(drawn.not_understood)
    return Plan(
        request=asked,
        stack=name,
        vocabulary=vocabulary,
        specs=drawn.specs,
        wires=drawn.wiring.wires,
        own=drawn.own,
        not_understood=drawn.not_understood,
        notes=drawn.notes,
        reused=reused(drawn, library, sandbox),
        architect=answers[-1].writer,
        means=answers[-1].means,
        cost_usd=sum((answer.cost_usd for answer in answers), Decimal(0)),
        cycle=cycle,
    )


def checked(request: str) -> str:
    """The request without its margins; RequestRefused when nobody should read it."""
    text = request.strip()
    if not text:
        raise _refused("the request is empty", text, "say what you want in a sentence")
    if len(text) > LONGEST_REQUEST:
        raise _refused(
            f"the request has {len(text):,} characters, {LONGEST_REQUEST:,} are allowed",
            f"{text[:60]}…",
            "say it in fewer words, or in several requests",
        )
    if found := _UNPRINTABLE.search(text):
        raise _refused(
            f"the request holds the unprintable character {found.group()!r}",
            text[max(0, found.start() - 20) : found.end() + 20],
            "type it as plain text",
        )
    return text


def stack_name(request: str, wanted: str | None = None) -> str:
    """The name asked for, or one made of the request; the same request, the same name."""
    if wanted is not None:
        if fault := name_fault(wanted):
            raise PlanError(
                f"a stack cannot be called '{wanted}': {fault}",
                field="--stack",
                value=wanted,
                remedy="use lowercase letters, digits and underscores",
            )
        return wanted
    words = re.findall(r"[a-z]+\d*|\d+", request.lower())
    telling = [word for word in words if word not in _SMALL_WORDS]
    slug = "_".join(telling)[:_LONGEST_NAME].rpartition("_")[0] or "_".join(telling)
    digest = hashlib.sha256(request.encode()).hexdigest()[:4]
    head = slug[:_LONGEST_NAME].strip("_") or "request"
    return f"{head if head[0].isalpha() else f'of_{head}'}_{digest}"


def reused(
    drawn: Drawn, library: Sequence[LibraryEntry], sandbox: Sandbox | None
) -> dict[str, str]:
    """Spec name -> the module that already does what it asks, by the library's rules."""
    from core.llm.offline.library import match

    proven = [e for e in library if e.certificate is not None and e.certificate.passed]
    found = {spec.name: match(spec, proven, sandbox=sandbox) for spec in drawn.specs}
    return {name: entry.module for name, entry in found.items() if entry is not None}


def not_understood(parts: Sequence[str]) -> RequestRefused:
    """The refusal of a request in which nothing was understood."""
    quoted = "; ".join(f"“{part[:200]}”" for part in parts)
    return _refused(
        f"this was not understood: {quoted}",
        parts[0] if parts else "",
        "say it as a rule (docs/rules.md), give examples as “f(2, 3) is 5”, or set a key",
    )


def _drawn(
    task: PlanTask,
    writer: Writer,
    cycle: str,
    on_text: Callable[[str], None] | None,
) -> tuple[Drawn, list[Answer]]:
    """Ask, and once more with the faults if the first answer is no plan."""
    answers: list[Answer] = []
    faults: Sequence[str] = ()
    for step in ("plan", "repair plan"):
        answers.append(writer.answer(_exchange(task, cycle, step), on_text))
        text = answers[-1].text
        try:
            return _read(text, task), answers
        except PlanRefused as refused:
            faults = refused.faults
            task = replace(task, previous_answer=text, errors=faults)
    raise PlanRefused(faults)


def _read(text: str, task: PlanTask) -> Drawn:
    try:
        data = json_in(text)
    except BodyRefused as refused:
        raise PlanRefused([refused.message]) from refused
    return draw(data, stack=task.stack, vocabulary=task.vocabulary)


def _exchange(task: PlanTask, cycle: str, step: str) -> Exchange:
    prompt = architect_prompt(task)
    return Exchange(
        role="architect",
        system=prompt.system,
        user=prompt.user,
        schema=PLAN_SCHEMA,
        max_output_tokens=MAX_OUTPUT_TOKENS,
        task=task,
        cycle=cycle,
        step=step,
    )


def _refused(message: str, value: str, remedy: str) -> RequestRefused:
    return RequestRefused(message, field="request", value=value, remedy=remedy)


def main(arguments: Sequence[str]) -> int:
    """`python ask_architect.py "…"`: the plan as JSON on stdout."""
    if len(arguments) != 1:
        print('usage: python ask_architect.py "what you want"', file=sys.stderr)
        return 2
    try:
        made = from_settings(arguments[0])
    except AszaError as error:
        print(f"{error}\n{error.remedy}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(made.as_dict(), indent=2, ensure_ascii=False))
    return RequestRefused.exit_code if made.not_understood else 0


def from_settings(request: str) -> Plan:
    """The plan by the architect that the project's settings name."""
    from core.library import library
    from core.settings import load_settings
    from core.store import open_store
    from core.vocabulary import load_vocabulary

    settings = load_settings()
    with open_store(settings) as store:
        return plan(
            request,
            writer=writer_for("architect", settings, store),
            vocabulary=load_vocabulary(settings.asza_vocabulary),
            library=library(settings, store),
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
