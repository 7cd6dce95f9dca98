"""Every way in which names fail to connect, as one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.stack.draft import STARTING, STATE, Draft, Wire
from core.stack.phases import phase_faults

if TYPE_CHECKING:
    from core.vocabulary import Vocabulary


def phase_problems(draft: Draft) -> Iterator[str]:
    for fault in phase_faults(draft.phases):
        yield f"phase '{draft.phases[fault.at].name}': {fault.remedy}"


def role_problems(draft: Draft) -> Iterator[str]:
    roles = [role for phase in draft.phases for role in phase.roles]
    for name, spec in draft.specs.items():
        if spec.role not in roles:
            yield (
                f"'{name}' has the role '{spec.role}', which no phase of the stack runs "
                f"(roles: {', '.join(roles)})"
            )


def missing_names(draft: Draft, wires: Iterable[Wire]) -> Iterator[str]:
    known = [*draft.producers, *draft.own, *_catalogue(draft.vocabulary)]
    for wire_ in wires:
        if not wire_.source:
            near = get_close_matches(wire_.name, known, n=1)
            hint = f" (did you mean '{near[0]}'?)" if near else ""
            yield f"'{wire_.consumer}' needs '{wire_.name}', which nothing makes{hint}"


def _catalogue(vocabulary: Vocabulary) -> list[str]:
    return [value.name for value in vocabulary.starting.catalogue()]


def order_problems(draft: Draft, wires: Iterable[Wire]) -> Iterator[str]:
    for wire_ in wires:
        if wire_.source in draft.specs:
            made, used = map(draft.phase_index, (wire_.source, wire_.consumer))
            before = (
                f"'{wire_.consumer}' runs in phase '{draft.phases[used].name}' and "
                f"needs '{wire_.name}', which '{wire_.source}' makes"
            )
            there = f"in '{draft.phases[made].name}'"
            if draft.phases[made].group != draft.phases[used].group:
                yield f"{before} {there}: a phase that is asked runs alone"
            elif made > used:
                yield f"{before} only later, {there}"


def type_problems(draft: Draft, wires: Iterable[Wire]) -> Iterator[str]:
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


def _produced_schema(draft: Draft, wire_: Wire) -> Mapping[str, Any] | None:
    """The schema a consumer meets: rows when a portfolio reads symbols' values."""
    per_symbol, schema = _made(draft, wire_)
    if per_symbol and draft.each(wire_.consumer) == "portfolio":
        return {"type": "array"}
    return schema


def _made(draft: Draft, wire_: Wire) -> tuple[bool, Mapping[str, Any] | None]:
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


def meets(produced: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether some JSON type satisfies both schemas; silent schemas meet everything."""
    left, right = _types(produced), _types(wanted)
    return not left or not right or bool(left & right)


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", ())
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    return found | ({"integer"} if "number" in found else set())
