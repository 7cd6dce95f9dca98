"""From a contract to inputs that obey it: Hypothesis strategies and seeded draws."""

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from core.contract import Contract, compile_contract
from core.contract.exactness import kinds
from core.errors import SpecError
from core.ordering import Variable, literals, read_ordering
from core.sampling import Seeded, Source, bounds, own_unit, sample, typical_length
from core.vocabulary import Vocabulary

Schema = Mapping[str, Any]
Values = dict[str, Any]
T = TypeVar("T")

POOL = 64
ATTEMPTS = 40


class Drawn:
    """Choices from Hypothesis, which can shrink them."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._next_length: int | None = None

    def integer(self, low: int, high: int) -> int:
        """An integer that shrinks toward zero."""
        return self._draw(st.integers(low, high))

    def number(self, low: float, high: float) -> float:
        """A finite float."""
        return self._draw(st.floats(low, high, allow_nan=False))

    def pick(self, options: Sequence[T]) -> T:
        """An option that shrinks toward the first."""
        return self._draw(st.sampled_from(list(options)))

    def length(self, low: int, high: int) -> int:
        """A typical length, or the one that was fixed."""
        fixed, self._next_length = self._next_length, None
        return typical_length(self, low, high) if fixed is None else fixed

    def sized(self, length: int) -> "Drawn":
        """This source with the next list's length fixed."""
        self._next_length = length
        return self

    def from_strategy(self, key: str, factory: Callable[[], Any]) -> Any:  # noqa: ARG002
        """A value of the strategy."""
        return self._draw(factory())


def schema_strategy(schema: Schema, vocabulary: Vocabulary) -> st.SearchStrategy[Any]:
    """Values of a resolved schema, by its unit's habits where it has one."""

    @st.composite
    def values(draw: st.DrawFn) -> Any:
        return sample(schema, Drawn(draw), vocabulary)

    return values()


def input_strategy(
    contract: Contract, vocabulary: Vocabulary
) -> st.SearchStrategy[Values]:
    """Complete inputs, previous state included, on which every assumption holds."""
    sampler = InputSampler(contract, vocabulary)

    @st.composite
    def rows(draw: st.DrawFn) -> Values:
        return sampler.draw(Drawn(draw))

    return rows().filter(sampler.accepts)


def draws(
    contract: Contract, vocabulary: Vocabulary, count: int, seed: int
) -> list[Values]:
    """`count` inputs, the same for the same seed, every end of every range included.

    A unit with its own sampler is drawn by it alone, ends and all.

    SpecError when `assumes` leaves so little that drawing keeps missing it.
    """
    sampler = InputSampler(contract, vocabulary)
    source = Seeded(Random(seed), _Pools(seed))  # noqa: S311
    found = [row for row in sampler.edges(source, count) if sampler.accepts(row)]
    for _ in range(ATTEMPTS * count):
        if len(found) >= count:
            return found[:count]
        row = sampler.draw(source)
        if sampler.accepts(row):
            found.append(row)
    raise SpecError(
        f"only {len(found)} of {ATTEMPTS * count} drawn inputs satisfy the assumes",
        remedy="write them as an order of inputs, such as 'low <= close <= high', "
        "or narrow the inputs' own ranges",
        field="assumes",
        value=list(contract.assumes),
    )


