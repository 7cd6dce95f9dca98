"""What a walk hands a stack at each bar: starting values as plain Python, made once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import DataError
from trading.shell import series
from trading.shell.book import Bar, Book
from trading.shell.candles import Candles, require_usable
from trading.shell.indicators import clock, compute

SHARED = frozenset({"equity", "cash"})
"""Starting values that are the same for every symbol of a portfolio."""


@dataclass(frozen=True)
class Feed:
    """One symbol's bars, and for each the values in the order of `names`.

    `ready[i]` is False where a value does not exist: in the warm-up, or where an
    indicator has nothing to divide by. `at[time]` finds a bar by its open.
    """

    symbol: str
    bars: Sequence[Bar]
    names: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    ready: Sequence[bool]
    at: Mapping[int, int]
    warm_up: int

    def values(self, row: int) -> dict[str, Any]:
        """The starting values of bar `row`, without the account's."""
        return dict(zip(self.names, self.rows[row], strict=True))


def feed(candles: Candles, names: Collection[str]) -> Feed:
    """Prepare `candles` for a stack that reads `names`.

    Raises DataError for an unknown name, a missing volume, or too few bars.
    """
    require_usable(candles, names)
    columns = candles.columns()
    times: list[int] = columns["time"]
    found, ready = _values(candles, names)
    prices = zip(*(columns[n] for n in ("open", "high", "low", "close")), strict=True)
    return Feed(
        symbol=candles.symbol,
        bars=[Bar(time, *four) for time, four in zip(times, prices, strict=True)],
        names=tuple(found),
        rows=list(zip(*found.values(), strict=True)) if found else [()] * len(times),
        ready=ready,
        at={time: row for row, time in enumerate(times)},
        warm_up=series.warm_up(names),
    )


def _values(
    candles: Candles, names: Collection[str]
) -> tuple[dict[str, Sequence[Any]], list[bool]]:
    kinds = {name: series.require(name).family.kind for name in sorted(names)}
    computed = [n for n, kind in kinds.items() if kind not in ("clock", "account")]
    table = compute(computed, candles.frame)
    clocks: dict[str, Sequence[Any]] = {
        **clock(candles.frame["time"].to_numpy() + candles.step),
        "symbol": [candles.symbol] * len(candles),
    }
    found = {n: clocks[n] for n, kind in kinds.items() if kind == "clock"}
    found |= {n: table[n].tolist() for n in computed}
    ready: list[bool] = table.notna().all(axis=1).tolist()
    return found, ready


def account(book: Book, symbol: str, bar: Bar) -> dict[str, Any]:
    """The account's starting values for one symbol at the close of its bar."""
    position = book.positions.get(symbol)
    if position is None:
        flat = {"position": 0.0, "entry_price": bar.close, "bars_held": 0}
        return flat | _extremes(bar.high, bar.low)
    held = {
        "position": position.side * position.quantity,
        "entry_price": position.entry_price,
        "bars_held": position.bars,
    }
    return held | _extremes(position.highest, position.lowest)


def _extremes(highest: float, lowest: float) -> dict[str, float]:
    return {"highest_since_entry": highest, "lowest_since_entry": lowest}


def portfolio(names: Collection[str], book: Book, equity: float) -> dict[str, Any]:
    """The starting values a portfolio phase reads; DataError for one it cannot have."""
    if not names:
        return {}
    if unknown := sorted(set(names) - SHARED):
        raise DataError(
            f"a portfolio has no {', '.join(unknown)}",
            field=unknown[0],
            remedy=f"use one of {', '.join(sorted(SHARED))}",
        )
    values = {"equity": equity, "cash": book.cash}
    return {name: values[name] for name in names}


def timeline(feeds: Sequence[Feed]) -> Iterator[tuple[int, list[tuple[Feed, int]]]]:
    """Every time at which some symbol has a bar, with those bars, oldest first."""
    for time in sorted({time for one in feeds for time in one.at}):
        yield time, [(one, one.at[time]) for one in feeds if time in one.at]
