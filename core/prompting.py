"""Prompts: Jinja2 templates under prompts/, filled from specs, rules and vocabularies.

A template has two blocks, `system` and `user`. A name it uses that is not given is an
error, never an empty place in a prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from core.body import body_rules_text
from core.contract import bare
from core.spec.text import describe

if TYPE_CHECKING:
    from core.llm import PlanTask, WriteTask

FOLDER = Path(__file__).resolve().parent.parent / "prompts"
MOST_LIBRARY = 20  # modules shown to the architect; the newest match is found by text
_CLOSES = re.compile(
    r"</(?=(request|spec|plan|body|module|failure|cases|review)>)", re.IGNORECASE
)
_LONGEST_ECHO = 4_000  # characters of an earlier answer that are shown again


@dataclass(frozen=True, slots=True)
class Prompt:
    """The two texts of an exchange."""

    system: str
    user: str


def writer_prompt(task: WriteTask) -> Prompt:
    """What a model is asked for one body; with findings it is the repair round."""
    spec = task.spec
    return render(
        "writer.j2",
        spec=spec,
        contract=describe(spec),
        rules=body_rules_text(spec),
        output_schema=json.dumps(bare(spec.contract.output_schema())),
        previous_body=task.previous_body.strip()[:_LONGEST_ECHO],
        findings=task.findings,
    )


def architect_prompt(task: PlanTask) -> Prompt:
    """What a model is asked for a plan; with errors it is the repair round.

    The schema of a plan is not in it: it goes with the exchange, and a writer whose API
    does not enforce it puts it into the prompt.
    """
    return render("architect.j2", task=task, library=task.library[:MOST_LIBRARY])


def ask_prompt(question: str) -> Prompt:
    """What a model is asked for a module that may ask one."""
    return render("ask.j2", question=question)


def render(name: str, **values: Any) -> Prompt:
    """Both blocks of a template."""
    template = _environment().get_template(name)

    def block(part: str) -> str:
        context = template.new_context(values)
        return "".join(template.blocks[part](context)).strip()

    return Prompt(block("system"), block("user"))


def inside(text: str) -> str:
    """A text that cannot close the tag it is put into."""
    return _CLOSES.sub("< /", text)


def shown(counterexample: Mapping[str, Any] | None) -> str:
    """The inputs that show a fault, as JSON, or nothing."""
    if counterexample is None:
        return ""
    return f"\n  shown by {json.dumps(counterexample, ensure_ascii=False, default=str)}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        # The output is text for a model, not HTML.
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inside"] = inside
    environment.globals["shown"] = shown
    return environment
