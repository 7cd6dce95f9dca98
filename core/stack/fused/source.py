"""The source of one phase as one Python function: inputs are locals, checks comparisons.

A module's turn is redone by `odd` on any anomaly; what that cannot settle ends the
function with the module's place, and the ordinary tick goes on from there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from core.contract import Contract
from core.names import STATE_PREFIX
from core.stack.bind import Stage, Step
from core.stack.fused.checks import Schema, Space, implies, test_of
from core.stack.fused.inline import gives_only, inlined
from core.stack.fused.layout import PASSED, made_as
from core.stack.fused.rules import rule_test
from core.stack.wiring import PROCEED, RESERVED
from core.wrapper import nests

NAMES = "cell, whole, state, symbol, odd"


class Asking(Exception):
    """A body is about to ask a capability."""


def asking(*_: object, **__: object) -> NoReturn:
    """Stands where a capability would: that turn is the bound call's, which records."""
    raise Asking


@dataclass(frozen=True)
class Known:
    """What is known of names before a phase runs.

    `made` has the schema of what a module of the same cells made and checked, `checked`
    the names whose every reader's schema was tested already. `unsure` may not be there.
    """

    places: Mapping[str, str]
    made: Mapping[str, Schema]
    checked: Collection[str]
    unsure: Collection[str]


@dataclass
class PhaseWriter:
    """Writes the function of one phase; what its source names goes into `space`."""

    stage: Stage
    contracts: Mapping[str, Contract]
    numbers: Mapping[str, int]
    native: Collection[str]
    known: Known
    cells: Mapping[str, int]
    space: Space
    lines: list[str] = field(default_factory=list)

    def source(self) -> str:
        """The whole function, called `phase`."""
        self._made = dict(self.known.made)
        self._unsure = set(self.known.unsure)
        self._loaded: set[str] = set()
        for place, step in enumerate(self.stage.steps):
            self._step(place, step)
        self._put(f"cell[{self._end}] = {PASSED}", 1)
        return f"def phase({NAMES}):\n" + "\n".join(self.lines)

    @property
    def _end(self) -> int:
        return self.cells[f"#{self.stage.phase.name}"]

    def _put(self, text: str, depth: int) -> None:
        self.lines.append("    " * depth + text)

    def _step(self, place: int, step: Step) -> None:
        contract = self.contracts[step.module]
        for name in step.parameters:
            self._load(name)
        missing = [name for name in step.parameters if name in self._unsure]
        results = [made_as(step, name) for name in contract.results]
        if missing:
            gone = " or ".join(f"{variable(name)} is GONE" for name in missing)
            self._put(f"if {gone}:", 1)
            for name in results:
                self._put(f"{variable(name)} = GONE", 2)
            self._put("else:", 1)
            self._unsure.update(results)
        self._turn(place, step, contract, 2 if missing else 1)
        self._made.update(
            (made_as(step, name), schema)
            for name, schema in contract.result_schemas.items()
        )
        self._loaded.update(results)

    def _load(self, name: str) -> None:
        if name not in self._loaded:
            self._put(f"{variable(name)} = {self.known.places[name]}", 1)
            self._loaded.add(name)

    def _turn(self, place: int, step: Step, contract: Contract, depth: int) -> None:
        given = ", ".join(variable(name) for name in step.parameters)
        if step.module in self.native:
            self._try(step, contract, given, depth)
            self._put("if not ok:", depth)
            self._odd(place, step, contract, given, depth + 1)
        else:
            self._odd(place, step, contract, given, depth)
        self._keep(place, step, contract, depth)

    def _try(self, step: Step, contract: Contract, given: str, depth: int) -> None:
        """Run the body between its doors; `ok` says whether everything held."""
        number, before = self.numbers[step.module], self._before(contract)
        inner = depth + 1
        self._put("try:", depth)
        if before:
            self._put(f"ok = {' and '.join(before)}", inner)
            self._put("if ok:", inner)
            inner += 1
        lines = self._inlined(step, contract, number)
        for line in lines or ():
            self._put(line, inner)
        if lines is None:
            hosts = [f"{name}=asking" for name in contract.capabilities]
            self._put(f"made = body_{number}({', '.join([given, *hosts])})", inner)
            self._take(step, contract, inner)
        self._put(f"ok = {' and '.join(self._after(step, contract))}", inner)
        self._put("except Exception:", depth)
        self._put("ok = False", depth + 1)

    def _inlined(self, step: Step, contract: Contract, number: int) -> list[str] | None:
        if step.target is None:
            return None
        given = dict.fromkeys(contract.capabilities, "asking")
        given |= {name: variable(name) for name in step.parameters}
        results = {name: variable(made_as(step, name)) for name in contract.results}
        prefix = f"b{number}_"
        return inlined(step.target.source, given, results, prefix, self.space)

    def _odd(
        self, place: int, step: Step, contract: Contract, given: str, depth: int
    ) -> None:
        comma = "," if len(step.parameters) == 1 else ""
        call = f"odd({self.numbers[step.module]}, symbol, ({given}{comma}))"
        self._put(f"made = {call}", depth)
        self._put("if made is None:", depth)
        self._put(f"return {place}", depth + 1)
        self._take(step, contract, depth)

    def _take(self, step: Step, contract: Contract, depth: int) -> None:
        for name in contract.results:
            self._put(f"{variable(made_as(step, name))} = made[{name!r}]", depth)

    def _keep(self, place: int, step: Step, contract: Contract, depth: int) -> None:
        for name, schema in contract.result_schemas.items():
            kept = made_as(step, name)
            value = variable(kept)
            if nests(schema):
                self._put(f"{value} = {copy_source(schema, value)}", depth)
            self._put(f"cell[{self.cells[kept]}] = {value}", depth)
        if PROCEED in contract.outputs:
            self._put(f"if {variable(made_as(step, PROCEED))} is False:", depth)
            self._put(f"cell[{self._end}] = {place}", depth + 1)
            self._put("return None", depth + 1)

    def _before(self, contract: Contract) -> list[str]:
        """Tests of what is not proven of the inputs, then what the module assumes."""
        tests = [
            test_of(schema, variable(name), self.space)
            for name, schema in contract.parameter_schemas.items()
            if not self._proven(name, schema)
        ]
        given = contract.parameter_schemas
        variables = {name: variable(name) for name in given}
        return tests + [
            rule_test(text, given, variables, self.space) for text in contract.assumes
        ]

    def _proven(self, name: str, wanted: Schema) -> bool:
        if name in self.known.checked:
            return True
        made = self._made.get(name)
        return made is not None and implies(made, wanted)

    def _after(self, step: Step, contract: Contract) -> list[str]:
        """Tests of the outputs, then what the module promises."""
        results = contract.result_schemas
        variables = {name: variable(name) for name in contract.parameter_schemas}
        variables |= {name: variable(made_as(step, name)) for name in results}
        tests = [
            test_of(schema, variables[name], self.space)
            for name, schema in results.items()
        ]
        target = step.target
        if target is None or not gives_only(target.source, results):
            tests.insert(0, f"type(made) is dict and len(made) == {len(results)}")
        schemas = {**contract.parameter_schemas, **results}
        return tests + [
            rule_test(text, schemas, variables, self.space)
            for text in contract.invariants
        ]


