"""What a rule sentence means: a small tree of numbers and truths over named values.

Sentences are parsed into this tree; bodies, worked examples, canonical sentences and the
search for contradictions are all read off it. Nothing here knows what a name stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
Operator = Literal["+", "-", "*", "/", "%"]


@dataclass(frozen=True, slots=True)
class Num:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A value by name: an input, or a local that an earlier line has set."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A constant text."""

    value: str


@dataclass(frozen=True, slots=True)
class Math:
    """Two numbers joined by an operator."""

    left: Number
    op: Operator
    right: Number


@dataclass(frozen=True, slots=True)
class Call:
    """`min`, `max` or `abs` of numbers."""

    function: Literal["min", "max", "abs"]
    of: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Choose:
    """One number when a truth holds, another when it does not."""

    when: Truth
    then: Number
    otherwise: Number


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two numbers."""

    left: Number
    op: Comparison
    right: Number


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= value <= high`; the upper end is open when `below` is set."""

    low: Number
    value: Number
    high: Number
    below: bool = False


@dataclass(frozen=True, slots=True)
class Cross:
    """`left` was on the other side of `right` (or on it) one step ago."""

    left: Number
    up: bool
    right: Number


@dataclass(frozen=True, slots=True)
class Flag:
    """A truth by name."""

    name: str


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Truth


@dataclass(frozen=True, slots=True)
class Held:
    """The part has held for `steps` steps in a row, this one included."""

    part: Truth
    steps: int


Number: TypeAlias = Num | Name | Text | Math | Call | Choose
Truth: TypeAlias = Compare | Between | Cross | Flag | All | Either | Not | Held
Node: TypeAlias = Number | Truth
NODES = (
    Num, Name, Text, Math, Call, Choose,
    Compare, Between, Cross, Flag, All, Either, Not, Held,
)  # fmt: skip

OPPOSITE: Mapping[Comparison, Comparison] = {
    "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==",
}  # fmt: skip
MIRROR: Mapping[Comparison, Comparison] = {
    "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=",
}  # fmt: skip


def children(node: Node) -> Iterator[Node]:
    """The nodes right under a node, in order."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, NODES):
            yield value
        elif isinstance(value, tuple):
            yield from value


def walk(node: Node) -> Iterator[Node]:
    """A node and all under it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def names_in(*nodes: Node) -> tuple[str, ...]:
    """The names a tree reads, each once, in the order they are met."""
    met = (each for node in nodes for each in walk(node))
    named = (each.name for each in met if isinstance(each, Name | Flag))
    return tuple(dict.fromkeys(named))


def rebuild(node: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with every node passed through `change`, leaves first."""
    values = [getattr(node, field.name) for field in fields(node)]
    return change(type(node)(*(_rebuilt(value, change) for value in values)))


def _rebuilt(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, NODES):
        return rebuild(value, change)
    if isinstance(value, tuple):
        return tuple(rebuild(each, change) for each in value)
    return value


def all_of(parts: tuple[Truth, ...]) -> Truth:
    """`All` of the parts, flattened, without repeats; a single part stays itself."""
    return _joined(All, parts)


def any_of(parts: tuple[Truth, ...]) -> Truth:
    """`Either` of the parts, flattened, without repeats; a single part stays itself."""
    return _joined(Either, parts)


def _joined(kind: type[All] | type[Either], parts: tuple[Truth, ...]) -> Truth:
    flat: dict[Truth, None] = {}
    for part in parts:
        inner = part.parts if isinstance(part, kind) else (part,)
        flat.update(dict.fromkeys(inner))
    unique = tuple(flat)
    return unique[0] if len(unique) == 1 else kind(unique)


def negated(truth: Truth) -> Truth:
    """The opposite truth, with the negation moved into the comparison where it can."""
    if isinstance(truth, Not):
        return truth.part
    if isinstance(truth, Compare):
        return Compare(truth.left, OPPOSITE[truth.op], truth.right)
    return Not(truth)
