"""What the bounds check knows of a value: how large its numbers, how long its lists.

A value may be several things at once (a contract's number may be an int or a float),
so each part is kept apart; a part that is None is impossible.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.contract.exactness import kinds

Span = tuple[Any, Any]  # the least and the greatest, ints kept exact
MAX_BITS = 4096
MAX_NESTING = 8
MAX_RANGE = 1_000_000
MAX_SIZE = 1_000_000
MAX_STEPS = 5_000_000
# Builtins go through a list about this much faster than a loop does.
QUICK = 16
INF = math.inf
FLOAT = (-INF, INF)
# No finite float is beyond it.
FLOOR = (-(2**1024), 2**1024)


@dataclass(frozen=True, slots=True)
class Value:
    """`whole` as an int, `real` as a float, `length` as text, list or dict.

    `item` is what a list or dict holds; text has none.
    """

    whole: Span | None = None
    real: Span | None = None
    length: float | None = None
    item: "Value | None" = None
    text: bool = False

    @property
    def span(self) -> Span:
        """From the least to the greatest number it may be."""
        return hull(self.whole, self.real) or (0, 0)

    @property
    def weight(self) -> float:
        """How many values it holds in all, its lists multiplied out."""
        if self.length is None:
            return 1
        if self.item is None:
            return 1  # text is shared; its length is looked at by itself
        inside = self.item.weight
        return 1 + (self.length * inside if self.length else 0)


Env = dict[str, Value]
NOTHING = Value()
FLAG = Value(whole=(0, 1))
REAL = Value(real=FLOAT)


def hull(*spans: Span | None) -> Span | None:
    found = [span for span in spans if span is not None]
    if not found:
        return None
    return min(low for low, _ in found), max(high for _, high in found)


def join(*values: Value | None) -> Value:
    """Whatever any of them may be."""
    found = [value for value in values if value is not None]
    lengths = [v.length for v in found if v.length is not None]
    items = [v.item for v in found if v.item is not None]
    return Value(
        hull(*(v.whole for v in found)),
        hull(*(v.real for v in found)),
        max(lengths, default=None),
        join(*items) if items else None,
        any(v.text for v in found),
    )


def text(length: float) -> Value:
    return Value(length=length, text=True)


def listed(length: float, *items: Value | None) -> Value:
    return Value(length=length, item=join(*items))


def depth(value: Value | None) -> int:
    return 0 if value is None else 1 + depth(value.item)


def shallow(value: Value, most: int = MAX_NESTING) -> Value:
    """`value` without what lies deeper than `most`."""
    if value.item is None:
        return value
    return replace(value, item=shallow(value.item, most - 1) if most else NOTHING)


def of_schema(schema: Mapping[str, Any]) -> Value:
    """What a contract's door lets through."""
    return join(*(_of_kind(kind, schema) for kind in kinds(schema)))


def _of_kind(kind: str, schema: Mapping[str, Any]) -> Value:
    if kind in ("number", "integer"):
        span = _range(schema)
        whole = (_whole(span[0], math.ceil), _whole(span[1], math.floor))
        return Value(whole, span if kind == "number" else None)
    if kind == "boolean":
        return FLAG
    if kind == "string":
        listed_ = [v for v in schema.get("enum", ()) if isinstance(v, str)]
        return text(max(map(len, listed_)) if listed_ else schema.get("maxLength", INF))
    if kind == "array":
        return listed(schema.get("maxItems", INF), of_schema(schema["items"]))
    if kind == "object":
        return _of_object(schema)
    return NOTHING


def _of_object(schema: Mapping[str, Any]) -> Value:
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        most = schema.get("maxProperties", INF)
        return listed(most, text(200), of_schema(extra))
    fields = schema.get("properties", {})
    return listed(len(fields), text(64), *map(of_schema, fields.values()))


def _range(schema: Mapping[str, Any]) -> Span:
    chosen = [v for v in schema.get("enum", ()) if isinstance(v, int | float)]
    if isinstance(schema.get("const"), int | float):
        chosen = [schema["const"]]
    if chosen:
        return min(chosen), max(chosen)
    low = schema.get("minimum", schema.get("exclusiveMinimum", -INF))
    return low, schema.get("maximum", schema.get("exclusiveMaximum", INF))


def _whole(edge: Any, turn: Any) -> Any:
    return edge if isinstance(edge, float) and math.isinf(edge) else turn(edge)


def bits(span: Span | None) -> float:
    """How many bits the largest int of a span has."""
    if span is None:
        return 0
    if any(isinstance(e, float) and not math.isfinite(e) for e in span):
        return INF
    return max(int(edge).bit_length() for edge in span)


def corners(apply: Any, one: Span, other: Span) -> Span:
    """The span of a monotone operation's results."""
    found = [_safe(apply(a, b)) for a in one for b in other]
    return min(low for low, _ in found), max(high for _, high in found)


def _safe(value: Any) -> Span:
    odd = isinstance(value, float) and math.isnan(value)
    return FLOAT if odd else (value, value)


def longest(values: Iterable[Value]) -> float:
    return max((v.length or 0 for v in values), default=0)


def item_of(value: Value) -> Value:
    return join(value.item, text(1) if value.text else None)


def printed(value: Value) -> float:
    """How many characters it prints as, at most."""
    numbers = 1300 if value.whole and bits(value.whole) > 64 else 32
    if value.length is None:
        return numbers
    inside = value.item.weight if value.item else 1
    return numbers + value.length * (inside * 32 if value.item else 1)
