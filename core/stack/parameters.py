"""A stack's parameters: the fixed values of its stack.toml, and other ones for a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonschema_rs

from core.errors import StackError
from core.names import suggest
from core.stack.load import Stack
from core.stack.wiring import OwnValue


def parameters(stack: Stack) -> dict[str, Any]:
    """The fixed values of a stack, by name."""
    return {name: own.value for name, own in stack.file.own.items() if own.fixed}


def with_parameters(stack: Stack, values: Mapping[str, Any], where: str = "") -> Stack:
    """The same stack run with other values; StackError names the first that cannot be,
    and `where` it was given: in the stack's own file, unless it is said."""
    own = dict(stack.file.own)
    for name, value in values.items():
        fit = _fit(stack, name, value, where or str(stack.file.path))
        own[name] = replace(own[name], value=fit)
    return replace(stack, file=replace(stack.file, own=own))


def require_readable(stack: Stack, values: Mapping[str, Any], where: str) -> None:
    """Refuse values that a module of the stack does not take: it would fail at every
    tick. StackError names both, and `where` the value was given."""
    for name, value in values.items():
        for module, entry in stack.entries.items():
            schema = entry.spec.contract.inputs.get(name)
            if schema is None or jsonschema_rs.is_valid(dict(schema), value):
                continue
            raise StackError(
                f"'{name}' cannot be {value!r}: {module} does not take it",
                field=name,
                value=value,
                where=where,
                remedy=f"give {_asked(schema)}",
            )


def _fixed(stack: Stack, name: str) -> OwnValue:
    known = stack.file.own.get(name)
    if known is None or not known.fixed:
        raise StackError(
            f"stack {stack.name} has no parameter called '{name}'",
            field=name,
            where=str(stack.file.path),
            remedy=suggest(name, parameters(stack)),
        )
    return known


def _fit(stack: Stack, name: str, value: Any, where: str) -> Any:
    """The value as its schema wants it: whole numbers stay whole, 1 may be 1.0."""
    schema = dict(_fixed(stack, name).schema)
    if jsonschema_rs.is_valid(schema, value):
        return value
    raise StackError(
        f"'{name}' cannot be {value!r}",
        field=name,
        value=value,
        where=where,
        remedy=f"give {_asked(schema)}",
    )


def _asked(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    span = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
    return f"a {schema.get('type', 'value')}{span}"
