"""What is wrong with the values a module was given, each finding in words. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import pstdev
from typing import Any, Protocol

from core.contract import Contract
from core.contract.exactness import explain

Row = Mapping[str, Any]

FAR, WIDER = 20.0, 10.0  # standard deviations; times the span seen before
LEAST_SEEN = 30  # calls that say what is usual
LONG, MANY = 20, 5  # values of a series; calls in which it used to move
LATE = 3.0  # intervals
_EARLIEST = 1_000_000_000  # UTC seconds: a smaller number is no time of a market


class Spread(Protocol):
    """How many values there were, and where they lay (`InputStats` is one)."""

    @property
    def count(self) -> int: ...
    @property
    def least(self) -> float: ...
    @property
    def most(self) -> float: ...
    @property
    def deviation(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Usual:
    """A spread that was counted here."""

    count: int
    least: float
    most: float
    deviation: float


def changed_names(contract: Contract, inputs: Row) -> list[str]:
    """Schema drift: names that are missing or new, and values of another type."""
    schemas = contract.parameter_schemas
    missing = [f"{name} is missing" for name in schemas if name not in inputs]
    new = [f"{name} is new" for name in inputs if name not in schemas]
    return missing + new + list(_changed_types(contract, inputs))


def _changed_types(contract: Contract, inputs: Row) -> Iterator[str]:
    for name, schema in contract.parameter_schemas.items():
        found = explain(schema, inputs[name]) if name in inputs else None
        if found and found.rule.startswith(("is a ", "is missing", "is not in")):
            at = f".{found.field}" if found.field[:1] not in ("", "[") else found.field
            yield f"{name}{at} {found.rule}"


def not_finite(inputs: Any, path: str = "") -> list[str]:
    """Every NaN and infinity, as `rows[3].close is nan`."""
    if isinstance(inputs, float) and not math.isfinite(inputs):
        return [f"{path} is {inputs}"]
    if isinstance(inputs, Mapping):
        parts = ((f"{path}.{name}".lstrip("."), v) for name, v in inputs.items())
    elif isinstance(inputs, list | tuple):
        parts = ((f"{path}[{place}]", value) for place, value in enumerate(inputs))
    else:
        return []
    return [word for at, value in parts for word in not_finite(value, at)]


def usual(rows: Sequence[Row]) -> dict[str, Usual]:
    """What each number was like in these rows, where all of them hold it."""
    names = rows[0] if rows else ()
    found: dict[str, list[Any]] = {n: [row.get(n) for row in rows] for n in names}
    return {
        name: Usual(len(numbers), min(numbers), max(numbers), pstdev(numbers))
        for name, numbers in found.items()
        if all(type(each) in (int, float) for each in numbers)
    }


def far_out(rows: Sequence[Row], seen: Mapping[str, Spread]) -> list[str]:
    """Numbers that in every row lie far beyond all that was seen before."""
    return [
        f"{name} is {rows[0][name]:.6g}; in {usually.count} calls it was "
        f"{usually.least:.6g} to {usually.most:.6g}"
        for name, usually in seen.items()
        if rows and all(_is_far(row.get(name), usually) for row in rows)
    ]


def _is_far(value: Any, seen: Spread) -> bool:
    if type(value) not in (int, float) or seen.count < LEAST_SEEN:
        return False
    size = max(abs(seen.least), abs(seen.most)) / 2  # a quiet hour is no measure
    room = max(WIDER * (seen.most - seen.least), FAR * seen.deviation, size)
    return not seen.least - room <= value <= seen.most + room


def frozen(rows: Sequence[Row], earlier: Sequence[Row]) -> list[str]:
    """Series that stand still in every row, and moved in earlier calls."""
    before = [columns(row) for row in earlier]
    now = [columns(row) for row in rows]
    return [
        f"all {len(values)} values of {name} are {values[0]}"
        for name, values in (now[0] if now else {}).items()
        if all(_stands_still(each.get(name, ())) for each in now)
        if sum(_moves(each.get(name, ())) for each in before) >= MANY
    ]


def columns(inputs: Row) -> dict[str, list[Any]]:
    """Every series of numbers: `closes`, and `candles.close` of rows of objects."""
    found: dict[str, list[Any]] = {}
    for name, value in inputs.items():
        rows = value if isinstance(value, list) else []
        if rows and isinstance(rows[0], Mapping):
            for field in rows[0]:
                found[f"{name}.{field}"] = [_part(row, field) for row in rows]
        elif rows:
            found[name] = rows
    return found


def _part(row: Any, field: str) -> Any:
    return row.get(field) if isinstance(row, Mapping) else None


def _stands_still(values: Sequence[Any]) -> bool:
    return len(values) >= LONG and all(value == values[0] for value in values)


def _moves(values: Sequence[Any]) -> bool:
    return len(values) >= LONG and any(value != values[0] for value in values)


def late(rows: Sequence[Row], now: float, interval: float) -> list[str]:
    """Rows whose newest time is several intervals before `now` (UTC seconds)."""
    newest = max((time for row in rows for time in _times(row)), default=None)
    if newest is None or now - newest <= LATE * interval:
        return []
    return [f"the newest time is {now - newest:.0f} s old, with {interval:g} s a bar"]


def _times(value: Any, name: str = "") -> Iterator[float]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _times(part, str(key))
    elif isinstance(value, list):
        for part in value:
            yield from _times(part, name)
    elif type(value) in (int, float) and value > _EARLIEST and _is_time(name):
        yield value


def _is_time(name: str) -> bool:
    return name == "time" or name.endswith("_time")
