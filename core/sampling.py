"""Values drawn from schemas: written once, driven by a seed or by Hypothesis.

A sampler asks a `Source` for its choices. `Seeded` answers from a seeded generator
(the gate's fuzz: thousands of draws a second, the same for the same seed); the
source in core/strategies answers from Hypothesis, which then can shrink.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonschema_rs

from core.choices import LONG, Seeded, Source, typical_length
from core.contract import bare
from core.contract.exactness import kinds
from core.vocabulary import Unit, Vocabulary

__all__ = [
    "Seeded", "Source", "bounds", "integer_between", "number_between", "own_unit",
    "sample", "typical_length",
]  # fmt: skip
Schema = Mapping[str, Any]

WORDS = ("", "a", "BTC/USD", "some words", "Zürich ☂", "0", "a'b\"c", " ", "\n")


def sample(
    schema: Schema,
    source: Source,
    vocabulary: Vocabulary,
    hints: Sequence[float] = (),
) -> Any:
    """One value of `schema`; `hints` are numbers worth trying when they fit."""
    named = kinds(schema)
    if "null" in named and source.integer(0, 9) == 0:
        return None
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return source.pick(schema["enum"])
    unit = own_unit(schema, vocabulary)
    if unit and unit.sample:
        return unit.sample(source)
    if unit and unit.strategy:
        return source.from_strategy(f"unit {unit.name}", unit.strategy)
    kind = next(name for name in named if name != "null")
    return _SAMPLERS[kind](schema, source, vocabulary, hints)


def own_unit(schema: Schema, vocabulary: Vocabulary) -> Unit | None:
    """The unit whose sampler fits `schema`: one it has not narrowed."""
    unit = vocabulary.units.get(schema.get("x-unit", ""))
    if unit is None:
        return None
    silent = {"x-unit", "description", "type"}
    kept = {k: v for k, v in schema.items() if k not in silent}
    theirs = {k: v for k, v in unit.schema.items() if k not in silent}
    return unit if all(theirs.get(k, v) == v for k, v in kept.items()) else None


def bounds(schema: Schema) -> tuple[float, float]:
    """The first and last value to draw; an open end is approached, not reached.

    Closer than 1e-15 of the range it is not approached: the smallest float above 0
    is no price, and dividing by it proves nothing.
    """
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    low = schema.get("minimum", -1e9 if above is None else above)
    high = schema.get("maximum", 1e9 if below is None else below)
    if "integer" in kinds(schema):
        first = math.ceil(low) if above is None else _above(low, above)
        return first, math.floor(high) if below is None else _below(high, below)
    step = (high - low) * 1e-15
    if above is not None:
        low = max(low, above + step, math.nextafter(above, math.inf))
    if below is not None:
        high = min(high, below - step, math.nextafter(below, -math.inf))
    return float(low), float(high)


def _above(low: float, above: float) -> int:
    return max(math.ceil(low), math.floor(above) + 1)


def _below(high: float, below: float) -> int:
    return min(math.floor(high), math.ceil(below) - 1)


def number_between(
    source: Source, low: float, high: float, hints: Sequence[float] = ()
) -> float:
    """A float: an end, zero or a hint at times, else spread over the magnitudes."""
    roll = source.integer(0, 99)
    if roll < 12 or low == high:
        return source.pick([low, high, min(max(0.0, low), high)])
    if roll < 30 and hints:
        return min(max(_near(source, source.pick(hints)), low), high)
    wide = high - low > 1000
    value = _magnitude(source, low, high) if wide else source.number(low, high)
    return _short(value, low, high) if roll % 2 else value


def _near(source: Source, value: float) -> float:
    """`value` itself, or just beside it."""
    step = source.pick((0.0, 0.0, 1e-9, 0.01, 1.0)) * source.pick((-1, 1))
    return value + step


def _magnitude(source: Source, low: float, high: float) -> float:
    """A float whose size is spread evenly over the powers of ten in reach."""
    least, most = (max(low, 0.0), high) if high > 0 else (-high, -low)
    negative = high <= 0 or (low < 0 and source.integer(0, 1) == 0)
    if negative:
        least, most = max(-high, 0.0), -low
    start, end = math.log10(max(least, most * 1e-9, 1e-6)), math.log10(most)
    size = min(max(10 ** source.number(start, end), least), most)
    return -size if negative else size


def _short(value: float, low: float, high: float) -> float:
    """`value` as a person would write it, if that stays inside."""
    rounded = float(f"{value:.4g}")
    return rounded if low <= rounded <= high else value


def integer_between(
    source: Source, low: int, high: int, hints: Sequence[float] = ()
) -> int:
    """An integer, by the same habits as `number_between`."""
    roll = source.integer(0, 99)
    if roll < 12 or low == high:
        return source.pick([low, high, min(max(0, low), high)])
    if roll < 30 and hints:
        near = round(source.pick(hints)) + source.integer(-1, 1)
        return min(max(near, low), high)
    if high - low <= 1000 or roll < 45:
        return source.integer(low, high)
    return min(max(round(_magnitude(source, float(low), float(high))), low), high)


def _number(
    schema: Schema, source: Source, _vocabulary: Vocabulary, hints: Sequence[float]
) -> float:
    low, high = bounds(schema)
    if "multipleOf" not in schema:
        return number_between(source, low, high, hints)
    step = schema["multipleOf"]
    return float(integer_between(source, *_multiples(low, high, step)) * step)


def _integer(
    schema: Schema, source: Source, _vocabulary: Vocabulary, hints: Sequence[float]
) -> int:
    low, high = bounds(schema)
    if "multipleOf" not in schema:
        return integer_between(source, int(low), int(high), hints)
    step = schema["multipleOf"]
    return int(integer_between(source, *_multiples(low, high, step)) * step)


def _multiples(low: float, high: float, step: float) -> tuple[int, int]:
    return math.ceil(low / step), math.floor(high / step)


def _boolean(
    _schema: Schema, source: Source, _vocabulary: Vocabulary, _hints: Sequence[float]
) -> bool:
    return source.integer(0, 1) == 1


def _string(
    schema: Schema, source: Source, _vocabulary: Vocabulary, _hints: Sequence[float]
) -> str:
    low: int = schema.get("minLength", 0)
    high: int = schema.get("maxLength", max(low, LONG))
    if "pattern" in schema:
        key = f"pattern {low} {high} {schema['pattern']}"
        return str(source.from_strategy(key, _matching(schema)))
    word = source.pick(WORDS)
    if source.integer(0, 19) == 0:
        return "x" * max(low, min(high, LONG))
    return word[:high].ljust(low, "x")


def _matching(schema: Schema) -> Callable[[], Any]:
    """A factory of text that a pattern accepts, by the law's own idea of it."""

    def factory() -> Any:
        from hypothesis import strategies as st

        accepts = jsonschema_rs.Draft202012Validator(bare(schema)).is_valid
        return st.from_regex(schema["pattern"]).filter(accepts)

    return factory


