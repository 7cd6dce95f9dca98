"""The writer that needs no model: library, rule sentences, search, shipped bodies.

It answers the same exchanges that models answer: a plan's JSON to an architect's, a
body to a writer's. Nothing in it is random or timed: the same exchange has the same
answer, byte for byte.
"""

from __future__ import annotations

from core.errors import RequestRefused
from core.llm import Answer, Exchange, Means, OnText, PlanTask, WriteTask

__all__ = ["OfflineWriter"]


Found = tuple[str, Means, str]  # the text, how it was found, what to know of it


class OfflineWriter:
    """Library, rules, search, then what was shipped; the answer says which it was."""

    name = "offline"

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """A plan's JSON or a body. RequestRefused quotes what was not understood."""
        text, means, note = self._answered(exchange)
        if on_text is not None:
            on_text(text)
        return Answer(text=text, writer=self.name, means=means, note=note)

    def _answered(self, exchange: Exchange) -> Found:
        if isinstance(exchange.task, PlanTask):
            return _plan(exchange.task)
        if isinstance(exchange.task, WriteTask):
            return _body(exchange.task)
        raise RequestRefused(
            f"The offline writer cannot answer as {exchange.role}: it plans requests "
            "and writes bodies, and reads no free text.",
            field=f"LLM_{exchange.role.upper()}",
            remedy="Set a model's key in .env, or leave this question out.",
        )


def _plan(task: PlanTask) -> Found:
    from core.llm.offline.architect import plan_json

    return plan_json(task), "rules", ""


def _body(task: WriteTask) -> Found:
    """A body the gate has not refused yet, by the first means that has one."""
    refused = _refused(task)
    for means in (_from_library, _from_rules, _from_search, _from_shipped):
        found = means(task)
        if found is not None and _normal(found[0]) not in refused:
            return found
    raise _cannot(task)


def _from_library(task: WriteTask) -> Found | None:
    from core.llm.offline.library import match

    entry = match(task.spec, task.library)
    return (entry.body, "library", f"taken from {entry.module}") if entry else None


def _from_rules(task: WriteTask) -> Found | None:
    from core.llm.offline.rules import body_from_intent

    body = body_from_intent(task.spec, task.vocabulary)
    return (body, "rules", "") if body else None


def _from_search(task: WriteTask) -> Found | None:
    from core.llm.offline.search import search

    found = search(task.spec, steps=_steps(task), refused=_refused(task))
    return (found.body, "search", found.note) if found else None


def _from_shipped(task: WriteTask) -> Found | None:
    """Last of all: what is taken where something could be written hides what cannot."""
    note = "taken from the bodies shipped with the specs"
    return (task.shipped, "library", note) if task.shipped.strip() else None


def _refused(task: WriteTask) -> tuple[str, ...]:
    bodies = (*task.refused, task.previous_body)
    return tuple(dict.fromkeys(_normal(body) for body in bodies if body))


def _normal(body: str) -> str:
    return "\n".join(line.rstrip() for line in body.strip().splitlines())


def _steps(task: WriteTask) -> int:
    from core.llm.offline.search.synthesis import STEPS

    return task.steps or STEPS


def _cannot(task: WriteTask) -> RequestRefused:
    from core.llm.offline.search import why_not

    spec = task.spec
    quote = spec.description[:160]
    reason = (
        why_not(spec, steps=_steps(task))
        or "every body found for it was refused by the gate."
    )
    return RequestRefused(
        f"“{quote}” is no rule sentence that gives {', '.join(spec.contract.results)}, "
        f"and search finds no body: {reason}",
        field=spec.name,
        value=spec.intent[:200],
        where=str(spec.path or spec.id),
        remedy="Add an example, rephrase it as a rule, or set a model's key in .env.",
    )
