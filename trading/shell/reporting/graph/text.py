"""A stack's graph as indented text, for a terminal."""

from collections.abc import Iterator

from core.stack.phases import PhasePlan
from trading.shell.reporting.graph.model import Graph, Node


def written(graph: Graph) -> str:
    """Phase by phase, a module a paragraph: what it reads, and from whom."""
    return "\n".join(_lines(graph))


def heading(phase: PhasePlan) -> str:
    """When and for whom a phase runs, in a few words."""
    each = "once, for all symbols" if phase.each == "portfolio" else "each symbol"
    needs = f", of those that came through {phase.needs}" if phase.needs else ""
    return f"only when asked, {each}" if phase.asked else f"{each}{needs}"


def _lines(graph: Graph) -> Iterator[str]:
    for phase in graph.phases:
        yield f"{phase.name} ({heading(phase)})"
        for node in graph.of(phase):
            yield from _module(graph, node)


def _module(graph: Graph, node: Node) -> Iterator[str]:
    ends = f", a false `proceed` ends {node.phase}" if node.ends else ""
    yield f"  {node.place:>2} {node.name} [{node.role}{ends}]"
    if node.makes or node.state:
        yield f"       makes {', '.join((*node.makes, *node.state))}"
    for edge in graph.into(node.name):
        yield f"       ← {edge.source}: {', '.join(edge.names)}"
    for word, names in _reads(node):
        yield f"       {word} {', '.join(names)}"


def _reads(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    for word, names in (
        ("given", node.given),
        ("parameters", node.parameters),
        ("remembers", node.state),
        ("may ask", node.asks),
    ):
        if names:
            yield word, names
