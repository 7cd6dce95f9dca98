"""State that a stack keeps: what still fits after a stack's modules changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from core.stack.load import Stack

State = dict[str, dict[str, Any]]


def fitting_state(
    stack: Stack, state: Mapping[str, Mapping[str, Any]]
) -> tuple[State, list[str]]:
    """The state without what no module declares or its schema refuses, and notes."""
    fields: dict[str, Mapping[str, Any]] = {
        name: field.schema
        for entry in stack.entries.values()
        for name, field in entry.spec.contract.state.items()
    }
    fitting: State = {scope: {} for scope in state}
    notes: list[str] = []
    for scope, kept in state.items():
        for name, value in kept.items():
            if _fits(fields.get(name), value):
                fitting[scope][name] = value
            else:
                notes.append(f"state {name} of {scope or 'the portfolio'} restarts")
    return fitting, notes


def _fits(schema: Mapping[str, Any] | None, value: Any) -> bool:
    return schema is not None and jsonschema_rs.is_valid(dict(schema), value)
