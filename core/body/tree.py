"""A body as libcst nodes with their lines and parents, and what a spec lets it name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

if TYPE_CHECKING:
    from core.contract import Contract
    from core.spec import Spec

Node = TypeVar("Node", bound=cst.CSTNode)
SCAFFOLD = "def body():"


@dataclass(frozen=True)
class Allowed:
    """The names one spec gives its body."""

    parameters: tuple[str, ...]
    capabilities: frozenset[str]
    results: tuple[str, ...]
    fields: frozenset[str]
    contract: "Contract"


def allowed_for(spec: "Spec") -> Allowed:
    """What the body of `spec` may name."""
    contract = spec.contract
    return Allowed(
        parameters=contract.parameters,
        capabilities=frozenset(contract.capabilities),
        results=contract.results,
        fields=frozenset(_nested_fields(contract.inputs)),
        contract=contract,
    )


def _nested_fields(schema: Any) -> Iterator[str]:
    """Every property name below the top level of a contract's inputs."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _nested_fields(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _nested_fields(part)


class _Collector(cst.CSTVisitor):
    """Every node in source order, and the parent of each."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[cst.CSTNode] = []
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self.lines: dict[cst.CSTNode, int] = {}
        self._stack: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.nodes.append(node)
        if self._stack:
            self.parents[node] = self._stack[-1]
        position = self.get_metadata(PositionProvider, node, None)
        # The scaffold's `def` is line 1 of the file, so line 0 of the body.
        self.lines[node] = position.start.line - 1 if position else 0
        self._stack.append(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:  # noqa: ARG002
        self._stack.pop()


class Tree:
    """One parsed body, ready for the rules to ask about."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows = text.splitlines()
        module = cst.parse_module(scaffold(text))
        collector = _Collector()
        MetadataWrapper(module, unsafe_skip_copy=True).visit(collector)
        self.nodes = collector.nodes
        self._parents = collector.parents
        self._lines = collector.lines

    def all(self, *kinds: type[Node]) -> Iterator[Node]:
        """Every node of these kinds, in source order."""
        return (node for node in self.nodes if isinstance(node, kinds))

    def line(self, node: cst.CSTNode) -> int:
        """The node's line in the body, from 1."""
        return self._lines[node]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def inside(self, node: cst.CSTNode, *kinds: type[cst.CSTNode]) -> bool:
        return any(isinstance(above, kinds) for above in self.ancestors(node))

    def mentions(self, name: str) -> bool:
        """Does the body name it at all?"""
        return any(node.value == name for node in self.all(cst.Name))

    @cached_property
    def assigned(self) -> tuple[cst.Name, ...]:
        """Every name the body binds."""
        return tuple(name for target in targets(self) for name in _bound(target))

    @cached_property
    def locals(self) -> frozenset[str]:
        return frozenset(name.value for name in self.assigned)


def targets(tree: Tree) -> Iterator[cst.CSTNode]:
    """Everything that is assigned to, lambda parameters included."""
    for node in tree.nodes:
        if isinstance(node, cst.Param):
            yield node.name
        elif isinstance(
            node,
            cst.AssignTarget | cst.AugAssign | cst.AnnAssign | cst.For | cst.CompFor,
        ):
            yield node.target


def _bound(target: cst.CSTNode) -> Iterator[cst.Name]:
    """The names a target binds; subscripts and attributes bind none."""
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _bound(element.value)


def scaffold(text: str) -> str:
    """The body under a `def`, so that it parses as a function's."""
    rows = (f"    {row}" if row.strip() else row for row in text.split("\n"))
    return "\n".join([SCAFFOLD, *rows]) + "\n"


def root_name(node: cst.CSTNode) -> str | None:
    """`candles` for `candles[0]["close"]`; None when no name is at the root."""
    while isinstance(node, cst.Subscript | cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None
