"""Inputs nobody has seen: drawn from the contract, and close around what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from core.gate.shrink import simpler
from core.sandbox.source import leaves
from core.strategies import draws
from wick.bodies import admits

if TYPE_CHECKING:
    from core.spec import Spec
    from core.vocabulary import Vocabulary

DRAWS = 200
AROUND = 60
# Every survivor runs on all of them: long series are few.
_LEAVES, _LEAST = 12_000, 12
_STEPS = (1e-6, 0.01, 0.1)
Values = Mapping[str, Any]


def fresh_inputs(
    spec: Spec,
    vocabulary: Vocabulary,
    failing: Sequence[Values] = (),
    *,
    seed: int = 0,
    count: int = DRAWS,
) -> list[Values]:
    """Lawful inputs, the same for the same seed: near the failing ones, then drawn."""
    near = islice(around(spec, failing), AROUND)
    drawn = draws(spec.contract, vocabulary, count, seed)
    return within([*near, *drawn], _LEAVES, _LEAST)


def around(spec: Spec, failing: Sequence[Values]) -> Iterator[Values]:
    """The failing inputs with one value a little different or simpler, in turn."""
    turns = zip_longest(*(_moved(inputs) for inputs in failing))
    seen: set[str] = set()
    for inputs in chain.from_iterable(turns):
        if inputs is None or (key := repr(inputs)) in seen:
            continue
        seen.add(key)
        if admits(spec, inputs):
            yield inputs


def within(rows: Sequence[Values], room: int, least: int) -> list[Values]:
    """The first rows whose values fit in `room`, but at least `least` of them."""
    kept: list[Values] = []
    for row in rows:
        room -= leaves(dict(row))
        if room >= 0 or len(kept) < least:
            kept.append(row)
    return kept


def _moved(inputs: Values) -> Iterator[Values]:
    """One value changed a little, then one made simpler; each input in its turn."""
    for move in (beside, simpler):
        changed = (
            ({**inputs, name: other} for other in move(value))
            for name, value in inputs.items()
        )
        for turn in zip_longest(*changed):
            yield from filter(None, turn)


def beside(value: Any) -> Iterator[Any]:
    """Values close to this one; of a list, with one item moved, one less, one twice."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1, value + 2, value - 2)
    elif isinstance(value, float):
        size = abs(value) or 1.0
        yield from (value + sign * step * size for step in _STEPS for sign in (1, -1))
    elif isinstance(value, list) and value:
        yield from ([*value, value[-1]], value[:-1], value[1:])
        yield from ([*value[:-1], last] for last in beside(value[-1]))
        yield from ([first, *value[1:]] for first in beside(value[0]))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from ({**value, key: other} for other in beside(part))
