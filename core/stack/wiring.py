"""How names connect modules: who makes a name, who needs it, and the order they run in.

Pure: specs and a vocabulary go in, a `Wiring` or one `StackError` that names every
name at fault comes out. The architect's plan and a stack on disk use the same law.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError
from typing import TYPE_CHECKING

from core.errors import StackError
from core.stack.draft import (
    PREVIOUS,
    PROCEED,
    RESERVED,
    STARTING,
    STATE,
    Draft,
    OwnValue,
    Wire,
)
from core.stack.faults import (
    missing_names,
    order_problems,
    phase_problems,
    role_problems,
    type_problems,
)
from core.stack.order import gates_first, ordered
from core.stack.phases import PhasePlan, default_phases

if TYPE_CHECKING:
    from core.spec import Spec
    from core.vocabulary import Vocabulary

__all__ = [
    "PREVIOUS",
    "PROCEED",
    "RESERVED",
    "STARTING",
    "STATE",
    "OwnValue",
    "PhasePlan",
    "Wire",
    "Wiring",
    "default_phases",
    "wire",
]


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

    def read_in(self, group: str = "") -> frozenset[str]:
        """The starting names that ticks read, or that the asked phase `group` reads."""
        modules = {m for p in self.phases if p.group == group for m in p.modules}
        read = {w.name for w in self.wires if w.consumer in modules}
        return frozenset(read & set(self.starting))


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
    draft = Draft(
        named, tuple(phases or default_phases(vocabulary)), vocabulary, own or {}
    )
    _refuse(phase_problems(draft))
    _refuse(role_problems(draft))
    _refuse(_produce(draft))
    wires = tuple(_wires(draft))
    _refuse(missing_names(draft, wires))
    sources = _sources(draft, wires)
    order = _order(draft, sources)
    _refuse(order_problems(draft, wires))
    _refuse(type_problems(draft, wires))
    fixed = {name for name, value in draft.own.items() if value.fixed}
    starting = sorted({w.name for w in wires if w.source == STARTING} - fixed)
    phases_ = _placed(draft, order, sources)
    return Wiring(phases_, wires, dict(draft.producers), tuple(starting))


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


def _produce(draft: Draft) -> Iterator[str]:
    """Fill in the producers; yield a sentence for each name made twice."""
    for module, spec in draft.specs.items():
        for name in (*spec.contract.outputs, *spec.contract.state):
            if name not in RESERVED:
                yield from _claim(draft, module, name)


def _claim(draft: Draft, module: str, name: str) -> Iterator[str]:
    if name in draft.producers:
        yield f"'{draft.producers[name]}' and '{module}' both produce '{name}'"
    elif draft.group(module):  # the shell may give to ticks what it asked for
        draft.producers[name] = module
    elif name in draft.own:
        yield f"'{module}' produces '{name}', which the stack declares as a starting value"
    elif draft.vocabulary.starting_value(name) is not None:
        yield f"'{module}' produces '{name}', which is a starting value already"
    else:
        draft.producers[name] = module


def _wires(draft: Draft) -> Iterator[Wire]:
    for module, spec in draft.specs.items():
        for name in spec.contract.parameters:
            yield Wire(module, name, _source(draft, module, name))


def _source(draft: Draft, module: str, name: str) -> str:
    """Where a name comes from; "" when nothing makes it."""
    if name.removeprefix(PREVIOUS) in draft.specs[module].contract.state:
        return STATE
    maker = draft.producers.get(name, "")
    if maker and draft.group(maker) == draft.group(module):
        return maker
    return STARTING if draft.gives(name) else maker


def _sources(draft: Draft, wires: Iterable[Wire]) -> dict[str, set[str]]:
    """The modules that each module reads from."""
    found: dict[str, set[str]] = {module: set() for module in draft.specs}
    for wire_ in wires:
        if wire_.source in draft.specs:
            found[wire_.consumer].add(wire_.source)
    return found


def _order(draft: Draft, sources: Mapping[str, set[str]]) -> list[str]:
    try:
        return ordered(draft.specs, sources)
    except CycleError as cycle:
        ring = " -> ".join(cycle.args[1])
        _refuse([f"modules wait for each other in a circle: {ring}"])
        raise


def _placed(
    draft: Draft, order: Sequence[str], sources: Mapping[str, set[str]]
) -> tuple[PhasePlan, ...]:
    gates = {n for n, spec in draft.specs.items() if PROCEED in spec.contract.outputs}
    return tuple(
        replace(phase, modules=gates_first(_of(draft, phase, order), sources, gates))
        for phase in draft.phases
    )


def _of(draft: Draft, phase: PhasePlan, order: Sequence[str]) -> list[str]:
    return [module for module in order if draft.specs[module].role in phase.roles]
