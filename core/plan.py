"""A plan: specs, how their names connect, and what of the request was not understood.

`PLAN_SCHEMA` is what an architect's JSON must satisfy; `read_draft` holds a draft to it,
then to the law of specs, then to the wiring, and tells every fault at once so that one
repair round can mend them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from core.contract.exactness import kinds
from core.errors import PlanError, SpecError, StackError
from core.spec import KEYS, Spec, spec_from_draft
from core.stack.wiring import OwnValue, Wire, Wiring, wire
from core.vocabulary import Vocabulary

if TYPE_CHECKING:
    from core.existing import ExistingStack

MOST_SPECS = 60
FREE_ROLE = "function"
"""Modules of this role may read names that only their caller can give."""

_SCHEMAS = {"type": "object", "additionalProperties": {"type": "object"}}
_TEXTS = {"type": "array", "items": {"type": "string", "maxLength": 2000}}
# Not `gate_strength`, not `samples`: whose work is judged and paid for does not say how
# strictly, or how often.
_SPEC: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"},
        "role": {"type": "string"},
        "inputs": {**_SCHEMAS, "description": "name -> JSON Schema or {unit}"},
        "outputs": {**_SCHEMAS, "minProperties": 1},
        "assumes": _TEXTS,
        "invariants": _TEXTS,
        "examples": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"in": {"type": "object"}, "out": {"type": "object"}},
                "required": ["in", "out"],
                "additionalProperties": False,
            },
        },
        "capabilities": _TEXTS,
        "state": {"type": "object"},
        "fallback": {"type": ["object", "null"]},
        "series": {"type": "boolean"},
        "tests": _TEXTS,
        "intent": {"type": "string", "minLength": 1, "maxLength": 20_000},
    },
    "required": ["name", "role", "inputs", "outputs", "intent"],
    "additionalProperties": False,
}
PLAN_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "specs": {"type": "array", "items": _SPEC, "maxItems": MOST_SPECS},
        "not_understood": {**_TEXTS, "description": "parts of the request, quoted"},
        "notes": {**_TEXTS, "description": "assumptions a person should see"},
        "settings": {
            "type": "object",
            "properties": {
                "symbols": _TEXTS,
                "timeframe": {"type": "string", "maxLength": 20},
            },
            "additionalProperties": False,
        },
    },
    "required": ["specs", "not_understood"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Plan:
    """A request's modules, whole: every spec is valid and every name connects.

    `reused` maps a spec's name to the module that is taken for it. `settings` are what
    the request says of where to run (`symbols`, `timeframe`). `own` are the starting
    values that callers give, name -> unit. A plan with `not_understood` is to be shown,
    not built. With `joins` its stack stands already: only specs that are not reused are
    new, and nothing else of the stack is written.
    """

    request: str
    stack: str
    vocabulary: Vocabulary = field(repr=False, compare=False)
    specs: tuple[Spec, ...]
    wiring: Wiring
    not_understood: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    reused: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)
    architect: str = ""
    means: str = ""
    cost_usd: Decimal = Decimal(0)
    cycle: str = ""
    joins: bool = False

    @property
    def wires(self) -> tuple[Wire, ...]:
        """Where every input of every module comes from."""
        return self.wiring.wires

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON: shown, and kept in the store."""
        return {
            "request": self.request,
            "stack": self.stack,
            "vocabulary": self.vocabulary.name,
            "specs": [{"name": s.name, "text": s.text} for s in self.specs],
            "wires": [
                {"consumer": w.consumer, "name": w.name, "source": w.source}
                for w in self.wires
            ],
            "not_understood": list(self.not_understood),
            "notes": list(self.notes),
            "settings": dict(self.settings),
            "reused": dict(self.reused),
            "own": dict(self.own),
            "architect": self.architect,
            "means": self.means,
            "cost_usd": str(self.cost_usd),
            "cycle": self.cycle,
            "joins": self.joins,
        }


