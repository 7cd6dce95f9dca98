"""Stored candles for a session: one market each, checked as candles from a file are."""

from collections.abc import Iterable, Sequence
from math import log
from typing import Any

from core.counting import counted
from core.errors import DataError
from core.store import Store
from trading.shell.candle_clock import refuse
from trading.shell.candles import Candles, build, require_usable, seconds_of, stamp
from trading.shell.data.resampling import DAY, resample
from trading.shell.ledger.candles import CandleTable, Held
from trading.shell.market import Market

ALWAYS = 2**33  # a second beyond every candle


def stored(
    store: Store,
    symbols: Sequence[str],
    timeframe: str,
    since: int | None = None,
    until: int | None = None,
) -> tuple[Candles, ...]:
    """The stored candles of each symbol that open from `since` up to before `until`.

    A timeframe that is not stored is built from the nearest lower one that is, and its
    `source` says so. Raises DataError when there are none, StoreError when the database
    cannot be used.
    """
    table = CandleTable(store)
    span = since or 0, until or ALWAYS
    return tuple(_one(table, symbol, timeframe, *span) for symbol in symbols)


def stored_market(
    store: Store, symbols: Sequence[str], timeframe: str, names: Iterable[str] = ()
) -> Market | None:
    """All stored candles of `symbols` as a session's market; None when one has none.

    Raises DataError when they are too few for the series `names`, or of the future.
    """
    held = CandleTable(store).held()
    origins = {symbol: _origin(held, symbol, timeframe) for symbol in symbols}
    if not symbols or None in origins.values():
        return None
    candles = stored(store, symbols, timeframe)
    for one in candles:
        _refuse_future(one, str(origins[one.symbol]))
        require_usable(one, names)
    return Market(candles, "no files were given, so stored candles are used")


def nearest_stored(
    held: Sequence[Held],
    symbols: Sequence[str],
    timeframe: str,
    *,
    named: bool = False,
    framed: bool = False,
) -> tuple[tuple[str, ...], str] | None:
    """The markets and the timeframe of what is stored that come nearest to these.

    Of the timeframes that have most of the symbols, then most markets, the nearest one;
    of its markets those of `symbols`, else all. Symbols that were `named` are all there,
    a timeframe that was typed (`framed`) is the one; None where that cannot be.
    """
    markets: dict[str, set[str]] = {}
    for one in held:
        if one.timeframe == timeframe or not framed:
            markets.setdefault(one.timeframe, set()).add(one.symbol)
    if named:
        markets = {n: has for n, has in markets.items() if has.issuperset(symbols)}
    if not markets:
        return None

    def order(name: str) -> tuple[int, int, float, int]:
        wanted, step = len(markets[name] & set(symbols)), seconds_of(name)
        far = abs(log(step / seconds_of(timeframe)))
        return -wanted, -len(markets[name]), far, step

    chosen = min(markets, key=order)
    wanted = tuple(one for one in symbols if one in markets[chosen])
    return wanted or tuple(sorted(markets[chosen])), chosen


def _refuse_future(candles: Candles, origin: str) -> None:
    """Refuse what cannot have been, and was stored under another clock: DataError."""
    symbol = candles.symbol
    refuse(
        candles,
        f"stored {symbol} {origin}",
        f"`asza data remove {symbol} --timeframe {origin}` deletes them, then import "
        "what is right; or set this machine's clock right",
    )


def held_candles(table: CandleTable, symbol: str, timeframe: str) -> Candles:
    """All that is stored of one symbol and timeframe. Raises DataError."""
    return _one(table, symbol, timeframe, 0, ALWAYS)


def _one(
    table: CandleTable, symbol: str, timeframe: str, since: int, until: int
) -> Candles:
    held = table.held()
    origin = _origin(held, symbol, timeframe)
    if origin is None:
        raise _nothing(symbol, timeframe, [one.timeframe for one in _of(held, symbol)])
    if origin == timeframe:
        (exact,) = (one for one in _of(held, symbol) if one.timeframe == timeframe)
        words = f"stored candles ({', '.join(exact.sources)})"
        return _read(table, symbol, timeframe, words, since, until)
    return _built(_read(table, symbol, origin, "", since, until), timeframe)


def _of(held: Iterable[Held], symbol: str) -> list[Held]:
    return [one for one in held if one.symbol == symbol]


def _origin(held: Iterable[Held], symbol: str, timeframe: str) -> str | None:
    """The timeframe whose stored candles are taken: this one, else the nearest lower one
    that it can be built from; None where there is none."""
    found = (one.timeframe for one in _of(held, symbol))
    serving = [one for one in found if _serves(one, timeframe)]
    return max(serving, key=seconds_of, default=None)


def _serves(held: str, timeframe: str) -> bool:
    """Whether candles of the one timeframe are, or can be built to be, of the other."""
    lower, step = seconds_of(held), seconds_of(timeframe)
    return lower == step or (lower < step <= DAY and step % lower == 0)


def _read(
    table: CandleTable, symbol: str, timeframe: str, words: str, since: int, until: int
) -> Candles:
    frame = table.read(symbol, timeframe, since, until)
    if frame.empty:
        raise DataError(
            f"no {timeframe} candles of {symbol} are stored in that time",
            field="from",
            value=f"{stamp(since)} to {stamp(min(until, 2**32 - 1))}",
            remedy="`asza data list` shows what is stored and since when",
        )
    columns: dict[str, Any] = {str(name): frame[name].to_numpy() for name in frame}
    return build(
        columns,
        symbol=symbol,
        source=words,
        where=lambda row: f"stored {symbol} {timeframe}, candle {row + 1}",
        timeframe=timeframe,
    )


def _built(candles: Candles, timeframe: str) -> Candles:
    made = resample(candles, timeframe).candles
    if made is None:
        raise DataError(
            f"{counted(len(candles), 'stored candle')} of {candles.symbol} "
            f"{candles.timeframe} cannot make a whole {timeframe} bar",
            field="timeframe",
            value=timeframe,
            remedy="`asza data check` shows the gaps; import or fetch more",
        )
    return made


def _nothing(symbol: str, timeframe: str, others: list[str]) -> DataError:
    have = f"; stored are {', '.join(others)}" if others else ""
    return DataError(
        f"no {timeframe} candles of {symbol} are stored{have}",
        field="symbols",
        value=symbol,
        remedy="`asza data import FILE`, or `asza data fetch` for the newest 720",
    )