def _array(
    schema: Schema, source: Source, vocabulary: Vocabulary, hints: Sequence[float]
) -> list[Any]:
    low = schema.get("minItems", 0)
    length = source.length(low, max(low, schema.get("maxItems", 500)))
    items = schema["items"]
    if kinds(items) == ("number",) and not {"multipleOf", "enum"} & set(items):
        found: list[Any] = _numbers(items, source, length, hints)
    else:
        found = [sample(items, source, vocabulary, hints) for _ in range(length)]
    if schema.get("uniqueItems"):
        return [part for k, part in enumerate(found) if part not in found[:k]]
    return found


def _numbers(
    schema: Schema, source: Source, length: int, hints: Sequence[float]
) -> list[float]:
    """Numbers on their own, or a walk: a series whose steps are a few percent."""
    low, high = bounds(schema)
    if source.integer(0, 1) == 0:
        return [number_between(source, low, high, hints) for _ in range(length)]
    value, walk = number_between(source, low, high, hints), []
    step = source.pick((0.0, 0.01, 0.05))
    for _ in range(length):
        walk.append(value)
        value = min(max(value * (1 + source.number(-step, step)), low), high)
    return walk


def _object(
    schema: Schema, source: Source, vocabulary: Vocabulary, hints: Sequence[float]
) -> dict[str, Any]:
    extra = schema.get("additionalProperties")
    if not isinstance(extra, Mapping):
        fields = schema["properties"].items()
        return {k: sample(part, source, vocabulary, hints) for k, part in fields}
    most = min(schema.get("maxProperties", 5), 5)
    names = [f"key{k}" for k in range(source.integer(0, most))]
    return {name: sample(extra, source, vocabulary, hints) for name in names}


_SAMPLERS: Mapping[
    str, Callable[[Schema, Source, Vocabulary, Sequence[float]], Any]
] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "string": _string,
    "array": _array,
    "object": _object,
}
