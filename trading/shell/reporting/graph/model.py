"""What is drawn of a stack: a node a module, an edge where one reads of another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.spec import Spec
from core.stack.draft import PROCEED, RESERVED, STARTING, STATE
from core.stack.file import StackFile
from core.stack.phases import PhasePlan
from core.stack.wiring import Wiring, wire

ENOUGH = 80
"""Characters after which a sentence says what a module is for."""


@dataclass(frozen=True)
class Node:
    """A module: `given` are starting values, `parameters` fixed ones, `state` its memory.

    `place` counts the modules of a tick (or of an asked phase) in the order they run,
    from 1. `ends` is whether a false `proceed` of it ends its phase. Of what it `makes`,
    `told` is read by no module: it is for the shell and the record.
    """

    name: str
    phase: str
    role: str
    place: int
    says: str
    given: tuple[str, ...]
    parameters: tuple[str, ...]
    state: tuple[str, ...]
    asks: tuple[str, ...]
    makes: tuple[str, ...]
    ends: bool
    told: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The node as JSON has it."""
        return {key: _plain(value) for key, value in vars(self).items()}


@dataclass(frozen=True)
class Edge:
    """`target` reads `names` of `source`."""

    source: str
    target: str
    names: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The edge as JSON has it."""
        return {key: _plain(value) for key, value in vars(self).items()}


@dataclass(frozen=True)
class Graph:
    """A whole stack: phases in order, nodes in the order they run."""

    stack: str
    phases: tuple[PhasePlan, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def of(self, phase: PhasePlan) -> list[Node]:
        """The nodes of a phase."""
        return [node for node in self.nodes if node.phase == phase.name]

    def into(self, node: str) -> list[Edge]:
        """What a module reads of others."""
        return [edge for edge in self.edges if edge.target == node]

    def as_dict(self) -> dict[str, Any]:
        """The graph as JSON has it."""
        return {
            "stack": self.stack,
            "phases": [{**p.as_toml(), "modules": p.modules} for p in self.phases],
            "nodes": [node.as_dict() for node in self.nodes],
            "edges": [edge.as_dict() for edge in self.edges],
        }


def graph_of(file: StackFile, specs: Sequence[Spec]) -> Graph:
    """The graph of the specs wired as the stack's file says; StackError if they cannot be."""
    wiring = wire(specs, file.vocabulary, phases=file.phases, own=file.own)
    named = {spec.name: spec for spec in specs}
    phases = tuple(phase for phase in wiring.phases if phase.modules)
    nodes = tuple(_nodes(file, phases, named, wiring))
    edges = tuple(edge for node in nodes for edge in _edges(wiring, node.name, named))
    return Graph(file.name, phases, nodes, edges)


def _nodes(
    file: StackFile,
    phases: Sequence[PhasePlan],
    specs: Mapping[str, Spec],
    wiring: Wiring,
) -> Iterator[Node]:
    counted: dict[str, int] = {}
    for phase in phases:
        for name in phase.modules:
            counted[phase.group] = counted.get(phase.group, 0) + 1
            yield _node(file, phase, specs[name], wiring, counted[phase.group])


def _node(
    file: StackFile, phase: PhasePlan, spec: Spec, wiring: Wiring, place: int
) -> Node:
    contract = spec.contract
    starts = [n for n, s in wiring.sources(spec.name).items() if s == STARTING]
    fixed = {name for name, own in file.own.items() if own.fixed}
    makes = [name for name in contract.outputs if name not in RESERVED]
    read = {wire_.name for wire_ in wiring.wires if wire_.source == spec.name}
    return Node(
        name=spec.name,
        phase=phase.name,
        role=spec.role,
        place=place,
        says=says(spec.intent),
        given=tuple(name for name in starts if name not in fixed),
        parameters=tuple(name for name in starts if name in fixed),
        state=tuple(contract.state),
        asks=tuple(contract.capabilities),
        makes=tuple(makes),
        ends=PROCEED in contract.outputs,
        told=tuple(name for name in makes if name not in read),
    )


def says(intent: str) -> str:
    """The first sentence of an intent, whole; the next one too where it says too little."""
    said = ""
    for sentence in re.split(r"(?<=[.;!?])\s+", " ".join(intent.split())):
        said = f"{said} {sentence}".strip()
        if len(said) >= ENOUGH and said.count("(") == said.count(")"):
            break
    return said.rstrip(".;")


def _edges(wiring: Wiring, target: str, specs: Mapping[str, Spec]) -> Iterator[Edge]:
    read: dict[str, list[str]] = {}
    for name, source in wiring.sources(target).items():
        if source in specs and source not in (STARTING, STATE):
            read.setdefault(source, []).append(name)
    for source, names in read.items():
        yield Edge(source, target, tuple(names))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
