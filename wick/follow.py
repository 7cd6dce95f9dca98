"""From a changed result to the calls downstream that read it, as they were recorded.

A recording does not say whose result it read. It is found by what it was given: the
call of the same run that was given these very values soonest afterwards, else any call
that was. A call that was made several times with one value stands for all of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from core.gate.compare import same

if TYPE_CHECKING:
    from core.stack.wiring import Wiring
    from core.store import Recording

Outputs = Mapping[str, Any] | None
_ANY_RUN = ""
# Calls looked at on either side: of those given one value, the nearest.
_LOOKED_AT = 64


class Changed(NamedTuple):
    """A recorded call, what it gives now and what it would give; None: nothing."""

    recording: Recording
    old: Outputs
    new: Outputs


@dataclass(slots=True)
class Effect:
    """A recorded call downstream with what it would be given now and then.

    `causes` is how many changed results lead to it.
    """

    recording: Recording
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    causes: int = 0


def effects(
    wiring: Wiring,
    module: str,
    changed: Mapping[str, Sequence[Changed]],
    lived: Sequence[Recording],
) -> tuple[list[Effect], int]:
    """The calls of `module` that changed results upstream reach, and how many are lost."""
    found: dict[int, Effect] = {}
    lost = 0
    for source, names in _read(wiring, module, changed).items():
        readers = _Readers(names, lived)
        for one in changed[source]:
            moved = [name for name in names if not same(*_pair(one, name))]
            if not moved:
                continue
            call = readers.of(one.recording)
            effect = _effect(found, call) if call is not None else None
            if effect is None or not all(_put(effect, one, name) for name in moved):
                lost += 1
            else:
                effect.causes += 1
    return [effect for effect in found.values() if effect.causes], lost


def _read(
    wiring: Wiring, module: str, changed: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Changed modules that this one reads, and the names it reads of each."""
    sources = wiring.sources(module)
    return {
        source: tuple(name for name, maker in sources.items() if maker == source)
        for source in changed
        if source in sources.values()
    }


def _pair(one: Changed, name: str) -> tuple[Any, Any]:
    return _of(one.old, name), _of(one.new, name)


def _of(outputs: Outputs, name: str) -> Any:
    return None if outputs is None else outputs.get(name)


class _Readers:
    """The recorded calls of a module in order of time, by what they were given."""

    def __init__(self, names: Sequence[str], lived: Sequence[Recording]) -> None:
        self._names = names
        self._given: dict[tuple[str, ...], list[Recording]] = {}
        for one in sorted(lived, key=_time):
            for name in names:
                for value in _offered(one.inputs.get(name), name):
                    for run in (one.run_id, _ANY_RUN):
                        key = (run, name, repr(value))
                        self._given.setdefault(key, []).append(one)

    def of(self, cause: Recording) -> Recording | None:
        """The call that was given what `cause` gave, in its run and soonest after it."""
        given = {n: v for n, v in (cause.outputs or {}).items() if n in self._names}
        if not given:
            return None
        name, value = next(iter(given.items()))
        for run in (cause.run_id, _ANY_RUN):
            readers = self._given.get((run, name, repr(value)), [])
            near = (one for one in _near(readers, cause.at) if _was_given(one, given))
            if found := next(near, None):
                return found
        return None


def _near(readers: Sequence[Recording], at: int) -> Iterator[Recording]:
    """The next calls after a time, then the last ones before it."""
    place = bisect_left(readers, at, key=_time)
    yield from readers[place : place + _LOOKED_AT]
    yield from reversed(readers[max(place - _LOOKED_AT, 0) : place])


def _time(one: Recording) -> int:
    return one.at


def _offered(read: Any, name: str) -> Iterator[Any]:
    """The values an input holds: itself, and what each symbol's row has under a name."""
    yield read
    if isinstance(read, list):
        rows = [row for row in read if isinstance(row, Mapping) and "symbol" in row]
        yield from (row[name] for row in rows if name in row)


def _was_given(one: Recording, given: Mapping[str, Any]) -> bool:
    return all(
        _holds(one.inputs.get(name), name, value) for name, value in given.items()
    )


def _holds(read: Any, name: str, value: Any) -> bool:
    """Whether an input is the value, or rows of symbols of which just one has it."""
    if same(read, value):
        return True
    return len(_rows_with(read, name, value)) == 1


def _rows_with(read: Any, name: str, value: Any) -> list[int]:
    if not isinstance(read, list):
        return []
    return [
        place
        for place, row in enumerate(read)
        if isinstance(row, Mapping) and "symbol" in row and same(row.get(name), value)
    ]


def _effect(found: dict[int, Effect], call: Recording) -> Effect:
    inputs = dict(call.inputs)
    return found.setdefault(id(call), Effect(call, inputs, dict(inputs)))


def _put(effect: Effect, one: Changed, name: str) -> bool:
    """Give the call the changed value; False where there is none to give."""
    recorded = _of(one.recording.outputs, name)
    for side, outputs in ((effect.old, one.old), (effect.new, one.new)):
        if outputs is None or name not in outputs:
            return False
        side[name] = _replaced(side[name], name, recorded, outputs[name])
    return True


def _replaced(read: Any, name: str, value: Any, other: Any) -> Any:
    """`other` in place of `value`: the input itself, or in a symbol's row."""
    places = _rows_with(read, name, value)
    if same(read, value) or len(places) != 1:
        return other
    return [
        {**row, name: other} if place == places[0] else row
        for place, row in enumerate(read)
    ]
