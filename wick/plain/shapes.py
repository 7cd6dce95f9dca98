"""The shape of values seen, and new values of the same shape.

A number lies in the range seen or just beyond, with its sign; a text keeps its kind of
characters; a list its lengths and whether it is sorted; a record its keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from wick.plain.texts import MOST_LENGTH, Draw, any_of, texts

_PART, _FEW = 4, 3  # of the range seen; fewer values than this show no range


def drawer(values: Sequence[Any]) -> Draw:
    """A function that draws values like those seen; there is at least one."""
    kinds = _by_kind(values)
    draws = [_DRAWERS[kind](seen) for kind, seen in kinds.items()]
    weights = [len(seen) for seen in kinds.values()]

    def draw(random: Random) -> Any:
        return random.choices(draws, weights)[0](random)

    return draws[0] if len(draws) == 1 else draw


def _by_kind(values: Sequence[Any]) -> dict[str, list[Any]]:
    kinds: dict[str, list[Any]] = {}
    for value in values:
        kinds.setdefault(_kind(value), []).append(value)
    if {"int", "float"} <= kinds.keys():
        kinds["float"] += kinds.pop("int")
    return kinds


def _kind(value: Any) -> str:
    name = type(value).__name__
    return name if name in _DRAWERS else "other"


def _booleans(_: Sequence[bool]) -> Draw:
    return lambda random: random.random() < 0.5


def _integers(values: Sequence[int]) -> Draw:
    low, high = reach(values)
    edges: list[int] = [value for value in _edges(values) if low <= value <= high]

    def draw(random: Random) -> int:
        if random.random() < 0.4:
            return random.choice(edges)
        return random.randint(int(low), int(high))

    return draw


def _floats(values: Sequence[float]) -> Draw:
    finite = [value for value in values if abs(value) < float("inf")] or [0.0]
    low, high = reach(finite)
    digits = max(map(_digits, finite))
    edges = [float(value) for value in _edges(finite) if low <= value <= high]

    def draw(random: Random) -> float:
        if random.random() < 0.3:
            return random.choice(edges)
        return round(random.uniform(low, high), digits)

    return draw


def _digits(value: float) -> int:
    """Digits after the point, at most six; one where there is none."""
    return max(1, min(6, len(repr(float(value)).partition(".")[2].partition("e")[0])))


def reach(values: Sequence[float]) -> tuple[float, float]:
    """From just below the least to just above the greatest, no sign that was not seen."""
    low, high = min(values), max(values)
    beyond = max(1, (high - low) // _PART, abs(high) if len(set(values)) < _FEW else 0)
    least, most = low - beyond, high + beyond
    if low >= 0:
        least = max(least, 0 if low == 0 else min(low, 1))
    if high <= 0:
        most = min(most, 0 if high == 0 else max(high, -1))
    return least, most


def _edges(values: Sequence[Any]) -> list[Any]:
    near = {value + step for value in values for step in (-1, 0, 1)}
    return sorted(near | {0, 1, -1})


def _lists(values: Sequence[list[Any]]) -> Draw:
    items = [item for value in values for item in value]
    if not items:
        return lambda _: []
    draw_item, order = drawer(items), _order(values)
    shortest, longest = min(map(len, values)), max(map(len, values))
    same_length = shortest == longest and len(values) > 2
    most = min(MOST_LENGTH, longest if same_length else 2 * longest + 1)

    def draw(random: Random) -> list[Any]:
        base = random.choice(values)
        if base and random.random() < 0.5:
            return order(_edited(base, draw_item, random, keep=same_length))
        length = random.randint(shortest, max(shortest, most))
        return order([draw_item(random) for _ in range(length)])

    return _rectangles(values, draw) if _is_table(values) else draw


def _edited(
    base: Sequence[Any], draw: Draw, random: Random, *, keep: bool
) -> list[Any]:
    """A seen list with one item replaced, moved, doubled or left out."""
    made, at = list(base), random.randrange(len(base))
    way = random.randrange(2 if keep or len(base) < 2 else 4)
    if way == 0:
        made[at] = draw(random)
    elif way == 1:
        made.insert(random.randrange(len(made)), made.pop(at))
    elif way == 2:
        made.insert(at, random.choice(made))
    else:
        made.pop(at)
    return made


def _order(values: Sequence[list[Any]]) -> Callable[[list[Any]], list[Any]]:
    """Sorts as all lists seen are sorted, and leaves out what none repeats."""
    long = [value for value in values if len(value) > 1]
    kinds = {_kind(item) for value in values for item in value}
    if len(long) < 2 or not (kinds <= {"int", "float"} or kinds == {"str"}):
        return list
    rising = all(value == sorted(value) for value in long)
    unique = len(long) > 2 and all(len(value) == len(set(value)) for value in long)
    if rising:
        return (lambda made: sorted(set(made))) if unique else sorted
    return (lambda made: list(dict.fromkeys(made))) if unique else list


def _is_table(values: Sequence[list[Any]]) -> bool:
    """Lists of rows of one length each."""
    rows = [value for value in values if value and isinstance(value[0], list)]
    return len(rows) == len([v for v in values if v]) > 0 and all(
        isinstance(row, list) and len(row) == len(value[0])
        for value in rows
        for row in value
    )


def _rectangles(values: Sequence[list[Any]], draw: Draw) -> Draw:
    square = all(len(value) == len(value[0]) for value in values if value)

    def table(random: Random) -> list[Any]:
        made = [row for row in draw(random) if row]
        width = min([*map(len, made), len(made) if square else MOST_LENGTH])
        return [row[:width] for row in (made[:width] if square else made)]

    def guarded(random: Random) -> list[Any]:
        made = draw(random)
        return table(random) if made and all(made) else made

    return guarded


def _mappings(values: Sequence[dict[str, Any]]) -> Draw:
    filled = [value for value in values if value]
    if not filled:
        return lambda _: {}
    keys = sorted({key for value in filled for key in value})
    held = {key: [value[key] for value in filled if key in value] for key in keys}
    if len(filled) > 1 and max(map(len, held.values())) * 2 <= len(filled):
        return _table_of(values, keys, [v for seen in held.values() for v in seen])
    return _record(values, held)


def _record(values: Sequence[Mapping[str, Any]], held: Mapping[str, list[Any]]) -> Draw:
    """The same keys; one that was missing at times is missing at times."""
    draws = {key: drawer(seen) for key, seen in held.items()}
    always = {key for key in held if all(key in value for value in values)}

    def draw(random: Random) -> dict[str, Any]:
        kept = [key for key in draws if key in always or random.random() < 0.6]
        return {key: draws[key](random) for key in kept}

    return draw


def _table_of(
    values: Sequence[Mapping[str, Any]], keys: Sequence[str], items: Sequence[Any]
) -> Draw:
    """Keys that are data themselves: like those seen, as many, with values like theirs."""
    draw_key, draw_item = drawer([*keys]), drawer(items)
    least, most = min(map(len, values)), max(map(len, values))

    def draw(random: Random) -> dict[str, Any]:
        count = random.randint(least, most + 1)
        return {draw_key(random): draw_item(random) for _ in range(count)}

    return draw


_DRAWERS: dict[str, Callable[[Any], Draw]] = {
    "bool": _booleans,
    "int": _integers,
    "float": _floats,
    "str": texts,
    "list": _lists,
    "dict": _mappings,
    "NoneType": any_of,
    "other": any_of,
}
