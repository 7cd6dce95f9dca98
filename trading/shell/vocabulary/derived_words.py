"""Words for series over series: extremes, averages, earlier values, changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token

from core.llm.offline.rules.number_words import whole
from core.llm.offline.rules.predicate_words import IT
from core.llm.offline.rules.tree import Name
from trading.shell import series
from trading.shell.vocabulary.extremes import LAST
from trading.shell.vocabulary.series_words import SeriesWords, kind_first

_EXTREMES = {
    "max": "highest",
    "maximum": "highest",
    "min": "lowest",
    "minimum": "lowest",
}


class DerivedWords(SeriesWords):
    """Reads series that are made of another one."""

    def base(self, parts: Sequence[Name]) -> str:
        return parts[0].name

    def derived(self, parts: Sequence[Any]) -> Any:
        return parts[0]

    def extreme(self, parts: Sequence[Token]) -> str:
        return _EXTREMES.get(str(parts[0]), str(parts[0]))

    def extreme_word(self, parts: Sequence[Token]) -> str:
        return "highest_high" if parts[0] == "high" else "lowest_low"

    def extreme_of(self, parts: Sequence[Any]) -> Name:
        which, base, count = parts
        return self._extreme(which, base, count)

    def _extreme(self, which: str, base: str, count: int) -> Name:
        return self._recent(f"{which}_{base}_{count}")

    def _recent(self, name: str) -> Name:
        """An extreme as said: which bars it covers depends on where it stands."""
        return Name(LAST + self.check_name(name))

    def bar_extreme(self, parts: Sequence[Any]) -> Name:
        return self._recent(f"{parts[1]}_{whole(parts[0])}")

    def bars_extreme(self, parts: Sequence[Any]) -> Name:
        return self._recent(f"{parts[0]}_{parts[1]}")

    def bar_extreme_of(self, parts: Sequence[Any]) -> Name:
        return self._extreme(parts[1], parts[2], whole(parts[0]))

    def extreme_before(self, parts: Sequence[Any]) -> Name:
        which, base, count = parts[:3]
        return self._series(f"prior_{which}_{base}_{count}")

    def mean_of(self, parts: Sequence[Any]) -> Name:
        base, *count = parts
        steps = int(float(count[0])) if count else self._default("mean", ())
        return self._mean(base, steps)

    def bars_mean_of(self, parts: Sequence[Any]) -> Name:
        return self._mean(parts[1], whole(parts[0]))

    def _mean(self, base: str, count: int) -> Name:
        return self._series(
            f"sma_{count}" if base == "close" else f"average_{base}_{count}"
        )

    def its_mean(self, parts: Sequence[Any]) -> Name:
        steps = int(float(parts[0])) if parts else self._default("mean", ())
        return Name(f"average_{IT}_{steps}")

    def its_average(self, parts: Sequence[Any]) -> Name:
        kind, count = kind_first(parts)
        name = f"{kind}_{count[0]}"
        return Name(name if series.lookup(name) else f"average_{IT}_{count[0]}")

    def previous(self, parts: Sequence[Any]) -> Name:
        return self._series(f"prior_{parts[0]}")

    def ago(self, parts: Sequence[Any]) -> Name:
        base, steps = parts
        return self._series("prior_" * steps + base)

    def change(self, parts: Sequence[Any]) -> Name:
        count, *base = parts
        return self._series(f"change_{base[0] if base else 'close'}_{whole(count)}")

    def change_over(self, parts: Sequence[Any]) -> Name:
        *base, steps = parts
        return self._series(f"change_{base[0] if base else 'close'}_{steps}")
