"""What the caller of a tick gives, who reads it, and whether it fits them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.stack.bind import Bound
from core.stack.fused.checks import Schema, Space, defined, implies, test_of


def readers(bound: Bound, each: str) -> dict[str, list[Schema]]:
    """What the modules of a tick want of each starting value given for `each`."""
    walk = bound.ticked
    starts = walk.symbol_starts if each == "symbol" else walk.portfolio_starts
    found: dict[str, list[Schema]] = {name: [] for name in sorted(starts)}
    for stage in walk.stages:
        for step in stage.steps:
            contract = bound.stack.entries[step.module].spec.contract
            for name, schema in contract.inputs.items():
                if name in found and name not in stage.rows:
                    _add(found[name], schema)
    return found


def _add(schemas: list[Schema], schema: Schema) -> None:
    if not any(implies(each, schema) for each in schemas):
        schemas.append(schema)


def given_fits(
    wanted: Mapping[str, list[Schema]], places: Mapping[str, int], trusted: set[str]
) -> Callable[[list[Any]], bool] | None:
    """A function that says whether the given values fit; None when all are trusted."""
    space: Space = {}
    tests: list[str] = []
    for name, schemas in wanted.items():
        if name not in trusted and schemas:
            both = " and ".join(test_of(schema, "v", space) for schema in schemas)
            tests += [f"v = cell[{places[name]}]", f"if not ({both}): return False"]
    if not tests:
        return None
    source = "\n    ".join(["def fits(cell):", *tests, "return True"])
    fits: Callable[[list[Any]], bool] = defined(source, "fits", space)
    return fits
