"""The starting values of a trading stack: the series table, as core wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.vocabulary import StartingValue
from trading.shell import series
from trading.shell.account_table import EVERYONE
from trading.shell.series import Family


@dataclass(frozen=True)
class SeriesCatalogue:
    """Looks names up in the one table of `trading/shell/series.py`."""

    def lookup(self, name: str) -> StartingValue | None:
        """The starting value called `name`, with its warm-up in bars."""
        found = series.lookup(name)
        if found is None:
            return None
        each = _each(name)
        return StartingValue(name, found.unit, found.description, found.warm_up, each)

    def catalogue(self) -> Sequence[StartingValue]:
        """Every row of the table, families once."""
        return [_row(family) for family in series.catalogue()]


def _row(family: Family) -> StartingValue:
    warm_up = 0 if family.ranges else family.warm_up()
    name, each = family.pattern, _each(family.pattern)
    value = StartingValue(name, family.unit, family.description, warm_up, each)
    return replace(value, ranges=dict(family.ranges))


def _each(name: str) -> str:
    return "portfolio" if name in EVERYONE else "symbol"
