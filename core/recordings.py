"""Which calls are worth keeping for replay: few, and as unlike each other as possible.

Failures, the extremes of every number, outcomes seldom seen, and the rest spread evenly
over time. Pure: the same calls give the same choice, in whatever order they come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from core.records import OK


class Call(Protocol):
    """What the choice looks at: a reflection or a recording."""

    @property
    def at(self) -> int: ...
    @property
    def inputs(self) -> Mapping[str, Any]: ...
    @property
    def outputs(self) -> Mapping[str, Any] | None: ...
    @property
    def outcome(self) -> str: ...
    @property
    def remark(self) -> str: ...


T = TypeVar("T", bound=Call)
_APPROVED = "approved"
_NUMBERS = frozenset({int, float})  # a bool is a flag
NOTE_PLACES, REFLECTION_PLACES = (3, 4), (6, 7)


def keep_diverse(calls: Iterable[T], capacity: int) -> list[T]:
    """At most `capacity` of the calls, in the order of time, each inputs once.

    A quarter each for failures, extremes and rare outcomes; what they leave goes to
    calls spread over time.
    """
    unique = _unique(calls)
    if len(unique) <= capacity:
        return unique
    share = max(capacity // 4, 1)
    chosen: dict[int, T] = {}
    for found in (_failures(unique), _extremes(unique), _rare(unique)):
        _take(chosen, found, min(len(chosen) + share, capacity))
    _take(chosen, _spread(unique, capacity), capacity)
    _take(chosen, unique, capacity)
    return [call for call in unique if id(call) in chosen]


def thin(
    notes: Sequence[Sequence[Any]], limit: int, places: tuple[int, int] = NOTE_PLACES
) -> list[Any]:
    """At most about `limit` of many good calls of one module, quickly.

    They are tuples with inputs and outputs at `places`, of a note or a reflection. What `keep_diverse` would look for is still there: the extremes of every scalar, a
    few calls of each outcome, the rarest first, and a spread over time.
    """
    if len(notes) <= limit:
        return list(notes)
    groups: defaultdict[Hashable, list[Sequence[Any]]] = defaultdict(list)
    for note in notes:
        groups[_quick_signature(note[places[1]])].append(note)
    rarest = sorted(groups.values(), key=len)[: limit // 4]
    few = chain.from_iterable(
        group[: max(limit // 4 // len(rarest), 1)] for group in rarest
    )
    step = max(2 * len(notes) // limit, 1)
    outer = (_outer(notes, place) for place in places)
    found = chain(chain.from_iterable(outer), few, notes[::step])
    return list({id(note): note for note in found}.values())


def choose_diverse(capacity: int) -> Callable[[Sequence[T], Sequence[T]], list[T]]:
    """A rule for the store: approved recordings stay, the rest is kept diverse."""

    def choose(kept: Sequence[T], offered: Sequence[T]) -> list[T]:
        approved = [call for call in kept if _is_approved(call)]
        others = [call for call in (*kept, *offered) if not _is_approved(call)]
        return [*approved, *keep_diverse(others, max(capacity - len(approved), 0))]

    return choose


def _quick_signature(outputs: Mapping[str, Any]) -> Hashable:
    """Flags and words as they are, numbers by their sign; the rest looks alike."""
    return tuple(
        [
            (value > 0) - (value < 0)
            if type(value) is float or type(value) is int
            else value
            if type(value) is bool or type(value) is str
            else None
            for value in outputs.values()
        ]
    )


def _outer(notes: Sequence[Sequence[Any]], side: int) -> Iterator[Sequence[Any]]:
    """The notes with the least and the greatest of every scalar number."""
    for name in notes[0][side]:
        # One name may hold a number in one call and null in the next.
        numbers = [
            (value, place)
            for place, note in enumerate(notes)
            if type(value := note[side].get(name)) in _NUMBERS and value == value
        ]
        if numbers:
            yield notes[min(numbers)[1]]
            yield notes[max(numbers)[1]]


def _is_approved(call: Call) -> bool:
    return getattr(call, "kind", "") == _APPROVED


def _unique(calls: Iterable[T]) -> list[T]:
    """One call for each inputs and outcome (the earliest), in the order of time."""
    told = [(call.at, repr(call.inputs), call.outcome, call) for call in calls]
    told.sort(key=itemgetter(0, 1, 2))
    seen: dict[tuple[str, str], T] = {}
    for _at, inputs, outcome, call in told:
        seen.setdefault((inputs, outcome), call)
    return list(seen.values())


def _take(chosen: dict[int, T], calls: Iterable[T], limit: int) -> None:
    """Put calls into the choice until it has `limit`."""
    for call in calls:
        if len(chosen) >= limit:
            return
        chosen.setdefault(id(call), call)


def _failures(calls: Sequence[T]) -> Iterator[T]:
    """Failures, one of each kind before a second of any; the newest of a kind first."""
    failed = [call for call in reversed(calls) if call.outcome != OK]
    return _in_turn(failed, lambda call: call.remark.partition(":")[0])


def _extremes(calls: Sequence[T]) -> Iterator[T]:
    """The calls with the least and the greatest of every number, inputs first."""
    for side in ("inputs", "outputs"):
        numbers = _numbers(calls, side)
        for name in sorted(numbers):
            yield min(numbers[name], key=lambda pair: pair[0])[1]
            yield max(numbers[name], key=lambda pair: pair[0])[1]


def _numbers(calls: Sequence[T], side: str) -> dict[str, list[tuple[float, T]]]:
    found: defaultdict[str, list[tuple[float, T]]] = defaultdict(list)
    for call in calls:
        for name, value in (getattr(call, side) or {}).items():
            if isinstance(value, int | float) and value == value:
                found[name].append((value, call))
    return found


def _rare(calls: Sequence[T]) -> Iterator[T]:
    """Calls of the outcomes seen least, one of each before a second of any."""
    groups = _grouped(calls, _signature)
    ordered = sorted(groups.items(), key=lambda item: (len(item[1]), repr(item[0])))
    return _alternate([group for _signature_, group in ordered])


def _signature(call: Call) -> Hashable:
    """What an outcome looks like: flags and words as they are, numbers by their sign."""
    values = sorted((call.outputs or {}).items())
    return call.outcome, tuple((name, _shape(value)) for name, value in values)


def _shape(value: Any) -> Hashable:
    if value is None or isinstance(value, bool | str):
        return repr(value)[:60]
    if isinstance(value, int | float):
        return (value > 0) - (value < 0)
    return f"{type(value).__name__} {bool(value)}"


def _spread(calls: Sequence[T], count: int) -> Iterator[T]:
    """`count` calls at even steps through time, the first and the last among them."""
    last = len(calls) - 1
    for step in range(count):
        yield calls[round(step * last / max(count - 1, 1))]


def _in_turn(calls: Sequence[T], key: Callable[[T], Hashable]) -> Iterator[T]:
    return _alternate(list(_grouped(calls, key).values()))


def _grouped(
    calls: Sequence[T], key: Callable[[T], Hashable]
) -> dict[Hashable, list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return groups


def _alternate(groups: Sequence[Sequence[T]]) -> Iterator[T]:
    """The first of each group, then the second of each, and so on."""
    rounds = zip_longest(*groups)
    return (call for call in chain.from_iterable(rounds) if call is not None)
