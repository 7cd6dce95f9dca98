"""Finer candles that say in which order prices came inside a coarser one."""

from collections.abc import Sequence

from core.errors import DataError
from trading.shell.candles import Candles
from trading.shell.venue import Candle
from trading.shell.venue.matching import Finer

FIELDS = ("time", "open", "high", "low", "close")


def finer_of(detail: Sequence[Candles], step: int) -> Finer:
    """The candles of `detail` that lie inside a candle of `step` seconds.

    DataError for a timeframe that is not finer, or that does not divide the other.
    """
    for one in detail:
        _require_finer(one, step)
    markets = {one.symbol: one for one in detail}

    def finer(candle: Candle) -> Sequence[Candle]:
        found = markets.get(candle.symbol)
        return () if found is None else _inside(found, candle.time, candle.time + step)

    return finer


def _inside(candles: Candles, first: int, end: int) -> list[Candle]:
    times = candles.frame["time"].to_numpy()
    begin, stop = times.searchsorted((first, end))
    part = candles.frame.iloc[begin:stop]
    volumes = part["volume"].tolist() if candles.has_volume else [None] * len(part)
    columns = (part[name].tolist() for name in FIELDS)
    return [Candle(candles.symbol, *row) for row in zip(*columns, volumes, strict=True)]


def _require_finer(candles: Candles, step: int) -> None:
    if candles.step < step and step % candles.step == 0:
        return
    raise DataError(
        f"candles of {candles.timeframe} cannot say what happened inside {step} s",
        field="detail",
        value=candles.timeframe,
        where=candles.source,
        remedy="give a timeframe that fits several times into the traded one",
    )
