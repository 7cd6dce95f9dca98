"""A market out of the store: all its candles, or those of one timeframe."""

from collections.abc import Sequence
from dataclasses import replace

from core.errors import DataError
from core.store import Store
from trading.shell.data.loading import ALWAYS
from trading.shell.ledger.candles import CandleTable, Held


def stored_as(store: Store, symbol: str, timeframe: str = "") -> list[Held]:
    """What is stored of a market, a timeframe each; only `timeframe` where it is given.

    Small letters are taken as capitals unless a market is stored under them. Raises
    DataError when nothing is stored.
    """
    held = CandleTable(store).held()
    name = symbol if symbol in {one.symbol for one in held} else symbol.upper()
    named = [one for one in held if one.symbol == name]
    found = [one for one in named if timeframe in ("", one.timeframe)]
    if not found:
        raise _nothing(symbol, timeframe, named or held)
    return found


def remove(store: Store, markets: Sequence[Held]) -> list[Held]:
    """Delete all candles of these; what went, `rows` as many as were deleted.

    A kill leaves a timeframe whole or gone.
    """
    table = CandleTable(store)
    return [
        replace(one, rows=table.delete_old(one.symbol, one.timeframe, ALWAYS, None))
        for one in markets
    ]


def _nothing(symbol: str, timeframe: str, held: Sequence[Held]) -> DataError:
    others = ", ".join(f"{one.symbol} {one.timeframe}" for one in held) or "nothing"
    return DataError(
        f"{f'{symbol} {timeframe}'.rstrip()} is not stored",
        field="timeframe" if timeframe else "symbol",
        value=timeframe or symbol,
        remedy=f"stored is: {others}",
    )