class _Pools:
    """Values of strategies that only Hypothesis can drive, drawn once a strategy."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._pools: dict[str, list[Any]] = {}

    def __call__(self, key: str, factory: Callable[[], Any]) -> Sequence[Any]:
        if key not in self._pools:
            self._pools[key] = run_strategy(factory(), POOL, self._seed)
        return self._pools[key]


def run_strategy(strategy: st.SearchStrategy[T], count: int, seed: int) -> list[T]:
    """Up to `count` values of a strategy in one seeded run of Hypothesis."""
    found: list[T] = []

    @with_seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    collect()
    return found


class InputSampler:
    """Draws a contract's inputs: ordered as assumed, near each other now and then."""

    def __init__(self, contract: Contract, vocabulary: Vocabulary) -> None:
        self.schemas = contract.parameter_schemas
        self.vocabulary = vocabulary
        self.ordering = read_ordering(self.schemas, contract.assumes)
        self.hints = _hints(contract)
        self.alike = _alike(self.schemas)
        doors = compile_contract(contract)
        self._valid, self._broken = doors.inputs_valid, doors.broken_assumption

    def accepts(self, row: Values) -> bool:
        """Do the schemas and every assumption hold on `row`?"""
        return self._valid(row) and self._broken(row) is None

    def draw(self, source: Source, fixed: Mapping[str, Any] | None = None) -> Values:
        """One row; values in `fixed` are proposed as they are."""
        lengths = self._lengths(source)
        row = {
            name: self._value(name, schema, source, lengths)
            for name, schema in self.schemas.items()
        }
        self._gather(row, source)
        row.update(fixed or {})
        return self._ordered(row, lengths, source)

    def edges(self, source: Source, count: int) -> list[Values]:
        """Rows at the ends: all lowest, all highest, then one input at a time."""
        plain = {n: s for n, s in self.schemas.items() if not self._own(s)}
        ends = {name: _ends(schema) for name, schema in plain.items()}
        ends = {name: values for name, values in ends.items() if values}
        rows = [{n: v[0] for n, v in ends.items()}, {n: v[1] for n, v in ends.items()}]
        rows += [{name: value} for name, values in ends.items() for value in values]
        return [self.draw(source, row) for row in rows[: max(2, count // 2)] if row]

    def _own(self, schema: Schema) -> bool:
        """Has its unit its own idea of sensible values, their ends included?"""
        unit = own_unit(schema, self.vocabulary)
        return unit is not None and bool(unit.sample or unit.strategy)

    def _lengths(self, source: Source) -> dict[str, float]:
        variables = self.ordering.variables
        lists = {n: v for n, v in variables.items() if n.startswith("len(")}
        return {
            name: source.length(int(own.low), int(own.high))
            for name, own in lists.items()
        }

    def _value(
        self, name: str, schema: Schema, source: Source, lengths: dict[str, float]
    ) -> Any:
        """A scalar; lists wait until their lengths are settled."""
        if f"len({name})" in lengths:
            return None
        return sample(schema, source, self.vocabulary, self.hints)

    def _gather(self, row: Values, source: Source) -> None:
        """At times, inputs of one kind close to or equal to one another."""
        for names in self.alike:
            if source.integer(0, 2) > 0:
                continue
            anchor = row[source.pick(names)]
            for name in names:
                near = _beside(anchor, source)
                row[name] = row[name] if near is None else near

    def _ordered(
        self, row: Values, lengths: dict[str, float], source: Source
    ) -> Values:
        variables = self.ordering.variables
        scalars = {n: row[n] for n in variables if n in row and n not in lengths}
        inside = {n: _clamped(v, variables[n]) for n, v in scalars.items()}
        values = self.ordering.repair({**inside, **lengths}, source)
        for name, value in values.items():
            if name in row:
                row[name] = _like(self.schemas[name], value)
        for name, schema in self.schemas.items():
            if (key := f"len({name})") in lengths:
                sized = source.sized(int(values[key]))
                row[name] = sample(schema, sized, self.vocabulary, self.hints)
        return row


def _hints(contract: Contract) -> tuple[float, ...]:
    """Numbers the contract itself mentions: in its rules and its examples."""
    known = {**contract.parameter_schemas, **contract.result_schemas}
    rules = (*contract.assumes, *contract.invariants)
    values = (value for one in contract.examples[:20] for value in one.inputs.values())
    shown = {float(v) for v in values if type(v) in (int, float)}
    return tuple(sorted({*literals(known, rules), *shown}))


def _alike(schemas: Mapping[str, Schema]) -> list[list[str]]:
    """Groups of two or more numbers with one range: they may be compared."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, schema in schemas.items():
        ends = _ends(schema)
        if ends:
            groups.setdefault((kinds(schema), *ends[:2]), []).append(name)
    return [names for names in groups.values() if len(names) > 1]


def _ends(schema: Schema) -> tuple[Any, ...]:
    """A plain number's lowest and highest value, and zero if it lies between."""
    if kinds(schema) not in (("number",), ("integer",)):
        return ()
    if {"enum", "const", "multipleOf"} & set(schema):
        return ()
    low, high = bounds(schema)
    return (low, high, type(low)(0)) if low < 0 < high else (low, high)


def _beside(anchor: Any, source: Source) -> Any:
    """The anchor, something within a few percent of it, or None for neither."""
    roll = source.integer(0, 9)
    if roll < 3:
        return anchor
    if roll > 7:
        return None
    moved = anchor * (1 + source.number(-0.05, 0.05))
    return round(moved) if type(anchor) is int else moved


def _clamped(value: float, variable: Variable) -> float:
    return min(max(value, variable.low), variable.high)


def _like(schema: Schema, value: float) -> float:
    """`value` with the type its schema asks for."""
    whole = kinds(schema) == ("integer",)
    return math.floor(value) if whole else float(value)
