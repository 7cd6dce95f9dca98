"""Seeds defects: every slip the operators here can make in a function.

These operators belong to the benchmark and share nothing with Wick's search: neither
code nor the list of what is tried.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from bench.repair.seeding import expressions, names, statements
from bench.repair.seeding.places import (
    ARGUMENT_ORDER,
    ARITHMETIC,
    BOOLEAN,
    CALL,
    COMPARISON,
    CONSTANT,
    INDEX,
    MISSING_GUARD,
    MISSING_STATEMENT,
    WRONG_NAME,
    WRONG_STATEMENT,
    Place,
    Seed,
    is_docstring,
    places,
)

_ONE_FOR_ONE: tuple[tuple[str, Callable[[ast.AST], Iterator[ast.AST]]], ...] = (
    (COMPARISON, expressions.compared),
    (ARITHMETIC, expressions.computed),
    (CONSTANT, expressions.other_constant),
    (BOOLEAN, expressions.truth),
    (CALL, expressions.called),
    (ARGUMENT_ORDER, names.swapped),
    (INDEX, names.moved_index),
    (INDEX, names.shifted_range),
)
_STATEMENTS: tuple[
    tuple[str, Callable[[ast.AST], Iterator[tuple[ast.AST, ...]]]], ...
] = (
    (MISSING_GUARD, statements.without_guard),
    (MISSING_STATEMENT, statements.without_statement),
    (WRONG_STATEMENT, statements.other_statement),
    (WRONG_STATEMENT, statements.other_block),
)


def seeds(tree: ast.FunctionDef) -> list[Seed]:
    """Every seed there is, in the order of the tree."""
    scope = names.names_in_scope(tree)
    nodes = list(ast.walk(tree))
    return [seed for place in places(tree) for seed in _at(nodes, place, scope)]


def _at(nodes: list[ast.AST], place: Place, scope: list[str]) -> Iterator[Seed]:
    for kind, operator in _ONE_FOR_ONE:
        for node in operator(place.node):
            yield Seed(kind, place, (node,))
    for node in names.other_name(place.node, scope):
        yield Seed(WRONG_NAME, place, (node,))
    for kind, slip in _STATEMENTS:
        for replacement in slip(place.node):
            yield Seed(kind, place, replacement)
    yield from _with_next(nodes, place)


def _with_next(nodes: list[ast.AST], place: Place) -> Iterator[Seed]:
    """Slips that need the statement behind as well."""
    after = _behind(nodes, place)
    if after is None:
        return
    for longer in statements.too_early(place.node, after):
        yield Seed(WRONG_STATEMENT, place, longer)
    for pair in statements.exchanged(place.node, after):
        yield Seed(WRONG_STATEMENT, _both(place), pair)


def _behind(nodes: list[ast.AST], place: Place) -> ast.AST | None:
    if not isinstance(place.node, ast.stmt) or place.position is None:
        return None
    siblings = getattr(nodes[place.parent], place.field)
    later = siblings[place.position + 1 :]
    return None if not later or is_docstring(later[0]) else later[0]


def _both(place: Place) -> Place:
    return Place(place.parent, place.field, place.position, place.node, span=2)
