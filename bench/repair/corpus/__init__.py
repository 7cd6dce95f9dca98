"""The correct functions, by topic, and which part of the benchmark each belongs to.

The split is by function and fixed: two in five of every topic are for development, the
other three are the test part, on which nothing may be tuned.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from functools import cache

from bench.repair.corpus import (
    entries,
    exits,
    lists,
    mappings,
    numbers,
    recursion,
    strings,
)
from bench.repair.draws import Drawn

TOPICS = {
    "numbers": numbers.FUNCTIONS,
    "lists": lists.FUNCTIONS,
    "strings": strings.FUNCTIONS,
    "mappings": mappings.FUNCTIONS,
    "recursion": recursion.FUNCTIONS,
    "modules": entries.FUNCTIONS + exits.FUNCTIONS,
}
DEVELOPMENT, TEST = "dev", "test"
_FOR_DEVELOPMENT = (1, 3)


@dataclass(frozen=True, slots=True)
class Function:
    """One correct function: where it stands, and its text as `ast.unparse` writes it."""

    name: str
    topic: str
    split: str
    source: str
    parameters: tuple[str, ...]
    entry: Drawn


@cache
def functions() -> tuple[Function, ...]:
    """All of them, in a fixed order."""
    return tuple(
        _function(topic, place, entry)
        for topic, entries in TOPICS.items()
        for place, entry in enumerate(entries)
    )


def _function(topic: str, place: int, entry: Drawn) -> Function:
    name = entry.function.__name__
    split = DEVELOPMENT if place % 5 in _FOR_DEVELOPMENT else TEST
    tree = ast.parse(inspect.getsource(entry.function))
    names = tuple(inspect.signature(entry.function).parameters)
    return Function(name, topic, split, ast.unparse(tree), names, entry)
