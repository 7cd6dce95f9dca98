"""How the inputs of a corpus function are drawn: small, seeded, with ties and edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

Draw = Callable[[Random], Any]


class Drawn(NamedTuple):
    """A correct function, and one draw for each of its parameters in order."""

    function: Callable[..., Any]
    draws: tuple[Draw, ...]


def drawn(function: Callable[..., Any], *draws: Draw) -> Drawn:
    """A corpus entry."""
    return Drawn(function, draws)


def whole(low: int, high: int) -> Draw:
    """An integer, both ends included."""
    return lambda random: random.randint(low, high)


def real(low: float, high: float, places: int = 2) -> Draw:
    """A float with few decimals, one in eight at an end."""

    def draw(random: Random) -> float:
        if random.random() < 1 / 8:
            return float(random.choice((low, high)))
        return round(random.uniform(low, high), places)

    return draw


def one_of(*values: Any) -> Draw:
    """One of these values."""
    return lambda random: random.choice(values)


def either(*draws: Draw) -> Draw:
    """What one of these draws gives."""
    return lambda random: random.choice(draws)(random)


def listed(draw: Draw, low: int, high: int) -> Draw:
    """A list of `low` to `high` drawn items."""
    return lambda random: [draw(random) for _ in range(random.randint(low, high))]


def ordered(draw: Draw) -> Draw:
    """A drawn list, sorted."""
    return lambda random: sorted(draw(random))


def text(letters: str, low: int, high: int) -> Draw:
    """A string over these letters."""
    characters = listed(one_of(*letters), low, high)
    return lambda random: "".join(characters(random))


def joined(draw: Draw, between: str) -> Draw:
    """A drawn list of strings as one string."""
    return lambda random: between.join(draw(random))


def record(**draws: Draw) -> Draw:
    """A dict with these keys."""
    return lambda random: {key: draw(random) for key, draw in draws.items()}


def mapped(keys: Sequence[str], draw: Draw) -> Draw:
    """A dict that holds some of the keys, in order."""
    return lambda random: {key: draw(random) for key in keys if random.random() < 0.6}


def nested(draw: Draw, depth: int) -> Draw:
    """Lists within lists, `depth` deep at most."""

    def item(random: Random, left: int) -> Any:
        if left and random.random() < 0.4:
            return [item(random, left - 1) for _ in range(random.randint(0, 3))]
        return draw(random)

    return lambda random: [item(random, depth - 1) for _ in range(random.randint(0, 4))]


def grid(draw: Draw, rows: int, columns: int) -> Draw:
    """A list of rows of one length, at least 1 by 1."""

    def rectangle(random: Random) -> list[list[Any]]:
        wide = random.randint(1, columns)
        return [
            [draw(random) for _ in range(wide)] for _ in range(random.randint(1, rows))
        ]

    return rectangle
