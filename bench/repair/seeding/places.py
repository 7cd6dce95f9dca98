"""Where a function can be changed, and the changed text: trees are copied, never edited."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

COMPARISON, CONSTANT, ARITHMETIC = "comparison", "constant", "arithmetic"
WRONG_NAME, ARGUMENT_ORDER = "wrong name", "argument order"
INDEX, BOOLEAN, CALL = "index or slice", "boolean", "call"
WRONG_STATEMENT = "wrong statement"
MISSING_GUARD, MISSING_STATEMENT = "missing guard", "missing statement"
TWO_EDITS = "two edits"
# What one edit of what stands there mends; the others need a new line or two edits.
SINGLE = (
    COMPARISON, CONSTANT, ARITHMETIC, WRONG_NAME, ARGUMENT_ORDER, INDEX, BOOLEAN,
    CALL, WRONG_STATEMENT,
)  # fmt: skip
MISSING = (MISSING_GUARD, MISSING_STATEMENT)


@dataclass(frozen=True, slots=True)
class Place:
    """A node by its parent's number in `ast.walk`, the field, and the place in a list.

    `span` says how many statements from there on are replaced.
    """

    parent: int
    field: str
    position: int | None
    node: ast.AST
    span: int = 1


@dataclass(frozen=True, slots=True)
class Seed:
    """One change: what stands at a place is replaced by other nodes, or by none."""

    kind: str
    place: Place
    replacement: tuple[ast.AST, ...]

    @property
    def line(self) -> int:
        """The line of what is replaced, 1 = the `def`."""
        return int(getattr(self.place.node, "lineno", 0))


def places(tree: ast.FunctionDef) -> Iterator[Place]:
    """Every node of the function's own statements, annotations and docstring left out."""
    for number, parent in enumerate(ast.walk(tree)):
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns", "args") and not _called(parent):
                continue
            yield from _in_field(number, field, value)


def _called(parent: ast.AST) -> bool:
    return isinstance(parent, ast.Call)


def _in_field(number: int, field: str, value: object) -> Iterator[Place]:
    if isinstance(value, list):
        for position, node in enumerate(value):
            if isinstance(node, ast.AST) and not is_docstring(node):
                yield Place(number, field, position, node)
    elif isinstance(value, ast.AST):
        yield Place(number, field, None, value)


def is_docstring(node: ast.AST) -> bool:
    """A string that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def seeded(tree: ast.FunctionDef, *seeds: Seed) -> str:
    """The function's text with the seeds in it, as `ast.unparse` writes it."""
    copy = deepcopy(tree)
    nodes = list(ast.walk(copy))
    # From the end: a statement that is replaced by two moves those behind it.
    for seed in sorted(seeds, key=lambda s: -s.line):
        _replace(nodes[seed.place.parent], seed)
    return ast.unparse(ast.fix_missing_locations(copy))


def _replace(parent: ast.AST, seed: Seed) -> None:
    place, nodes = seed.place, [deepcopy(node) for node in seed.replacement]
    if place.position is None:
        setattr(parent, place.field, nodes[0])
        return
    siblings = getattr(parent, place.field)
    siblings[place.position : place.position + place.span] = nodes
    if not siblings and place.field == "body":
        siblings.append(ast.Pass())
