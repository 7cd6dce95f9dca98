"""Candles to measure on: the real hourly ones where they are, and made-up ones of any length."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trading.shell.candle_files import read_candles
from trading.shell.candles import Candles

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
START = 1_577_836_800
STEP = 300
HOUR = 3600
Prices = NDArray[np.float64]
SYMBOLS = ("BTC/USD", "ETH/USD", "SOL/USD")


def real() -> list[Candles]:
    """Two years of hourly BTC and ETH; empty where the data folder is absent."""
    names = ("kraken_XBTUSD_1h_2020-2021.csv.gz", "kraken_ETHUSD_1h_2020-2021.csv.gz")
    return [read_candles(DATA / name) for name in names if (DATA / name).exists()]


def three_hourly(bars: int) -> list[Candles]:
    """The first hours of three markets: real BTC and ETH where they are, made-up SOL."""
    found = real()
    kept = [replace(one, frame=one.frame.iloc[:bars]) for one in found]
    names = [one for one in SYMBOLS if one not in {kept.symbol for kept in found}]
    made = [made_up(bars, name, seed) for seed, name in enumerate(names)]
    return [*kept, *(_hourly(one) for one in made)]


def _hourly(candles: Candles) -> Candles:
    """The same prices an hour apart, from the hour the real ones begin."""
    hours = START + HOUR * np.arange(len(candles), dtype=np.int64)
    return replace(candles, frame=candles.frame.assign(time=hours), timeframe="1h")


def sources(candles: Iterable[Candles]) -> str:
    """Which candles these are, in a word each."""
    return ", ".join(
        f"{one.symbol} {'made up' if one.synthetic else 'real'}" for one in candles
    )


def made_up(bars: int, symbol: str = "BTC/USD", seed: int = 7) -> Candles:
    """A geometric random walk of 5-minute bars: flat arrays, no list of them.

    Nothing but its six columns is left of the making, nor much beside them in it.
    """
    random = np.random.default_rng(seed)
    moves = random.normal(0.0, 0.0015, bars)
    close = _walk(moves)
    open_ = np.concatenate(([30_000.0], close[:-1]))
    high, low = np.maximum(open_, close), np.minimum(open_, close)
    high *= 1 + _reach(random, bars)
    low *= 1 - _reach(random, bars)
    volume = random.gamma(2.0, 5.0, bars)
    volume *= _busy(moves)
    columns = {
        "time": START + STEP * np.arange(bars, dtype=np.int64),
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": volume,
    }
    frame = pd.DataFrame(columns, copy=False)
    return Candles(frame, symbol, "5m", f"{bars:,} made-up bars", True)


def _walk(moves: Prices) -> Prices:
    """Prices that go by `moves`, without two fifths of where those would lead."""
    path = np.cumsum(moves)
    drift = np.linspace(0, moves.sum(), len(moves))
    drift *= 0.4
    path -= drift
    np.exp(path, out=path)
    path *= 30_000.0
    return path


def _reach(random: np.random.Generator, bars: int) -> Prices:
    """By how much a bar went beyond its open and close."""
    reach = random.normal(0.0, 0.0008, bars)
    return np.abs(reach, out=reach)


def _busy(moves: Prices) -> Prices:
    """How much more is traded the further price moves; it takes the place of `moves`."""
    np.abs(moves, out=moves)
    moves *= 200
    moves += 1
    return moves
