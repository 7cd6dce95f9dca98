"""Candle files and Kraken's newest candles into the store: a file whole or not at all."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import DataError
from core.store import Store
from trading.shell.candle_clock import refuse_future
from trading.shell.candle_files import candles_in
from trading.shell.candle_layout import layout_of
from trading.shell.candles import Candles
from trading.shell.data.sources import Source, chosen, sources
from trading.shell.data.steps import require_named_step, require_typed_step
from trading.shell.ledger.candles import CandleTable, Held, Written


@dataclass(frozen=True, slots=True)
class Imported:
    """One file or one fetch: what was found in it and what became of it.

    `layout` says in words how a file was read; `missing` counts bars that its own span
    lacks; `apart` counts bars that lie between it and what was stored before.
    """

    where: str
    symbol: str
    timeframe: str
    rows: int
    first: int
    last: int
    missing: int
    layout: str
    time_unit: str
    columns: dict[str, str]
    written: Written
    apart: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


Progress = Callable[[Imported], None]


@dataclass(frozen=True)
class Wanted:
    """What to take: a `symbol` or `timeframe` said for every file, filters by name, and
    whether other values replace stored ones."""

    symbol: str = ""
    timeframe: str = ""
    symbols: Collection[str] = ()
    timeframes: Collection[str] = ()
    replace: bool = False


def import_files(
    store: Store, paths: Sequence[Path], wanted: Wanted
) -> Iterator[Imported]:
    """Import every candle file of `paths`, one transaction a file, in order.

    Raises DataError with file:line for the first that cannot be used; those before it
    are stored, of it nothing is.
    """
    found = chosen(sources(paths), wanted.symbols, wanted.timeframes)
    if wanted.symbols and not wanted.symbol:  # Kraken's ZIP has hundreds of markets
        found = [one for one in found if one.symbol]
    if not found:
        raise DataError(
            "no file's name speaks of these symbols and timeframes",
            field="symbols",
            value=", ".join([*wanted.symbols, *wanted.timeframes]),
            where=", ".join(map(str, paths)),
            remedy="leave the filters out, say --symbol where a name says none, or look "
            "into the ZIP for what is there",
        )
    table = CandleTable(store)
    for source in found:
        yield _import(table, source, wanted)


def _import(table: CandleTable, source: Source, wanted: Wanted) -> Imported:
    raw = source.read()
    symbol = wanted.symbol or source.symbol
    _require_symbol(source, symbol)
    timeframe = wanted.timeframe or source.timeframe
    candles = candles_in(raw, source.where, symbol, timeframe)
    refuse_future(source.where, candles)
    require = require_typed_step if wanted.timeframe else require_named_step
    require(source, candles)
    layout = layout_of(source.where, raw)
    return _stored(
        table,
        candles,
        where=str(source.where),
        replace=wanted.replace,
        layout=layout.describe(),
        time_unit=layout.time_unit,
        columns=dict(layout.titles),
    )


def _require_symbol(source: Source, symbol: str) -> None:
    if not symbol:
        raise DataError(
            "the file's name speaks of no market",
            field="symbol",
            value=source.name,
            where=str(source.where),
            remedy="say which with --symbol BTC/USD",
        )


def import_fetched(
    store: Store, fetched: Sequence[Candles], *, replace: bool = False
) -> list[Imported]:
    """Merge what Kraken gave into the store, one transaction a symbol."""
    table = CandleTable(store)
    return [
        _stored(
            table,
            candles,
            where=candles.source,
            replace=replace,
            layout="",
            time_unit="seconds since 1970",
            columns={},
        )
        for candles in fetched
    ]


def _stored(
    table: CandleTable, candles: Candles, *, replace: bool, **said: Any
) -> Imported:
    """Write candles; how many bars lie between them and what was there before."""
    market = candles.symbol, candles.timeframe
    before = [one for one in table.held() if (one.symbol, one.timeframe) == market]
    written = table.write(candles.frame, *market, candles.source, replace=replace)
    times = candles.frame["time"]
    first, last = int(times.iloc[0]), int(times.iloc[-1])
    return Imported(
        symbol=candles.symbol,
        timeframe=candles.timeframe,
        rows=len(candles),
        first=first,
        last=last,
        missing=sum(gap.missing for gap in candles.gaps),
        written=written,
        apart=_apart(before, first, last, candles.step),
        **said,
    )


def _apart(before: Sequence[Held], first: int, last: int, step: int) -> int:
    """Bars between a span and what was stored, 0 when they touch or overlap."""
    distances = [max(first - one.last, one.first - last) // step - 1 for one in before]
    return max(0, *distances, 0)
