"""How names connect modules: who makes a name, who needs it, and the order they run in.

Pure: specs and a vocabulary go in, a `Wiring` or one `StackError` that names every
name at fault comes out. The architect's plan and a stack on disk use the same law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from core.errors import StackError

if TYPE_CHECKING:
    from core.spec import Spec
    from core.vocabulary import Vocabulary

RESERVED = frozenset({"proceed", "reason"})
STARTING, STATE = "starting", "state"
PREVIOUS = "previous_"


@dataclass(frozen=True, slots=True)
class Wire:
    """One input of one module and where its value comes from.

    `source` is a module's name, or "starting", or "state" (last tick's own value).
    """

    consumer: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A starting value that a stack.toml declares for itself.

    With `fixed`, `value` is the same for every tick; else the caller gives it.
    """

    schema: Mapping[str, Any]
    each: str = "portfolio"
    fixed: bool = False
    value: Any = None


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """One phase: for `each` symbol or for the portfolio, its modules in order."""

    name: str
    each: str = "symbol"
    roles: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wiring:
    """A whole stack connected: phases in order, wires, producers, starting names."""

    phases: tuple[PhasePlan, ...]
    wires: tuple[Wire, ...]
    producers: Mapping[str, str]
    starting: tuple[str, ...]

    def sources(self, consumer: str) -> dict[str, str]:
        """Input name -> source, for one module."""
        return {w.name: w.source for w in self.wires if w.consumer == consumer}

    def phase_of(self, module: str) -> PhasePlan:
        """The phase that runs the module."""
        return next(phase for phase in self.phases if module in phase.modules)


@dataclass(frozen=True)
class _Draft:
    """What the checks share while the wiring is being made."""

    specs: Mapping[str, Spec]
    phases: tuple[PhasePlan, ...]
    vocabulary: Vocabulary
    own: Mapping[str, OwnValue]
    producers: dict[str, str] = field(default_factory=dict)

    def phase_index(self, module: str) -> int:
        role = self.specs[module].role
        return next(i for i, phase in enumerate(self.phases) if role in phase.roles)

    def each(self, module: str) -> str:
        return self.phases[self.phase_index(module)].each


def wire(
    specs: Iterable[Spec],
    vocabulary: Vocabulary,
    *,
    phases: Sequence[PhasePlan] | None = None,
    own: Mapping[str, OwnValue] | None = None,
) -> Wiring:
    """Connect specs by the names of their inputs and outputs.

    `phases` defaults to the vocabulary's; `own` holds the starting values that the
    stack declares for itself. Raises StackError with every clash,
    missing name, cycle, unknown role and mismatched type in one message.
    """
    named = _by_name(specs)
    draft = _Draft(
        named, tuple(phases or default_phases(vocabulary)), vocabulary, own or {}
    )
    _refuse(_role_problems(draft))
    _refuse(_produce(draft))
    wires = tuple(_wires(draft))
    _refuse(_missing_names(draft, wires))
    order = _order(draft, wires)
    _refuse(_phase_problems(draft, wires))
    _refuse(_type_problems(draft, wires))
    fixed = {name for name, value in draft.own.items() if value.fixed}
    starting = sorted({w.name for w in wires if w.source == STARTING} - fixed)
    return Wiring(_placed(draft, order), wires, dict(draft.producers), tuple(starting))


def default_phases(vocabulary: Vocabulary) -> tuple[PhasePlan, ...]:
    """The vocabulary's phases, each with the roles that name it."""
    return tuple(
        PhasePlan(
            phase.name,
            phase.each,
            tuple(r.name for r in vocabulary.roles.values() if r.phase == phase.name),
        )
        for phase in vocabulary.phases
    )


