"""The nested fields of a contract's inputs, and inputs with one of them missing."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

EACH = "[]"


class FieldPath(NamedTuple):
    """Where a nested field stands: `candles`, `[]`, `close`."""

    steps: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.steps).replace(f".{EACH}", EACH)

    @property
    def in_list(self) -> bool:
        return EACH in self.steps


def nested_fields(schemas: Mapping[str, Any]) -> list[FieldPath]:
    """Every declared property below the inputs themselves."""
    found = (
        path for name, schema in schemas.items() for path in _below(schema, (name,))
    )
    return [FieldPath(path) for path in found]


def _below(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, part in schema.get("properties", {}).items():
        yield (*path, name)
        yield from _below(part, (*path, name))
    if isinstance(items := schema.get("items"), Mapping):
        yield from _below(items, (*path, EACH))


def without(value: Any, steps: tuple[str, ...], *, last_only: bool = False) -> Any:
    """A copy of `value` that lacks the field; in a list every item, or the last."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step == EACH:
        return _without_items(value, rest, last_only)
    if not isinstance(value, Mapping) or step not in value:
        return value
    if not rest:
        return {key: part for key, part in value.items() if key != step}
    return {**value, step: without(value[step], rest, last_only=last_only)}


def _without_items(value: Any, rest: tuple[str, ...], last_only: bool) -> Any:
    if not isinstance(value, list) or not value:
        return value
    kept = value[:-1] if last_only else []
    items = value[-1:] if last_only else value
    return [*kept, *(without(item, rest, last_only=last_only) for item in items)]
