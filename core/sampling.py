"""Values drawn from schemas: written once, driven by a seed or by Hypothesis.

A sampler asks a `Source` for its choices. `Seeded` answers from a seeded generator
(the gate's fuzz: thousands of draws a second, the same for the same seed); the
source in core/strategies answers from Hypothesis, which then can shrink.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

import jsonschema_rs

from core.contract import bare
from core.contract.exactness import kinds
from core.vocabulary import Unit, Vocabulary

Schema = Mapping[str, Any]
T = TypeVar("T")

WORDS = ("", "a", "BTC/USD", "some words", "Zürich ☂", "0", "a'b\"c", " ", "\n")
LONG = 200


class Source(Protocol):
    """Where a sampler's choices come from."""

    def integer(self, low: int, high: int) -> int:
        """Any integer from `low` to `high`."""

    def number(self, low: float, high: float) -> float:
        """Any float from `low` to `high`."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""

    def length(self, low: int, high: int) -> int:
        """How long a list is: usually short; fixed by whoever asked for a length."""

    def sized(self, length: int) -> "Source":
        """This source, with the next list's length fixed."""

    def from_strategy(self, key: str, factory: Callable[[], Any]) -> Any:
        """A value of a Hypothesis strategy that `factory` makes."""


class Seeded:
    """Choices from a seeded generator; `pool` runs strategies it cannot drive."""

    def __init__(
        self, random: Random, pool: Callable[[str, Callable[[], Any]], Sequence[Any]]
    ) -> None:
        self._random = random
        self._pool = pool
        self._next_length: int | None = None

    def integer(self, low: int, high: int) -> int:
        """A uniform integer."""
        return low + int(self._random.random() * (high - low + 1))

    def number(self, low: float, high: float) -> float:
        """A uniform float."""
        return min(high, low + (high - low) * self._random.random())

    def pick(self, options: Sequence[T]) -> T:
        """A uniform choice."""
        return options[int(self._random.random() * len(options))]

    def length(self, low: int, high: int) -> int:
        """Mostly up to 30, at times the shortest, now and then long."""
        fixed, self._next_length = self._next_length, None
        return typical_length(self, low, high) if fixed is None else fixed

    def sized(self, length: int) -> "Seeded":
        """This source with the next list's length fixed."""
        self._next_length = length
        return self

    def from_strategy(self, key: str, factory: Callable[[], Any]) -> Any:
        """One of the strategy's values, from a pool drawn once."""
        return self.pick(self._pool(key, factory))


def typical_length(source: Source, low: int, high: int) -> int:
    """A length between `low` and `high`, boundaries and short ones preferred."""
    roll = source.integer(0, 99)
    if roll < 8:
        return low
    if roll < 12:
        return min(high, low + 1)
    if roll > 97:
        return min(high, max(low, LONG))
    return source.integer(low, min(high, low + 30))


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
