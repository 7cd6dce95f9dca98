"""A spec's examples and fallback, held against the rest of its contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.contract import Contract, Doors, Example
from core.contract.exactness import Violation, kinds
from core.errors import SpecError
from core.names import STATE_PREFIX
from core.spec.front_matter import Path, show_path
from core.spec.schemas import Resolver

Schema = Mapping[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExampleReader:
    """Reads values that must obey a contract; SpecError at the first that does not."""

    resolver: Resolver
    contract: Contract
    doors: Doors

    def examples(self, written: Sequence[Any]) -> tuple[Example, ...]:
        """Every example, complete: previous state left out is the initial value."""
        places: list[Path] = [("examples", index) for index in range(len(written))]
        return tuple(map(self._example, written, places))

    def _example(self, written: Any, path: Path) -> Example:
        shaped = isinstance(written, Mapping) and set(written) == {"in", "out"}
        if not shaped or not all(isinstance(p, Mapping) for p in written.values()):
            remedy = "write {in: {…}, out: {…}}"
            raise self.resolver.refuse(path, "is no example", remedy, written)
        first = self.contract.initial_state()
        given = {**{STATE_PREFIX + k: v for k, v in first.items()}, **written["in"]}
        inputs = as_floats(self.contract.input_schema(), given)
        out = as_floats(self.contract.output_schema(), dict(written["out"]))
        self._obeys(inputs, out, path, written)
        return Example(
            {name: inputs[name] for name in self.contract.parameters},
            {name: out[name] for name in self.contract.results},
        )

    def _obeys(self, inputs: Values, out: Values, path: Path, written: Any) -> None:
        doors, given, made = self.doors, (*path, "in"), (*path, "out")
        if found := doors.explain_inputs(inputs):
            raise violated(self.resolver, given, found, "the inputs' schema")
        if found := doors.explain_outputs(out):
            raise violated(self.resolver, made, found, "the outputs' schema")
        if rule := doors.broken_assumption(inputs):
            raise self._broken(given, rule, written)
        if rule := doors.broken_invariant(inputs, out):
            raise self._broken(made, rule, written)

    def _broken(self, path: Path, rule: str, written: Any) -> SpecError:
        why, remedy = f"breaks the rule '{rule}'", "mend the example or the rule"
        return self.resolver.refuse(path, why, remedy, written)

    def fallback(self, written: Any, examples: Sequence[Example]) -> Values | None:
        """The fallback as written; state it does not name will stay as it was."""
        path: Path = ("fallback",)
        if written is None:
            return None
        if not isinstance(written, Mapping):
            remedy = "write fallback: {output: value}"
            raise self.resolver.refuse(path, "is no mapping", remedy, written)
        first = self.contract.initial_state()
        whole = as_floats(self.contract.output_schema(), {**first, **written})
        if found := self.doors.explain_outputs(whole):
            raise violated(self.resolver, path, found, "the outputs' schema")
        own = {name: whole[name] for name in self.contract.results if name in written}
        for index, example in enumerate(examples):
            self._keeps_rules(own, example, index)
        return own

    def _keeps_rules(self, own: Values, example: Example, index: int) -> None:
        """The fallback keeps the invariants on an example's inputs."""
        kept = {k: example.inputs[STATE_PREFIX + k] for k in self.contract.state}
        rule = self.doors.broken_invariant(example.inputs, {**kept, **own})
        if rule:
            why = f"breaks the rule '{rule}' on the inputs of examples[{index}]"
            remedy = "choose a fallback that keeps every invariant"
            raise self.resolver.refuse(("fallback",), why, remedy, dict(own))


def violated(resolver: Resolver, path: Path, found: Violation, law: str) -> SpecError:
    """A violation of a schema, told as an error of the spec at `path`."""
    at = (*path, *found.field.split(".")) if found.field else path
    value = "" if found.value is None else f" = {found.value!r}"
    why = f"'{show_path(at)}'{value} breaks {law}: {found.rule}"
    return resolver.error(at, why, found.remedy, found.value)


def as_floats(schema: Schema, value: Any) -> Any:
    """`value` with integers written where numbers are due turned into floats."""
    if type(value) is int and "number" in kinds(schema) and abs(value) < 2**53:
        return float(value)
    if isinstance(value, list) and "items" in schema:
        return [as_floats(schema["items"], part) for part in value]
    if isinstance(value, Mapping):
        fields, extra = schema.get("properties", {}), schema.get("additionalProperties")
        rest = extra if isinstance(extra, Mapping) else {}
        return {k: as_floats(fields.get(k, rest), part) for k, part in value.items()}
    return value
