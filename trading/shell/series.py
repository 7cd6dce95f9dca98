"""Names of series: a concrete name (`ema_20`, `prior_highest_high_20`) and what it means.

The families stand in `series_table.py`; derived families (`prior_{S}`, `highest_{S}_{n}`
and so on) apply to any candle or indicator series, and to each other. Pure and light.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from core.errors import DataError
from trading.shell.series_table import (
    LONGEST,
    TABLE,
    UNITS,
    Family,
)

__all__ = [
    "DEEPEST",
    "LONGEST",
    "TABLE",
    "UNITS",
    "Family",
    "SeriesName",
    "catalogue",
    "lookup",
    "needs_volume",
    "require",
    "warm_up",
]
DEEPEST = 4  # how many derivations may be stacked on one series


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A concrete name: `family` with its `parameters`, over `base` when derived."""

    name: str
    family: Family
    parameters: Mapping[str, int]
    unit: str
    description: str
    warm_up: int
    columns: frozenset[str]
    base: "SeriesName | None" = None


def _regex(family: Family) -> re.Pattern[str]:
    text = family.pattern.replace("{S}", "(?P<S>[a-z][a-z0-9_]*)")
    for name in family.ranges:
        text = text.replace(f"{{{name}}}", rf"(?P<{name}>[1-9][0-9]{{0,3}})")
    return re.compile(text)


_MATCHERS = tuple((family, _regex(family)) for family in TABLE)


def lookup(name: str) -> SeriesName | None:
    """The series a concrete `name` means, or None when the table has no such name."""
    return _lookup(name, DEEPEST)


def require(name: str) -> SeriesName:
    """Like `lookup`, but an unknown name is a DataError that says what is near."""
    found = lookup(name)
    if found is None:
        raise DataError(
            f"no series is called {name!r}", field=name, value=name, remedy=_hint(name)
        )
    return found


def catalogue() -> tuple[Family, ...]:
    """Every row once, in the order a reader wants them."""
    return TABLE


def warm_up(names: Iterable[str]) -> int:
    """Bars that must come before the first at which all `names` have a value."""
    return max((require(name).warm_up for name in names), default=0)


def needs_volume(names: Iterable[str]) -> list[str]:
    """Those of `names` that cannot be computed without a volume column, sorted."""
    return sorted(name for name in names if "volume" in require(name).columns)


@lru_cache(maxsize=4096)
def _lookup(name: str, depth: int) -> SeriesName | None:
    for family, regex in _MATCHERS:
        match = regex.fullmatch(name)
        found = _concrete(name, family, match.groupdict(), depth) if match else None
        if found is not None:
            return found
    return None


def _concrete(
    name: str, family: Family, groups: dict[str, str], depth: int
) -> SeriesName | None:
    base = _lookup(groups.pop("S"), depth - 1) if "S" in groups and depth else None
    parameters = {key: int(text) for key, text in groups.items() if key != "S"}
    if family.kind == "derived" and not _derivable(base):
        return None
    return _built(name, family, parameters, base) if _fits(family, parameters) else None


def _derivable(base: SeriesName | None) -> bool:
    return base is not None and base.family.kind in ("candle", "indicator", "derived")


def _fits(family: Family, parameters: Mapping[str, int]) -> bool:
    inside = all(
        low <= parameters[name] <= high for name, (low, high) in family.ranges.items()
    )
    order = [parameters[name] for name in family.ordered]
    return inside and all(a < b for a, b in pairwise(order))


def _built(
    name: str, family: Family, parameters: dict[str, int], base: SeriesName | None
) -> SeriesName:
    words: dict[str, Any] = {**parameters, "S": base.name if base else ""}
    return SeriesName(
        name=name,
        family=family,
        parameters=MappingProxyType(parameters),
        unit=base.unit if base and family.unit == "same" else family.unit,
        description=family.description.format(**words),
        warm_up=family.warm_up(**parameters) + (base.warm_up if base else 0),
        columns=base.columns if base else frozenset(family.columns),
        base=base,
    )


def _hint(name: str) -> str:
    known = [family.example for family in TABLE]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    shown = ", ".join(near or known[:4])
    limits = "; ".join(_limits(name))
    return f"use a name like {shown}" + (f" ({limits})" if limits else "")


def _limits(name: str) -> Iterator[str]:
    """Why a name of the right shape is refused: its numbers are out of range."""
    for family in TABLE:
        loose = re.sub(r"\\?\{[a-z]+\\?\}", r"[0-9]+", family.pattern)
        if family.ranges and family.kind == "indicator" and re.fullmatch(loose, name):
            order = " < ".join(family.ordered)
            ranges = [
                f"{key} {low}..{high}" for key, (low, high) in family.ranges.items()
            ]
            yield ", ".join([*ranges, *([order] if order else [])])
