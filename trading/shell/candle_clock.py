"""Candles that open after now: no market had them, whatever file they are in."""

import time
from pathlib import Path

from core.errors import DataError
from trading.shell.candles import Candles, stamp

SLACK = 86_400  # a file in another time zone, a clock a little slow


def future(candles: Candles, now: float) -> int:
    """How many candles open more than a day after the UTC second `now`."""
    return int((candles.frame["time"] > now + SLACK).sum())


def refuse_future(path: Path, candles: Candles) -> None:
    """Refuse a file with candles of the future, by this machine's clock: DataError."""
    refuse(candles, str(path), "remove these rows, or set this machine's clock right")


def refuse(candles: Candles, where: str, remedy: str) -> None:
    """Refuse candles of the future, by this machine's clock: DataError."""
    now = time.time()
    count = future(candles, now)
    if count:
        first = stamp(candles.frame["time"].iloc[-count])
        raise DataError(
            f"{count:,} {'candle opens' if count == 1 else 'candles open'} after now, "
            f"which is {stamp(int(now))} UTC: "
            f"the first at {first}",
            field="time",
            value=first,
            where=where,
            remedy=remedy,
        )
