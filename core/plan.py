"""A plan: specs, how names connect them, and what was not understood.

Whoever drew it up, it arrives as JSON through one door: its schema, the law of specs,
and the wiring. It is valid as a whole or refused with every fault that was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import jsonschema_rs

from core.errors import PlanError, SpecError, StackError
from core.spec import Spec, spec_from_draft
from core.vocabulary import Vocabulary
from core.wiring import OwnValue, Wire, Wiring, wire

CALLED = "function"
MOST_SPECS = 40
_NAMED = {"type": "object", "additionalProperties": {"type": "object"}}
_RULES = {"type": "array", "items": {"type": "string"}, "maxItems": 20}
_EXAMPLE = {
    "type": "object",
    "properties": {"in": {"type": "object"}, "out": {"type": "object"}},
    "required": ["in", "out"],
    "additionalProperties": False,
}
PLAN_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "specs": {
            "type": "array",
            "maxItems": MOST_SPECS,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
                    "role": {"type": "string"},
                    "intent": {"type": "string", "minLength": 1},
                    "inputs": _NAMED,
                    "outputs": {**_NAMED, "minProperties": 1},
                    "assumes": _RULES,
                    "invariants": _RULES,
                    "examples": {"type": "array", "items": _EXAMPLE},
                    "capabilities": {"type": "array", "items": {"type": "string"}},
                    "state": _NAMED,
                    "fallback": {"type": "object"},
                    "series": {"type": "boolean"},
                },
                "required": ["name", "role", "intent", "inputs", "outputs"],
                "additionalProperties": False,
            },
        },
        "not_understood": {"type": "array", "items": {"type": "string"}},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["specs", "not_understood"],
    "additionalProperties": False,
}
_VALIDATOR = jsonschema_rs.Draft202012Validator(dict(PLAN_SCHEMA))
_UNIT_OF = {
    "number": "number",
    "integer": "integer",
    "boolean": "flag",
    "string": "text",
    "array": "numbers",
}


@dataclass(frozen=True)
class Plan:
    """What will be built. `own` are the starting values that the caller will give;
    `reused` maps a spec's name to the module whose body is taken for it."""

    request: str
    stack: str
    vocabulary: Vocabulary
    specs: tuple[Spec, ...]
    wires: tuple[Wire, ...]
    own: Mapping[str, str] = field(default_factory=dict)
    not_understood: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reused: Mapping[str, str] = field(default_factory=dict)
    architect: str = ""
    means: str = ""
    cost_usd: Decimal = field(default_factory=Decimal)
    cycle: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON."""
        return {
            "request": self.request,
            "stack": self.stack,
            "architect": f"{self.architect} ({self.means})",
            "cost_usd": str(self.cost_usd),
            "cycle": self.cycle,
            "specs": [
                {"name": s.name, "role": s.role, "spec": s.text} for s in self.specs
            ],
            "wires": [
                {"consumer": w.consumer, "name": w.name, "source": w.source}
                for w in self.wires
            ],
            "starting": dict(self.own),
            "not_understood": list(self.not_understood),
            "notes": list(self.notes),
            "reused": dict(self.reused),
        }


class PlanRefused(PlanError):
    """An answer that is no lawful plan; `faults` says everything that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(
            f"the plan is not whole: {faults[0]}{more}",
            field="plan",
            remedy="say the request another way, or name another architect",
        )
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Drawn:
    """A plan's parts once they are known to be lawful and connected."""

    specs: tuple[Spec, ...]
    wiring: Wiring
    own: Mapping[str, str]
    not_understood: tuple[str, ...]
    notes: tuple[str, ...]


def draw(data: Any, *, stack: str, vocabulary: Vocabulary) -> Drawn:
    """The plan in `data`, or PlanRefused with every fault that was found.

    Data with nothing understood has no specs and no wiring to speak of; with specs it
    must wire.
    """
    if faults := list(_schema_faults(data)):
        raise PlanRefused(faults)
    specs, faults = _specs(data["specs"], stack, vocabulary)
    if not specs and not faults and not data["not_understood"]:
        faults.append("it holds no spec, and says nothing was not understood")
    if faults:
        raise PlanRefused(faults)
    own = caller_given(specs, vocabulary)
    return Drawn(
        specs=specs,
        wiring=_wired(specs, vocabulary, own),
        own=own,
        not_understood=tuple(data["not_understood"]),
        notes=tuple(data.get("notes", ())),
    )


def caller_given(specs: Sequence[Spec], vocabulary: Vocabulary) -> dict[str, str]:
    """Names that modules of role `function` read and nobody makes, with their units:
    whoever calls the stack gives them. Other roles may start from the vocabulary only."""
    made = {name for spec in specs for name in spec.contract.results}
    made |= {f"{s.name}.{each}" for s in specs for each in ("proceed", "reason")}
    return {
        name: _unit(schema)
        for spec in specs
        if spec.role == CALLED
        for name, schema in spec.contract.inputs.items()
        if name not in made
        and vocabulary.starting_value(name) is None
        and _unit(schema) in vocabulary.units
    }


def own_values(own: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, OwnValue]:
    """The caller's names as the wiring takes them."""
    return {
        name: OwnValue(vocabulary.unit(unit).schema, each="symbol")
        for name, unit in own.items()
    }


def _unit(schema: Mapping[str, Any]) -> str:
    """The unit a schema was made of, else the widest of its type."""
    named = schema.get("x-unit")
    return str(named) if named else _UNIT_OF.get(str(schema.get("type")), "")


def _schema_faults(data: Any) -> Iterator[str]:
    for error in _VALIDATOR.iter_errors(data):
        at = "/".join(map(str, error.instance_path)) or "the plan"
        yield f"{at}: {error.message}"[:300]


def _specs(
    drafts: Sequence[Mapping[str, Any]], stack: str, vocabulary: Vocabulary
) -> tuple[tuple[Spec, ...], list[str]]:
    """Every draft as a spec, and what is wrong with those that are none."""
    specs: list[Spec] = []
    faults: list[str] = []
    for draft in drafts:
        try:
            specs.append(spec_from_draft(draft, stack=stack, vocabulary=vocabulary))
        except SpecError as error:
            field_at = f" ({error.field})" if error.field else ""
            faults.append(
                f"spec {draft['name']}{field_at}: {error.message}; {error.remedy}"
            )
    return tuple(specs), faults


def _wired(
    specs: Sequence[Spec], vocabulary: Vocabulary, own: Mapping[str, str]
) -> Wiring:
    try:
        return wire(specs, vocabulary, own=own_values(own, vocabulary))
    except StackError as error:
        raise PlanRefused([f"{error.message}; {error.remedy}"]) from error
