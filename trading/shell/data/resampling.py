"""Higher timeframes from lower ones, anchored to UTC; a bar that is not whole is not built."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError
from core.store import Statements
from trading.shell.candles import Candles, seconds_of
from trading.shell.ledger.candles import CandleTable, Written

LADDER = ("5m", "15m", "1h", "4h", "1d")
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Resampled:
    """Bars of a higher timeframe, and how many were left out for what they lack."""

    candles: Candles | None
    incomplete: int


@dataclass(frozen=True, slots=True)
class Built:
    """What became of one timeframe of a symbol; `written` is None without a whole bar."""

    symbol: str
    lower: str
    timeframe: str
    rows: int
    incomplete: int
    written: Written | None


def resample(candles: Candles, timeframe: str, most_missing: int = 0) -> Resampled:
    """`candles` as bars of a higher `timeframe`; its bars begin at whole steps of UTC.

    A bar is built when at most `most_missing` of its candles are missing (Kraken leaves
    out those in which nothing was traded) and a candle at or after its end shows that
    it is over. Raises DataError when the one timeframe is no multiple of the other.
    """
    step = seconds_of(timeframe)
    _require_multiple(candles, step)
    frame = candles.frame
    starts = (frame["time"] // step * step).rename("time")
    bars = _bars(frame, starts)
    whole = _counts(starts) >= step // candles.step - most_missing
    ended = bars["time"].to_numpy() + step <= frame["time"].iloc[-1] + candles.step
    kept = bars[whole & ended].reset_index(drop=True)
    source = f"built from {candles.timeframe}"
    made = Candles(kept, candles.symbol, timeframe, source, candles.synthetic)
    return Resampled(made if len(kept) else None, len(bars) - len(kept))


def _bars(frame: pd.DataFrame, starts: pd.Series) -> pd.DataFrame:
    how = {"open": "first", "high": "max", "low": "min", "close": "last"}
    if "volume" in frame:
        how["volume"] = "sum"
    return frame.groupby(starts).agg(how).reset_index()


def _counts(starts: pd.Series) -> NDArray[np.int64]:
    """How many candles each bar is made of."""
    return np.unique(starts.to_numpy(), return_counts=True)[1].astype(np.int64)


def _require_multiple(candles: Candles, step: int) -> None:
    if step % candles.step or step == candles.step or step > DAY:
        raise DataError(
            f"{step} s bars cannot be built from {candles.timeframe} candles",
            field="timeframe",
            value=step,
            where=candles.source,
            remedy="use a higher timeframe that they fill whole, of a day at most",
        )


def build_higher(
    store: Statements,
    symbol: str,
    ladder: tuple[str, ...] = LADDER,
    *,
    most_missing: int = 0,
    replace: bool = False,
) -> list[Built]:
    """Build every timeframe of `ladder` from the nearest lower one that is stored.

    Stored bars stay unless `replace`; each timeframe is one transaction.
    """
    table = CandleTable(store)
    done: list[Built] = []
    for timeframe in sorted(ladder, key=seconds_of):
        lower = _below(table, symbol, timeframe)
        if lower:
            done.append(
                build_from(
                    table, symbol, lower, timeframe, most_missing, replace=replace
                )
            )
    return done


def _below(table: CandleTable, symbol: str, timeframe: str) -> str:
    """The highest stored timeframe that fills `timeframe` whole."""
    step = seconds_of(timeframe)
    held = [one.timeframe for one in table.held() if one.symbol == symbol]
    fit = [t for t in held if seconds_of(t) < step and step % seconds_of(t) == 0]
    return max(fit, key=seconds_of, default="")


def build_from(
    table: CandleTable,
    symbol: str,
    lower: str,
    timeframe: str,
    most_missing: int = 0,
    *,
    replace: bool = False,
) -> Built:
    """Build one timeframe of a symbol from a stored `lower` one, in one transaction."""
    frame = table.read(symbol, lower)
    made = resample(Candles(frame, symbol, lower, "", False), timeframe, most_missing)
    if made.candles is None:
        return Built(symbol, lower, timeframe, 0, made.incomplete, None)
    bars = made.candles
    written = table.write(bars.frame, symbol, timeframe, bars.source, replace=replace)
    return Built(symbol, lower, timeframe, len(bars), made.incomplete, written)