def meets(produced: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether some JSON type satisfies both schemas; silent schemas meet everything."""
    left, right = _types(produced), _types(wanted)
    return not left or not right or bool(left & right)


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", ())
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    return found | ({"integer"} if "number" in found else set())


def _refuse(problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        raise StackError(
            "; ".join(found),
            field="wiring",
            remedy="rename an output, add the module that makes the missing name, or "
            "use a starting value of the vocabulary",
        )


def _by_name(specs: Iterable[Spec]) -> dict[str, Spec]:
    named: dict[str, Spec] = {}
    for spec in specs:
        if spec.name in named:
            _refuse([f"two modules are called '{spec.name}'"])
        named[spec.name] = spec
    return dict(sorted(named.items()))


def _role_problems(draft: _Draft) -> Iterator[str]:
    roles = [role for phase in draft.phases for role in phase.roles]
    for name, spec in draft.specs.items():
        if spec.role not in roles:
            yield (
                f"'{name}' has the role '{spec.role}', which no phase of the stack runs "
                f"(roles: {', '.join(roles)})"
            )


def _produce(draft: _Draft) -> Iterator[str]:
    """Fill in the producers; yield a sentence for each name made twice."""
    for module, spec in draft.specs.items():
        for name in (*spec.contract.outputs, *spec.contract.state):
            if name not in RESERVED:
                yield from _claim(draft, module, name)


def _claim(draft: _Draft, module: str, name: str) -> Iterator[str]:
    if name in draft.producers:
        yield f"'{draft.producers[name]}' and '{module}' both produce '{name}'"
    elif name in draft.own:
        yield f"'{module}' produces '{name}', which the stack declares as a starting value"
    elif draft.vocabulary.starting_value(name) is not None:
        yield f"'{module}' produces '{name}', which is a starting value already"
    else:
        draft.producers[name] = module


def _wires(draft: _Draft) -> Iterator[Wire]:
    for module, spec in draft.specs.items():
        for name in spec.contract.parameters:
            yield Wire(module, name, _source(draft, module, name))


def _source(draft: _Draft, module: str, name: str) -> str:
    """Where a name comes from; "" when nothing makes it."""
    if name.removeprefix(PREVIOUS) in draft.specs[module].contract.state:
        return STATE
    if name in draft.producers:
        return draft.producers[name]
    if name in draft.own or draft.vocabulary.starting_value(name) is not None:
        return STARTING
    return ""


def _missing_names(draft: _Draft, wires: Iterable[Wire]) -> Iterator[str]:
    known = [*draft.producers, *draft.own, *_catalogue(draft.vocabulary)]
    for wire_ in wires:
        if not wire_.source:
            near = get_close_matches(wire_.name, known, n=1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            yield f"'{wire_.consumer}' needs '{wire_.name}', which nothing makes{hint}"


def _catalogue(vocabulary: Vocabulary) -> list[str]:
    return [value.name for value in vocabulary.starting.catalogue()]


def _order(draft: _Draft, wires: Iterable[Wire]) -> list[str]:
    """Modules so that each follows its sources; ties by phase, then by name."""
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(draft.specs, ()))
    for wire_ in wires:
        if wire_.source in draft.specs:
            sorter.add(wire_.consumer, wire_.source)
    try:
        sorter.prepare()
    except CycleError as cycle:
        ring = " -> ".join(cycle.args[1])
        _refuse([f"modules wait for each other in a circle: {ring}"])
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _phase_problems(draft: _Draft, wires: Iterable[Wire]) -> Iterator[str]:
    for wire_ in wires:
        if wire_.source in draft.specs:
            made, used = map(draft.phase_index, (wire_.source, wire_.consumer))
            if made > used:
                yield (
                    f"'{wire_.consumer}' runs in phase '{draft.phases[used].name}' and "
                    f"needs '{wire_.name}', which '{wire_.source}' makes only later, in "
                    f"'{draft.phases[made].name}'"
                )


def _type_problems(draft: _Draft, wires: Iterable[Wire]) -> Iterator[str]:
    for wire_ in wires:
        produced = _produced_schema(draft, wire_)
        wanted = draft.specs[wire_.consumer].contract.inputs.get(wire_.name)
        if produced is not None and wanted is not None and not meets(produced, wanted):
            yield (
                f"'{wire_.name}' is {_kind(produced)} from {_origin(wire_)} but "
                f"'{wire_.consumer}' wants {_kind(wanted)}"
            )


def _kind(schema: Mapping[str, Any]) -> str:
    return "/".join(sorted(_types(schema))).replace("integer/number", "number")


def _origin(wire_: Wire) -> str:
    return "the stack" if wire_.source in (STARTING, STATE) else f"'{wire_.source}'"


def _produced_schema(draft: _Draft, wire_: Wire) -> Mapping[str, Any] | None:
    """The schema a consumer meets: rows when a portfolio reads symbols' values."""
    per_symbol, schema = _made(draft, wire_)
    if per_symbol and draft.each(wire_.consumer) == "portfolio":
        return {"type": "array"}
    return schema


def _made(draft: _Draft, wire_: Wire) -> tuple[bool, Mapping[str, Any] | None]:
    """(is it made once a symbol?, its schema)."""
    name = wire_.name
    if wire_.source in draft.specs:
        contract = draft.specs[wire_.source].contract
        schema = contract.outputs.get(name) or contract.state[name].schema
        return draft.each(wire_.source) == "symbol", schema
    if name in draft.own:
        return draft.own[name].each == "symbol", draft.own[name].schema
    value = draft.vocabulary.starting_value(name)
    if value is None:
        return False, None
    return value.each == "symbol", draft.vocabulary.unit(value.unit).schema


def _placed(draft: _Draft, order: Sequence[str]) -> tuple[PhasePlan, ...]:
    return tuple(
        PhasePlan(
            phase.name,
            phase.each,
            phase.roles,
            tuple(
                module for module in order if draft.specs[module].role in phase.roles
            ),
        )
        for phase in draft.phases
    )