def variable(name: str) -> str:
    """The local that holds a name; `module.reason` and `module.proceed` have a dot."""
    module, _, last = name.rpartition(".")
    return f"r_{module}_{last}" if last in RESERVED and module else f"v_{name}"


def copy_source(schema: Schema, value: str) -> str:
    """A copy of a value of this schema, which holds others: of a flat list or of rows the
    quick way, of all else part by part."""
    items = schema.get("items")
    if schema.get("type") != "array" or not isinstance(items, Mapping):
        return f"copied({value})"
    if not nests(items):
        return f"{value}[:]"
    flat = items.get("type") == "object" and items.get("additionalProperties") is False
    if flat and not any(map(nests, items.get("properties", {}).values())):
        return f"[{{**each}} for each in {value}]"
    return f"copied({value})"


def answer_source(contract: Contract, space: Space) -> str:
    """A function that says whether outputs that another call gave fit the contract."""
    tests = [
        f"(v := made[{name!r}], {test_of(schema, 'v', space)})[1]"
        for name, schema in contract.result_schemas.items()
    ]
    size = f"type(made) is dict and len(made) == {len(contract.result_schemas)}"
    return f"def fits(made): return {' and '.join([size, *tests])}"


def previous(step: Step) -> dict[str, str]:
    """Where a module finds its own state: in the dict of what was kept."""
    return {STATE_PREFIX + name: f"state[{name!r}]" for name in step.state}
