"""Candles of several markets side by side: one step a time at which any has a bar."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stack.fused import Step as Step
from trading.shell.engine.columns import CHUNK, Columns

Row = tuple[Any, ...]
Present = Sequence[tuple[str, Row]]
"""Each symbol whose candle closed, with its row; a `Step` has the second of the open."""

READY = 6  # where a row says that it has every value
VALUES = 7  # where its series begin


def timeline(markets: Sequence[Columns], first: int = 0) -> Iterator[Step]:
    """Every step from the UTC second `first` on, oldest first."""
    if len(markets) == 1:
        return _alone(markets[0], first)
    return _together(markets, first)


def blocks(markets: Sequence[Columns]) -> Iterator[list[Step]]:
    """The same, a list of some thousands at a time; none is kept here."""
    if len(markets) == 1:
        symbol = markets[0].symbol
        yield from (_steps(symbol, rows) for rows in markets[0].blocks())
        return
    steps = timeline(markets)
    yield from iter(lambda: list(islice(steps, CHUNK)), [])


def _steps(symbol: str, rows: Sequence[Row]) -> list[Step]:
    return [(row[0], ((symbol, row),)) for row in rows]


def times_of(markets: Sequence[Columns]) -> NDArray[np.int64]:
    """The UTC seconds at which the steps open; those of one market are its own array."""
    times = [one.bars[0].astype(np.int64, copy=False) for one in markets]
    return times[0] if len(times) == 1 else np.unique(np.concatenate(times))


def _alone(market: Columns, first: int) -> Iterator[Step]:
    symbol = market.symbol
    for row in market.rows(_row_at(market, first)):
        yield row[0], [(symbol, row)]


def _together(markets: Sequence[Columns], first: int) -> Iterator[Step]:
    cursors = [(one.symbol, one.rows(_row_at(one, first))) for one in markets]
    heads = [(symbol, next(rows, None), rows) for symbol, rows in cursors]
    while times := [head[0] for _, head, _ in heads if head is not None]:
        time = min(times)
        yield (
            time,
            [
                (symbol, head)
                for symbol, head, _ in heads
                if head is not None and head[0] == time
            ],
        )
        heads = [
            (symbol, next(rows, None) if head and head[0] == time else head, rows)
            for symbol, head, rows in heads
        ]


def _row_at(market: Columns, first: int) -> int:
    return int(market.bars[0].searchsorted(first)) if first else 0