class BadPlan(PlanError):
    """A draft that is no plan; `faults` has one sentence for each thing wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(
            "the plan is not whole: " + "; ".join(faults),
            field="plan",
            remedy="say the request in other words, or name another architect",
        )
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Draft:
    """An architect's JSON under the law: specs that are valid and connect."""

    specs: tuple[Spec, ...]
    wiring: Wiring
    own: Mapping[str, str]
    not_understood: tuple[str, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]


def read_draft(
    data: Any,
    *,
    stack: str,
    vocabulary: Vocabulary,
    joins: ExistingStack | None = None,
) -> Draft:
    """The draft in an architect's JSON; `BadPlan` with every fault found.

    With `joins` its specs are wired into that stack, and each must do something there.
    """
    _refuse(_schema_faults(data))
    specs, faults = _specs(data["specs"], stack, vocabulary)
    _refuse([*faults, *_taken_names(specs, vocabulary)])
    own = {} if joins else own_values(specs, vocabulary)
    try:
        if joins:
            wiring = joins.wiring(specs)
            _refuse(list(joins.idle(specs)))
        else:
            wiring = wire(specs, vocabulary, own=_as_own(own, vocabulary))
    except StackError as error:
        raise BadPlan([f"{error.message} ({error.remedy})"]) from error
    return Draft(
        specs=specs,
        wiring=wiring,
        own=own,
        not_understood=tuple(data["not_understood"]),
        notes=tuple(data.get("notes", ())),
        settings=data.get("settings", {}),
    )


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(dict(PLAN_SCHEMA))


def _schema_faults(data: Any) -> list[str]:
    """The ten worst offences against the plan's schema, each with its place."""
    found = []
    for error in _validator().iter_errors(data):
        place = "/".join(map(str, error.instance_path)) or "the plan"
        found.append(f"{place}: {error.message[:300]}")
    return found[:10]


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise BadPlan(faults)


def _specs(
    drafts: Sequence[Mapping[str, Any]], stack: str, vocabulary: Vocabulary
) -> tuple[tuple[Spec, ...], list[str]]:
    specs, faults = [], []
    for draft in drafts:
        try:
            specs.append(
                spec_from_draft(_plain(draft), stack=stack, vocabulary=vocabulary)
            )
        except SpecError as error:
            faults.append(f"spec '{draft['name']}': {error.message} ({error.remedy})")
    return tuple(specs), faults


def _plain(draft: Mapping[str, Any]) -> dict[str, Any]:
    """The draft without keys that say nothing, as a person would leave them out."""
    kept = {k: v for k, v in draft.items() if k in (*KEYS, "intent")}
    empty: tuple[Any, ...] = ([], {}, None)
    needed = ("name", "role", "inputs", "outputs")
    return {k: v for k, v in kept.items() if k in needed or v not in empty}


def _taken_names(specs: Sequence[Spec], vocabulary: Vocabulary) -> Iterator[str]:
    for spec in specs:
        for name in spec.contract.results:
            if vocabulary.starting_value(name):
                yield f"spec '{spec.name}' makes '{name}', which is a starting value"


def own_values(specs: Sequence[Spec], vocabulary: Vocabulary) -> dict[str, str]:
    """Names that free modules read and nothing makes: the caller gives them."""
    made = {name for spec in specs for name in spec.contract.results}
    found: dict[str, str] = {}
    for spec in specs:
        for name, schema in spec.contract.inputs.items():
            known = name in made or vocabulary.starting_value(name) is not None
            if spec.role == FREE_ROLE and not known:
                found.setdefault(name, _unit(schema, vocabulary))
    return found


def _unit(schema: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """The unit a caller's value is declared with: its own, else one of its type."""
    own = schema.get("x-unit", "")
    if own in vocabulary.units:
        return str(own)
    kind = next((k for k in kinds(schema) if k != "null"), "number")
    units = {"integer": "integer", "boolean": "flag", "string": "text"}
    return "numbers" if kind == "array" else units.get(kind, "number")


def _as_own(own: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, OwnValue]:
    return {n: OwnValue(vocabulary.unit(u).schema, "symbol") for n, u in own.items()}
