"""JSON values as the offline writer compares, prints and judges them."""

import math
from collections.abc import Mapping
from typing import Any

LARGEST = 1e300


def literal_text(value: Any) -> str:
    """A literal as the formatter would leave it."""
    if isinstance(value, str):
        quote = "'" if '"' in value and "'" not in value else '"'
        body = repr(value)[1:-1].replace("\\'", "'")
        return quote + (body if quote == "'" else body.replace('"', '\\"')) + quote
    if isinstance(value, tuple):
        return "[" + ", ".join(literal_text(item) for item in value) + "]"
    return repr(value)


def freeze(value: Any) -> Any:
    """Lists become tuples, so that values can be compared and hashed."""
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


def thaw(value: Any) -> Any:
    """The JSON form of a searched value."""
    return [thaw(item) for item in value] if isinstance(value, tuple) else value


def sound(value: Any) -> bool:
    """True for a value that may leave a body: finite, real and not huge."""
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) < LARGEST
    if isinstance(value, tuple):
        return len(value) <= 1000 and all(sound(item) for item in value)
    return isinstance(value, bool | int | str)


def same(left: Any, right: Any) -> bool:
    """Equal as an example means it: floats within 1e-9, everything else exactly."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return type(left) is type(right) and bool(left == right)


def same_values(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """The same values under the same names; True is not 1."""
    return set(left) == set(right) and all(
        same(freeze(left[name]), freeze(right[name])) for name in left
    )
