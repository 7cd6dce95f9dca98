"""The order in which modules run: each after its sources, gates as early as they can.

A gate is a module that gives `proceed`. What it stops is then not computed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

Sources = Mapping[str, Collection[str]]


def ordered(modules: Iterable[str], sources: Sources) -> list[str]:
    """Modules so that each follows its sources; ties by name.

    Raises graphlib.CycleError when modules wait for each other in a circle.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(modules, ()))
    for module, reads in sources.items():
        sorter.add(module, *reads)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def gates_first(
    order: Iterable[str], sources: Sources, gates: Collection[str]
) -> tuple[str, ...]:
    """`order` with its gates, and what they need of it, before everything else.

    The gate that waits for the fewest modules comes first, then by name; `order`
    follows the sources already.
    """
    left = dict.fromkeys(order)
    return tuple(_taken(left, sources, {gate for gate in gates if gate in left}))


def _taken(left: dict[str, None], sources: Sources, gates: set[str]) -> Iterator[str]:
    while gates:
        needed = {gate: _ancestors(gate, sources) & left.keys() for gate in gates}
        gate = min(gates, key=lambda name: (len(needed[name]), name))
        for module in [each for each in left if each in needed[gate] or each == gate]:
            del left[module]
            gates.discard(module)
            yield module
    yield from left


def _ancestors(module: str, sources: Sources) -> set[str]:
    """Everything the module reads from, directly or not."""
    found: set[str] = set()
    waiting = list(sources.get(module, ()))
    while waiting:
        source = waiting.pop()
        if source not in found:
            found.add(source)
            waiting += sources.get(source, ())
    return found
