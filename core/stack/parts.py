"""A stack taken apart: what a market can feed, and what only a caller can call.

Functions that a request shows by examples read values that no market has. They stand in
the same stack as rules that do, so each side is run by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from core.stack.load import Stack
from core.stack.wiring import STARTING, wire

Modules = frozenset[str]


def part(stack: Stack, modules: Collection[str]) -> Stack:
    """The stack with these modules only; StackError if they read what others make."""
    entries = {name: e for name, e in stack.entries.items() if name in modules}
    file = stack.file
    specs = [entry.spec for entry in entries.values()]
    wiring = wire(specs, file.vocabulary, phases=file.phases, own=file.own)
    return replace(stack, wiring=wiring, entries=entries)


def fed(stack: Stack) -> Modules:
    """The modules whose every value comes from the vocabulary, directly or not."""
    return frozenset(stack.entries) - _waiting(stack)


def called(stack: Stack) -> list[Stack]:
    """The rest, with what it reads, in parts that need nothing of each other."""
    return apart(part(stack, _with_sources(stack, _waiting(stack))))


def apart(stack: Stack) -> list[Stack]:
    """The stack in parts that need nothing of each other."""
    return [part(stack, group) for group in groups(stack)]


def groups(stack: Stack) -> list[Modules]:
    """Modules that read each other's outputs stand together; ordered by name."""
    found = [{name} for name in sorted(stack.entries)]
    for wire_ in stack.wiring.wires:
        ends = {wire_.consumer, wire_.source}
        joined = [group for group in found if ends & group]
        for other in joined[1:]:
            joined[0].update(other)
            found.remove(other)
    return [frozenset(group) for group in found]


def _waiting(stack: Stack) -> Modules:
    """Modules that read, directly or not, a value only a caller can give."""
    known = stack.file.vocabulary.starting_value
    given = {name for name in stack.starting if known(name) is None}
    found: set[str] = set()
    for module in _order(stack):
        sources = stack.wiring.sources(module).items()
        if any(s in found or (s == STARTING and n in given) for n, s in sources):
            found.add(module)
    return frozenset(found)


def _with_sources(stack: Stack, modules: Modules) -> Modules:
    """These modules and everything they read from, directly or not."""
    found = set(modules)
    for module in reversed(_order(stack)):
        if module in found:
            found.update(
                source
                for source in stack.wiring.sources(module).values()
                if source in stack.entries
            )
    return frozenset(found)


def _order(stack: Stack) -> list[str]:
    return [module for phase in stack.wiring.phases for module in phase.modules]
