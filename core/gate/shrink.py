"""Make a counterexample small: simpler values, shorter lists, the same fault."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.gate.trial import Case, Trial
from core.sandbox.source import leaves

_ROUNDS = 12
_CANDIDATES = 80


def shrunk(trial: Trial, case: Case, kind: str) -> Case:
    """The smallest case found from `case` that still shows a fault of this kind."""
    best = case
    for _ in range(_ROUNDS):
        smaller = _smaller(trial, best)
        failing = [
            one
            for one, outcome in zip(smaller, trial.run(smaller), strict=True)
            if _shows(trial, one, outcome, kind)
        ]
        if not failing:
            return best
        best = min(failing, key=lambda one: size(one.inputs))
    return best


def _shows(trial: Trial, case: Case, outcome: Any, kind: str) -> bool:
    fault = trial.fault(case.inputs, outcome)
    return fault is not None and fault.kind == kind


def _smaller(trial: Trial, case: Case) -> list[Case]:
    limit = size(case.inputs)
    found = []
    for inputs in _simpler_inputs(case.inputs):
        if size(inputs) < limit and trial.valid(inputs):
            found.append(case._replace(inputs=inputs))
        if len(found) >= _CANDIDATES:
            break
    return found


def _simpler_inputs(inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every list cut alike first (they may have to match), then one input at a time."""
    lists = {k: v for k, v in inputs.items() if isinstance(v, list) and v}
    if len(lists) > 1:
        for cut in _cuts(min(len(value) for value in lists.values())):
            yield {**inputs, **{name: value[cut] for name, value in lists.items()}}
    for name, value in inputs.items():
        for simple in simpler(value):
            yield {**inputs, name: simple}


def simpler(value: Any) -> Iterator[Any]:
    """Values like this one, but simpler; the simplest first."""
    if isinstance(value, bool):
        yield from [False] if value else []
    elif isinstance(value, int):
        yield from (0, 1, -1, value // 2, value - 1, -value)
    elif isinstance(value, float):
        yield from (0.0, 1.0, -1.0, 0.5)
        yield from (
            round(value, 0),
            round(value, 1),
            round(value, 3),
            value / 2,
            -value,
        )
    elif isinstance(value, str):
        yield from ("", "a", value[: len(value) // 2])
    elif isinstance(value, list):
        yield from _simpler_list(value)
    elif isinstance(value, dict):
        for key, part in value.items():
            for simple in simpler(part):
                yield {**value, key: simple}


def _simpler_list(value: list[Any]) -> Iterator[list[Any]]:
    for cut in _cuts(len(value)):
        yield value[cut]
    for place in range(min(len(value), 6)):
        for simple in simpler(value[place]):
            yield [*value[:place], simple, *value[place + 1 :]]


def _cuts(length: int) -> Sequence[slice]:
    half = length // 2
    if not length:
        return ()
    return (slice(0, 0), slice(half), slice(half, None), slice(-1), slice(1, None))


def size(inputs: Mapping[str, Any]) -> tuple[int, int, float]:
    """Fewer values first, then shorter ones, then nearer to zero."""
    return leaves(dict(inputs)), len(repr(inputs)), _weight(inputs)


def _weight(value: Any) -> float:
    if isinstance(value, int | float):
        return abs(value) + (0.25 if value < 0 else 0)
    if isinstance(value, Mapping):
        return sum(map(_weight, value.values()))
    return sum(map(_weight, value)) if isinstance(value, list) else 0
