"""Records and dataclasses as plain dicts, whatever of them stands in what."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from msgspec import Struct, structs


def plain(value: Any) -> Any:
    """`value` with every record, dataclass and named tuple in it as a dict of its fields."""
    if isinstance(value, Struct):
        return {name: plain(part) for name, part in structs.asdict(value).items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, list | tuple):
        return type(value)(plain(part) for part in value)
    return value
