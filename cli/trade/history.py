"""What is stored before the candles that Kraken gives, so that a live session knows more.

Kraken gives 720 candles; averages over all of the past are exact only after more of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from core.store import Store
    from trading.shell.candles import Candles
    from trading.shell.market import Market

NEAR = 0.001  # share of a close by which stored and given candles may differ


def with_stored(store: "Store", market: "Market") -> "Market":
    """The market, each of its candles after what is stored of it without a gap.

    What is stored is known from the start; a new account begins where Kraken's begin.
    """
    first = min(_ends(one.frame)[0] for one in market.candles)
    candles = tuple(_longer(store, one) for one in market.candles)
    return replace(market, candles=candles, first=first)


def after_known(
    known: "Mapping[str, Candles]", found: "Sequence[Candles | DataError]"
) -> "list[Candles | DataError]":
    """What Kraken gave, each after what was known of its market before."""
    from trading.shell.engine.known import merged

    return [
        one
        if isinstance(one, DataError) or one.symbol not in known
        else merged(known[one.symbol], one)
        for one in found
    ]


def _longer(store: "Store", given: "Candles") -> "Candles":
    import pandas as pd

    from trading.shell.engine.known import KEPT

    known = _stored(store, given, KEPT)
    before = None if known is None else _before(known, given)
    if before is None:
        return given
    frame = pd.concat([before[given.frame.columns], given.frame], ignore_index=True)
    frame = frame.tail(KEPT).reset_index(drop=True)
    words = f"{given.source}, after {len(frame) - len(given):,} stored ones"
    return replace(given, frame=frame, source=words)


def _stored(store: "Store", given: "Candles", most: int) -> "Candles | None":
    """What is stored of the market in the time before and while it was given."""
    from trading.shell.data.loading import stored

    first, last = _ends(given.frame)
    since = first - most * given.step
    try:
        (found,) = stored(store, [given.symbol], given.timeframe, since, last + 1)
    except DataError:  # nothing of then, or too little for a bar
        return None
    return found


def _before(known: "Candles", given: "Candles") -> "pd.DataFrame | None":
    """The stored candles up to where those given begin, back to their last gap; None
    where there is a gap between them, or where nothing says that they are one market's."""
    first, _ = _ends(given.frame)
    before = known.frame[known.frame["time"] < first]
    joins = len(before) and _ends(before)[1] == first - given.step
    if not joins or not _agree(known.frame, given.frame):
        return None
    if given.has_volume and not known.has_volume:
        return None
    holes = before["time"].diff() > given.step
    return before[holes.cumsum() == holes.sum()]


def _agree(known: "pd.DataFrame", given: "pd.DataFrame") -> bool:
    """Whether both have a close of the same time, and none is another market's."""
    both = known[["time", "close"]].merge(given[["time", "close"]], on="time")
    off = (both["close_x"] - both["close_y"]).abs() > NEAR * both["close_y"]
    return len(both) > 0 and not off.any()


def _ends(frame: "pd.DataFrame") -> tuple[int, int]:
    times = frame["time"]
    return int(times.iloc[0]), int(times.iloc[-1])
