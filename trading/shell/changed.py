"""Frozen values with some fields changed."""

import dataclasses
from typing import Any, TypeVar

from msgspec import Struct, structs

T = TypeVar("T")


def changed(one: T, **new: Any) -> T:
    """The same value with these fields as given; of a record or a dataclass."""
    if isinstance(one, Struct):
        return structs.replace(one, **new)
    made: T = dataclasses.replace(one, **new)  # type: ignore[type-var]
    return made
