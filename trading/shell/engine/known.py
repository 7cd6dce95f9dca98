"""The candles that are known of live markets, and those not given to anybody yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from trading.shell.candles import Candles
from trading.shell.engine.columns import Columns
from trading.shell.engine.timeline import Step, timeline

KEPT = 2_000  # bars of history a live session remembers


def newest(one: Candles) -> int:
    """When its newest candle opened, in UTC seconds."""
    return int(one.frame["time"].to_numpy()[-1])


def left(
    columns: Sequence[Columns], given: Mapping[str, int], first: int = 0
) -> Iterator[Step]:
    """What no market has been given yet, from the UTC second `first` on."""
    begin = min(given.get(one.symbol, -1) for one in columns) + 1
    for time, present in timeline(columns, max(first, begin)):
        new = [one for one in present if time > given.get(one[0], -1)]
        if new:
            yield time, new


def merged(known: Candles, newer: Candles) -> Candles:
    """Both, each candle once, as they were first seen; at most KEPT of them."""
    times = newer.frame["time"].to_numpy()
    new = newer.frame.iloc[times.searchsorted(newest(known), "right") :]
    frame = pd.concat([known.frame, new], ignore_index=True)
    if len(frame) > KEPT:
        frame = frame.iloc[-KEPT:].reset_index(drop=True)
    return replace(known, frame=frame)
