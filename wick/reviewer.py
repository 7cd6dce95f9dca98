"""A model's opinion of a failure: a call of its own, which writes nothing that runs.

It is asked where the rules say `unknown`, and before a model repairs, so that whoever
writes has the fault in words. It decides nothing: a repair is judged without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from core.answers import json_in
from core.errors import BodyRefused, ModelError
from core.llm import Exchange, Writer
from core.prompting import render
from wick.causes import DATA, MODULE, OUTAGE, RESOURCE, UNKNOWN, Diagnosis

KINDS: Mapping[str, str] = {
    MODULE: "the function itself is wrong",
    DATA: "what it was given is: broken, stale, of another shape than its contract says",
    OUTAGE: "a provider or an exchange did not answer, or refused",
    RESOURCE: "time, memory or disk ran out, whatever the function does",
}

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": list(KINDS)},
        "why": {"type": "string", "description": "at most three sentences"},
    },
    "required": ["kind", "why"],
    "additionalProperties": False,
}
_MOST_TOKENS = 4_000  # a few sentences, and room for models that think in tokens
_LONGEST = 1_200  # characters of an opinion that are kept


@dataclass(frozen=True, slots=True)
class Incident:
    """A failure as it is shown to a reviewer.

    `failure` says in words what was given, what came and what should have. `contract`
    is the spec as text, `cycle` what the call is charged to.
    """

    module: str
    failure: str
    body: str = ""
    contract: str = ""
    cycle: str = ""


class Opinion(NamedTuple):
    """One of `KINDS`, or `UNKNOWN`; why; whose it is, and its US dollars."""

    kind: str
    why: str
    writer: str
    cost_usd: Decimal

    def diagnosis(self) -> Diagnosis:
        """The same as the rules would say it."""
        return Diagnosis(self.kind, self.why, (f"the opinion of {self.writer}",))


def ask_diagnosis(incident: Incident, writer: Writer) -> Opinion:
    """What the reviewer thinks is at fault.

    Raises `ModelError` when its answer is no opinion, `BudgetError` before a call that
    the money does not cover, `RequestRefused` when the writer is the offline one.
    """
    answer = writer.answer(_exchange(incident))
    try:
        said = json_in(answer.text)
    except BodyRefused as error:
        raise _unusable(error.message) from error
    kind, why = said.get("kind"), said.get("why")
    if not isinstance(why, str) or not why.strip():
        raise _unusable("it does not say why")
    known = str(kind) if kind in KINDS else UNKNOWN
    return Opinion(known, why.strip()[:_LONGEST], answer.writer, answer.cost_usd)


def _exchange(incident: Incident) -> Exchange:
    prompt = render(
        "diagnose.j2",
        kinds=KINDS,
        function=incident.module,
        contract=incident.contract,
        body=incident.body,
        failure=incident.failure,
    )
    return Exchange(
        role="reviewer",
        system=prompt.system,
        user=prompt.user,
        schema=_SCHEMA,
        max_output_tokens=_MOST_TOKENS,
        cycle=incident.cycle,
        step=f"diagnose {incident.module}",
    )


def _unusable(why: str) -> ModelError:
    return ModelError(
        f"the reviewer gave no diagnosis: {why}",
        field="answer",
        remedy="name another model in LLM_REVIEWER, or offline to do without",
    )
