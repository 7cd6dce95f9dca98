"""From a spec's front matter to its contract, every part checked against the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.contract import (
    Capability,
    Contract,
    StateField,
    compile_contract,
)
from core.contract.exactness import explain, kinds
from core.contract.expressions import parse_expression
from core.errors import SpecError
from core.names import RESERVED_OUTPUTS, STATE_PREFIX, name_fault, suggest
from core.spec.examples import ExampleReader, as_floats, violated
from core.spec.front_matter import Path, show_path
from core.spec.schemas import Resolver
from core.vocabulary import Role

Schema = Mapping[str, Any]

MAX_INPUTS = 16
MAX_OUTPUTS = 16
MAX_STATE = 8
MAX_RULES = 50
MAX_EXAMPLES = 200
SAFER = ("lower", "higher", "equal")
_ORDERED = {"number", "integer", "boolean"}


@dataclass(frozen=True, slots=True)
class ContractReader:
    """Reads one document's contract; SpecError at the first thing that is wrong."""

    resolver: Resolver
    role: Role

    @property
    def data(self) -> dict[str, Any]:
        """The front matter."""
        return self.resolver.document.data

    def read(self) -> Contract:
        """The whole contract, compiled once to prove that it can be."""
        inputs = self._schemas("inputs", MAX_INPUTS)
        outputs = self._schemas("outputs", MAX_OUTPUTS, extra=("safer",))
        contract = Contract(
            inputs=inputs,
            outputs=outputs,
            capabilities=self._capabilities(),
            state=self._state(),
            safer=self._safer(outputs),
            series=self._series(inputs, outputs),
        )
        self._clashes(contract)
        self._role_outputs(outputs)
        contract = self._with_rules(contract)
        doors = compile_contract(contract)
        shown = ExampleReader(self.resolver, contract, doors)
        examples = shown.examples(self._list("examples", MAX_EXAMPLES))
        fallback = shown.fallback(self.data.get("fallback"), examples)
        return replace(contract, examples=examples, fallback=fallback)

    def _mapping(self, key: str, most: int) -> dict[str, Any]:
        found = self.data.get(key) or {}
        if not isinstance(found, Mapping):
            why = f"is {found!r}, not a mapping of names"
            raise self.resolver.refuse((key,), why, f"write {key}: {{name: …}}", found)
        if len(found) > most:
            why = f"has {len(found)} names, more than {most}"
            remedy = "split the module: ten lines cannot use more"
            raise self.resolver.refuse((key,), why, remedy, len(found))
        return dict(found)

    def _list(self, key: str, most: int) -> list[Any]:
        found = self.data.get(key) or []
        if not isinstance(found, list):
            why = f"is {found!r}, not a list"
            raise self.resolver.refuse((key,), why, f"write {key}: […]", found)
        if len(found) > most:
            why = f"has {len(found)} entries, more than {most}"
            raise self.resolver.refuse((key,), why, "keep the telling ones", len(found))
        return found

    def _schemas(
        self, key: str, most: int, extra: Sequence[str] = ()
    ) -> dict[str, Schema]:
        written = self._mapping(key, most)
        if not written and key == "outputs":
            why = "names nothing: a module returns something"
            raise self.resolver.refuse((key,), why, "name an output", written)
        for name in written:
            self._plain_name(name, (key, name), outputs=key == "outputs")
            if key != "outputs":
                self._no_safer(written[name], (key, name))
        resolve = self.resolver.resolve
        return {k: resolve(v, (key, k), extra) for k, v in written.items()}

    def _no_safer(self, written: Any, path: Path) -> None:
        if isinstance(written, Mapping) and "safer" in written:
            why, remedy = "is not an output", "state 'safer' at an output only"
            raise self.resolver.refuse((*path, "safer"), why, remedy, written["safer"])

    def _plain_name(self, name: str, path: Path, *, outputs: bool = False) -> None:
        if fault := name_fault(name):
            why, remedy = f"is no name: {fault}", "choose another name"
        elif name.startswith(STATE_PREFIX):
            why = f"begins with '{STATE_PREFIX}', which is kept for state"
            remedy = f"declare state: {{{name.removeprefix(STATE_PREFIX)}: …}}"
        elif name in RESERVED_OUTPUTS and not outputs:
            why, remedy = "is reserved for outputs", "choose another name"
        else:
            return
        raise self.resolver.refuse(path, why, remedy, name)

    def _state(self) -> dict[str, StateField]:
        written = self._mapping("state", MAX_STATE)
        return {name: self._field(name, part) for name, part in written.items()}

    def _field(self, name: str, written: Any) -> StateField:
        path: Path = ("state", name)
        self._plain_name(name, path)
        self._no_safer(written, path)
        if not isinstance(written, Mapping) or "initial" not in written:
            remedy = "write {unit: …, initial: …}"
            raise self.resolver.refuse(path, "has no initial value", remedy, written)
        if not {"unit", "type", "enum", "const"} & set(written):
            raise self.resolver.refuse(path, "has no unit or type", "add one", written)
        schema = self._state_schema(written, path)
        initial = as_floats(schema, written["initial"])
        if found := explain(schema, initial):
            raise violated(
                self.resolver, (*path, "initial"), found, "the state's schema"
            )
        return StateField(schema, initial)

    def _state_schema(self, written: Mapping[str, Any], path: Path) -> Schema:
        return self.resolver.resolve(written, path, extra=("initial",))

    def _safer(self, outputs: Mapping[str, Schema]) -> dict[str, str]:
        written = self.data["outputs"]
        found: dict[str, str] = {}
        for name, schema in outputs.items():
            own = written[name] if isinstance(written[name], Mapping) else {}
            direction = own.get("safer", self.role.safer.get(name))
            if direction is None:
                continue
            path: Path = ("outputs", name, "safer")
            if direction not in SAFER:
                why, remedy = f"is {direction!r}", f"write one of: {', '.join(SAFER)}"
                raise self.resolver.refuse(path, why, remedy, direction)
            if direction != "equal" and not set(kinds(schema)) <= _ORDERED:
                why = f"is {direction}, but {name} has no order"
                raise self.resolver.refuse(path, why, "write equal", direction)
            found[name] = direction
        return found

    def _series(
        self, inputs: Mapping[str, Schema], outputs: Mapping[str, Schema]
    ) -> bool:
        series = self.data.get("series", False)
        if type(series) is not bool:
            why = f"is {series!r}, not true or false"
            raise self.resolver.refuse(("series",), why, "write true or false", series)
        for group, schemas in (("inputs", inputs), ("outputs", outputs)):
            if series and not any("array" in kinds(s) for s in schemas.values()):
                why = f"is true, but no list is among the {group}"
                remedy = "a series module takes lists and gives lists as long"
                raise self.resolver.refuse(("series",), why, remedy, series)
        return series

    def _capabilities(self) -> dict[str, Capability]:
        found: dict[str, Capability] = {}
        for index, written in enumerate(self._list("capabilities", MAX_STATE)):
            path: Path = ("capabilities", index)
            capability = self._capability(written, path)
            if capability.name in found:
                why = f"names '{capability.name}' twice"
                raise self.resolver.refuse(path, why, "keep one", written)
            found[capability.name] = capability
        return found

    def _capability(self, written: Any, path: Path) -> Capability:
        known = self.resolver.vocabulary.capabilities
        if isinstance(written, str):
            if written in known:
                return known[written]
            why, remedy = f"is the unknown '{written}'", suggest(written, known)
            raise self.resolver.refuse(path, why, remedy, written)
        if not isinstance(written, Mapping) or not {"name", "output"} <= set(written):
            remedy = "write {name: …, inputs: {…}, output: {…}, description: …}"
            raise self.resolver.refuse(path, "has no name or output", remedy, written)
        keys = ("name", "inputs", "output", "description")
        for key in written:
            if key not in keys:
                why = "is not a key of a capability"
                raise self.resolver.refuse((*path, key), why, suggest(key, keys), key)
        self._plain_name(written["name"], (*path, "name"))
        return self._declared(written, path)

    def _declared(self, written: Mapping[str, Any], path: Path) -> Capability:
        inputs = written.get("inputs") or {}
        if not isinstance(inputs, Mapping):
            why, at = f"is {inputs!r}, not a mapping of names", (*path, "inputs")
            raise self.resolver.refuse(at, why, "write {name: …}", inputs)
        for name in inputs:
            self._plain_name(name, (*path, "inputs", name))
        resolve = self.resolver.resolve
        return Capability(
            name=written["name"],
            inputs={k: resolve(v, (*path, "inputs", k)) for k, v in inputs.items()},
            output=nullable(resolve(written["output"], (*path, "output"))),
            description=str(written.get("description", "")),
        )

    def _clashes(self, contract: Contract) -> None:
        """Each name of a contract means one thing."""
        groups = {
            "inputs": contract.inputs,
            "outputs": contract.outputs,
            "state": contract.state,
            "capabilities": contract.capabilities,
        }
        seen: dict[str, str] = {}
        for group, names in groups.items():
            for name in names:
                if name in seen:
                    why = f"'{name}' stands in {seen[name]} and in {group}"
                    path: Path = (group,) if group == "capabilities" else (group, name)
                    raise self.resolver.error(path, why, "rename one", name)
                seen[name] = group

    def _role_outputs(self, outputs: Mapping[str, Schema]) -> None:
        """An output its role or the framework knows has the type they expect."""
        for name, schema in outputs.items():
            wanted = self._expected(name)
            if wanted and set(kinds(schema)) - {"null"} != set(wanted) - {"null"}:
                why = f"is {'/'.join(kinds(schema))}, where {'/'.join(wanted)} is due"
                remedy = f"'{name}' has a meaning to the role '{self.role.name}'"
                raise self.resolver.refuse(("outputs", name), why, remedy, dict(schema))

    def _expected(self, name: str) -> tuple[str, ...]:
        if name in RESERVED_OUTPUTS:
            return (RESERVED_OUTPUTS[name],)
        known = self.role.outputs.get(name)
        if isinstance(known, str):
            known = self.resolver.vocabulary.unit(known).schema
        return kinds(known) if known else ()

    def _with_rules(self, contract: Contract) -> Contract:
        given = contract.parameter_schemas
        known = {**given, **contract.result_schemas}
        assumes = self._rules("assumes", given)
        invariants = self._rules("invariants", known)
        if contract.series:
            lists = [n for n, s in contract.inputs.items() if "array" in kinds(s)]
            made = [n for n, s in contract.outputs.items() if "array" in kinds(s)]
            assumes += _equal_lengths(lists, assumes)
            invariants += _equal_lengths([lists[0], *made], invariants)
        return replace(contract, assumes=assumes, invariants=invariants)

    def _rules(self, key: str, names: Mapping[str, Schema]) -> tuple[str, ...]:
        rules = self._list(key, MAX_RULES)
        for index, text in enumerate(rules):
            try:
                parse_expression(text, names)
            except SpecError as error:
                path: Path = (key, index)
                why = f"{show_path(path)}: {error.message}"
                raise self.resolver.error(path, why, error.remedy, text) from error
        return tuple(str(text).strip() for text in rules)


def nullable(schema: Schema) -> Schema:
    """`schema` with null among its values."""
    named = kinds(schema)
    if "null" in named:
        return schema
    listed = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*named, "null"], **listed}


def _equal_lengths(names: Sequence[str], rules: tuple[str, ...]) -> tuple[str, ...]:
    """The rule that lists are equally long, unless it is written already."""
    rule = " == ".join(f"len({name})" for name in names)
    return (rule,) if len(names) > 1 and rule not in rules else ()
