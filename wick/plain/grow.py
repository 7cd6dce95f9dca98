"""Fresh inputs grown from cases: what was seen, varied, with what held always kept.

A relation between arguments that holds in every case (`low <= high`, lists of one
length, a place inside its list) is taken for a precondition: outside it no survivor
need agree with another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import islice, permutations
from random import Random
from typing import Any

from wick.plain.shapes import drawer
from wick.plain.texts import Draw
from wick.subject import UNKNOWN, Case

Arguments = dict[str | int, Any]
Relation = Callable[[Any, Any], bool]
_ENOUGH = 3  # cases in which a relation must have held to be believed
_MOST_DRAWS = 2_500  # small domains have no more to give


def fresh_inputs(cases: Sequence[Case], count: int) -> list[Case]:
    """At most `count` new calls like those of `cases`, the smallest first.

    The same cases give the same inputs. What comes of them is asked for as the cases
    ask for it: `after` where one does.
    """
    seen = [_arguments(case) for case in cases]
    text = json.dumps([sorted(map(_key, seen))])
    random = Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 no secret
    drawn = _distinct(_drawn(seen, random), {_key(each) for each in seen})
    found = list(islice(drawn, count))
    watch: dict[str, Any] | None = (
        {} if any(case.after is not None for case in cases) else None
    )
    return [_case(each, watch) for each in sorted(found, key=_size)]


def _arguments(case: Case) -> Arguments:
    made: Arguments = dict(enumerate(case.args))
    return made | dict(case.kwargs)


def _case(arguments: Arguments, watch: Mapping[str, Any] | None) -> Case:
    places = [name for name in arguments if isinstance(name, int)]
    kwargs = {n: v for n, v in arguments.items() if isinstance(n, str)}
    args = tuple(arguments[place] for place in sorted(places))
    return Case(args, kwargs, expected=UNKNOWN, after=watch, label="fresh")


def _key(arguments: Arguments) -> str:
    return json.dumps([[str(n), v] for n, v in arguments.items()], sort_keys=True)


def _size(arguments: Arguments) -> tuple[int, str]:
    text = _key(arguments)
    return len(text), text


def _distinct(drawn: Iterator[Arguments], known: set[str]) -> Iterator[Arguments]:
    for each in drawn:
        key = _key(each)
        if key not in known:
            known.add(key)
            yield each


def _drawn(seen: Sequence[Arguments], random: Random) -> Iterator[Arguments]:
    """Variations of what was seen that keep every relation; it comes to an end."""
    names = list(dict.fromkeys(name for each in seen for name in each))
    draws = {name: drawer([e[name] for e in seen if name in e]) for name in names}
    kept = list(_relations(seen))
    for _ in range(_MOST_DRAWS):
        made = _varied(random.choice(seen), draws, random)
        if all(holds(made) for holds in kept):
            yield made


def _varied(
    base: Arguments, draws: Mapping[str | int, Draw], random: Random
) -> Arguments:
    """One seen call with one argument drawn anew, or some, or all."""
    names = list(base)
    if not names:
        return {}
    count = random.choice((1, 1, random.randint(1, len(names)), len(names)))
    anew = set(random.sample(names, min(count, len(names))))
    return {n: draws[n](random) if n in anew else deepcopy(base[n]) for n in names}


def _relations(seen: Sequence[Arguments]) -> Iterator[Callable[[Arguments], bool]]:
    """What held between two arguments in every case, often enough to be meant."""
    names = list(dict.fromkeys(name for each in seen for name in each))
    for first, second in permutations(names, 2):
        pairs = [(e[first], e[second]) for e in seen if first in e and second in e]
        for relation in _RELATIONS:
            if _always(relation, pairs):
                yield _keeps(relation, first, second)


def _always(relation: Relation, pairs: Sequence[tuple[Any, Any]]) -> bool:
    distinct = {json.dumps(pair, sort_keys=True) for pair in pairs}
    return len(distinct) >= _ENOUGH and all(relation(a, b) for a, b in pairs)


def _keeps(
    relation: Relation, first: str | int, second: str | int
) -> Callable[[Arguments], bool]:
    def holds(made: Arguments) -> bool:
        if first not in made or second not in made:
            return True
        return relation(made[first], made[second])

    return holds


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _at_most(a: Any, b: Any) -> bool:
    return _number(a) and _number(b) and a <= b


def _less(a: Any, b: Any) -> bool:
    return _number(a) and _number(b) and a < b


def _as_long(a: Any, b: Any) -> bool:
    return isinstance(a, list | str) and isinstance(b, list | str) and len(a) == len(b)


def _inside(a: Any, b: Any) -> bool:
    return _number(a) and isinstance(b, list | str) and a < len(b)


def _up_to_end(a: Any, b: Any) -> bool:
    return _number(a) and isinstance(b, list | str) and a <= len(b)


def _member(a: Any, b: Any) -> bool:
    if isinstance(b, str):
        return isinstance(a, str) and a in b
    return isinstance(b, list | dict) and not isinstance(a, list | dict) and a in b


_RELATIONS: tuple[Relation, ...] = (
    _at_most,
    _less,
    _as_long,
    _inside,
    _up_to_end,
    _member,
)
