"""A module's contract, and the doors that check it on every call.

Light on purpose (stdlib and jsonschema-rs): the wrapper imports it. Schemas here
are resolved: units replaced by what they mean, `x-unit` keeping their name.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import jsonschema_rs

from core.contract.exactness import Violation, exact_check, explain, quick_door
from core.contract.expressions import compile_rules, parse_expression
from core.names import STATE_PREFIX

Schema = Mapping[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """Complete inputs (previous state included) and the outputs they must give."""

    inputs: Values
    out: Values


@dataclass(frozen=True, slots=True)
class Capability:
    """A host function a body may call; its output may be null: it may abstain."""

    name: str
    inputs: Mapping[str, Schema]
    output: Schema
    description: str = ""


@dataclass(frozen=True, slots=True)
class StateField:
    """What a module must remember: its schema, and its value before the first call."""

    schema: Schema
    initial: Any


@dataclass(frozen=True)
class Contract:
    """What a module is given and must give, as resolved JSON Schemas and rules."""

    inputs: Mapping[str, Schema]
    outputs: Mapping[str, Schema]
    assumes: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    state: Mapping[str, StateField] = field(default_factory=dict)
    fallback: Values | None = None
    safer: Mapping[str, str] = field(default_factory=dict)
    series: bool = False

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def parameter_schemas(self) -> dict[str, Schema]:
        """Schemas of what a body is given: inputs, then previous state."""
        previous = {STATE_PREFIX + k: v.schema for k, v in self.state.items()}
        return {**self.inputs, **previous}

    @cached_property
    def result_schemas(self) -> dict[str, Schema]:
        """Schemas of what a body returns: outputs, then state."""
        return {**self.outputs, **{k: v.schema for k, v in self.state.items()}}

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names a body is given, in the order of its signature."""
        return tuple(self.parameter_schemas)

    @property
    def results(self) -> tuple[str, ...]:
        """The names a body returns."""
        return tuple(self.result_schemas)

    def input_schema(self) -> dict[str, Any]:
        """The 2020-12 object schema of the parameters; all required, no others."""
        return _object(self.parameter_schemas)

    def output_schema(self) -> dict[str, Any]:
        """The 2020-12 object schema of the results; all required, no others."""
        return _object(self.result_schemas)

    def initial_state(self) -> dict[str, Any]:
        """Each state field's value before the first call."""
        return {name: field.initial for name, field in self.state.items()}

    def as_dict(self) -> dict[str, Any]:
        """The contract as plain JSON."""
        return {
            "input": self.input_schema(),
            "output": self.output_schema(),
            "assumes": list(self.assumes),
            "invariants": list(self.invariants),
            "examples": [
                {"in": dict(e.inputs), "out": dict(e.out)} for e in self.examples
            ],
            "capabilities": {
                name: {"inputs": dict(c.inputs), "output": dict(c.output)}
                for name, c in self.capabilities.items()
            },
            "state": self.initial_state(),
            "fallback": self.fallback and dict(self.fallback),
            "safer": dict(self.safer),
            "series": self.series,
        }

    @cached_property
    def digest(self) -> str:
        """12 hex of the contract's canonical JSON: equal contracts, equal digests."""
        text = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Doors:
    """A contract compiled for the hot path.

    `inputs_valid` and `outputs_valid` answer from the schemas alone, at under half
    a microsecond for a few scalars; the `explain` doors say what is wrong and are
    for the failing path.
    """

    contract: Contract
    inputs_valid: Callable[[Any], bool]
    outputs_valid: Callable[[Any], bool]
    broken_assumption: Callable[[Values], str | None]
    broken_invariant: Callable[[Values, Values], str | None]

    def explain_inputs(self, values: Any) -> Violation | None:
        """The first thing wrong with `values` as inputs, or None."""
        return explain(self.contract.input_schema(), values)

    def explain_outputs(self, values: Any) -> Violation | None:
        """The first thing wrong with `values` as outputs, or None."""
        return explain(self.contract.output_schema(), values)


@lru_cache(maxsize=512)
def compile_contract(contract: Contract) -> Doors:
    """Validators and rules of `contract`, compiled once; SpecError on a bad rule."""
    given, results = contract.parameter_schemas, contract.result_schemas
    assumes = compile_rules([parse_expression(t, given) for t in contract.assumes])
    known = {**given, **results}
    invariants = [parse_expression(text, known) for text in contract.invariants]
    promised = compile_rules(invariants, tuple(results))
    return Doors(
        contract=contract,
        inputs_valid=door(contract.input_schema()),
        outputs_valid=door(contract.output_schema()),
        broken_assumption=lambda inputs: assumes.broken(inputs, {}),
        broken_invariant=promised.broken,
    )


def door(schema: Schema) -> Callable[[Any], bool]:
    """The check of `schema`: a shortcut for flat numbers, then the law itself."""
    is_valid = jsonschema_rs.Draft202012Validator(bare(schema)).is_valid
    exact = exact_check(schema)

    def judge(values: Any) -> bool:
        try:
            return is_valid(values) and exact(values)
        except ValueError:  # a type JSON has no word for, such as a numpy scalar
            return False

    return quick_door(schema, judge) or judge


def bare(schema: Any) -> Any:
    """`schema` without the keys that judge nothing."""
    if isinstance(schema, list):
        return [bare(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {k: v for k, v in schema.items() if k not in ("x-unit", "description")}
    names = kept.get("properties")
    rest = {k: bare(v) for k, v in kept.items() if k != "properties"}
    if isinstance(names, Mapping):
        rest["properties"] = {name: bare(part) for name, part in names.items()}
    return rest


def _object(schemas: Mapping[str, Schema]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: dict(schema) for name, schema in schemas.items()},
        "required": list(schemas),
        "additionalProperties": False,
    }
