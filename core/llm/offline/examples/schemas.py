"""What inputs and outputs admit, from the values that examples show."""

import math
from collections.abc import Sequence
from typing import Any

from core.errors import RequestRefused

WIDEST = 10**15
LEAST_MARGIN = 1000
Draft = dict[str, Any]
Schema = dict[str, Any]


def kinds_of(values: Sequence[Any]) -> set[str]:
    """The kinds of value seen, as a person calls them."""
    words = {bool: "flag", int: "integer", float: "number", str: "text", list: "list"}
    return {words.get(type(value), "other") for value in values}


def _one_kind(name: str, values: Sequence[Any]) -> str:
    kinds = kinds_of(values)
    if kinds <= {"integer", "number"}:
        return "number" if "number" in kinds else "integer"
    if len(kinds) == 1 and "other" not in kinds:
        return kinds.pop()
    shown = ", ".join(repr(value) for value in values[:4])
    raise RequestRefused(
        f"The values of '{name}' are not of one kind: {shown}.",
        remedy="Use numbers only, text only, true/false only, or flat lists of those.",
        field=name,
    )


def input_schema(name: str, values: Sequence[Any]) -> Schema:
    """What an input admits: what the examples show, and a stated margin around it."""
    kind = _one_kind(name, values)
    if kind == "flag":
        return {"type": "boolean"}
    if kind == "text":
        longest = max(map(len, values))
        most = max(100, 10 * longest)
        said = f"up to {longest} characters in the examples, {most} allowed"
        return {"type": "string", "maxLength": most, "description": said}
    if kind == "list":
        return _list_schema(name, values)
    bound = margin(values)
    low, high = min(values), max(values)
    said = f"{low:g} to {high:g} in the examples, {-bound} to {bound} allowed"
    return {"type": kind, "minimum": -bound, "maximum": bound, "description": said}


def margin(values: Sequence[float]) -> int:
    """Ten times the largest example, rounded up to a power of ten; at least 1000."""
    largest = max((abs(value) for value in values), default=0)
    power = 10 * 10 ** math.ceil(math.log10(max(1, largest)))
    return int(min(max(LEAST_MARGIN, power), WIDEST))


def _list_schema(name: str, values: Sequence[Sequence[Any]]) -> Schema:
    items = [item for value in values for item in value]
    inner = input_schema(name, items) if items else {"type": "integer"}
    if inner.get("type") == "array":
        raise RequestRefused(
            f"'{name}' is a list of lists.", remedy="Use flat lists.", field=name
        )
    inner.pop("description", None)
    longest = max(map(len, values))
    most = max(50, 10 * longest)
    said = f"up to {longest} items in the examples, {most} allowed"
    return {"type": "array", "items": inner, "maxItems": most, "description": said}


def flat(values: Sequence[Any]) -> list[Any]:
    """The values, with lists opened."""
    return [item for v in values for item in (v if isinstance(v, list) else [v])]


def output_schema(name: str, values: Sequence[Any], *, decimal: bool = False) -> Schema:
    """What an output may be: its kind, as wide as any rule could need.

    From `decimal` inputs a whole result is likely a decimal one seen at whole values.
    """
    kind = _one_kind(name, values)
    if kind in ("integer", "number"):
        kind = "number" if decimal else kind
        return {"type": kind, "minimum": -WIDEST, "maximum": WIDEST}
    if kind == "list":
        items = [item for value in values for item in value]
        inner = (
            output_schema(name, items, decimal=decimal) if items else {"type": "number"}
        )
        return {"type": "array", "items": inner, "maxItems": 1000}
    return (
        {"type": "boolean"}
        if kind == "flag"
        else {"type": "string", "maxLength": 10_000}
    )
