"""Candles as flat arrays, and what several indicators are made of: each thing made once.

One `Bars` serves one call; nothing outlives it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trading.shell.lookback import Values

T = TypeVar("T")

MOST_BARS = 100_000


class Bars:
    """Bars in time order, from a `frame` of time, open, high, low, close and volume.

    `bars["close"]` is a column, a float a bar, not to be written to. The frame's own
    index plays no part. `room` is how many bars all that is kept may have together: of
    a million bars only the newest thing is kept.
    """

    def __init__(self, frame: pd.DataFrame, room: int = MOST_BARS) -> None:
        self._frame = frame
        self._columns: dict[str, Values] = {}
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._most = max(1, room // max(1, len(frame)))

    def __len__(self) -> int:
        return len(self._frame)

    def __contains__(self, name: str) -> bool:
        return name in self._frame

    def __getitem__(self, name: str) -> Values:
        if name not in self._columns:
            self._columns[name] = self._frame[name].to_numpy(dtype=float)
        return self._columns[name]

    @property
    def times(self) -> NDArray[np.int64]:
        """UTC seconds of the opens."""
        return self._frame["time"].to_numpy(dtype=np.int64)

    def once(self, make: Callable[..., T], *of: Hashable) -> T:
        """`make(self, *of)`, or what it was the last time; not to be written to."""
        key = (make, *of)
        if key not in self._made:
            self._leave_room()
            made = make(self, *of)
            self._leave_room()
            self._made[key] = made
        self._made.move_to_end(key)
        found: T = self._made[key]
        return found

    def _leave_room(self) -> None:
        """Let go of what was not asked for longest, until one more thing fits."""
        while len(self._made) >= self._most:
            self._made.popitem(last=False)
