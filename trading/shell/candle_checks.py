"""What a row of candles must be; the first that is not is refused by name: DataError."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError

PRICES = ("open", "high", "low", "close")
HIGHEST_PRICE = 1e7
HIGHEST_VOLUME = 1e15
EARLIEST, LATEST = 1_230_768_000, 4_102_444_800  # 2009-01-01 and 2100-01-01

Where = Callable[[int], str]
Flags = NDArray[np.bool_]
Arrays = Mapping[str, NDArray[Any]]


def _first(flags: Flags) -> int | None:
    return int(flags.argmax()) if flags.any() else None


def refuse_first(
    flags: Flags, column: str, columns: Arrays, where: Where, why: str, remedy: str
) -> None:
    """Refuse the first flagged row by its `column`: DataError."""
    row = _first(flags)
    if row is not None:
        value = columns[column][row].item()
        raise DataError(
            f"{column} {value} {why}",
            field=column,
            value=value,
            where=where(row),
            remedy=remedy,
        )


def check_prices(columns: Arrays, where: Where) -> None:
    """Every price is one, and each bar's range holds its open and close."""
    for name in PRICES:
        prices = columns[name].astype(float, copy=False)
        bad = ~((prices > 0) & (prices <= HIGHEST_PRICE))
        why = f"is not a price between 0 and {HIGHEST_PRICE:,.0f}"
        refuse_first(bad, name, columns, where, why, "correct or remove the row")
    _check_range(columns, where)


def _check_range(columns: Arrays, where: Where) -> None:
    open_, high, low, close = (
        columns[name].astype(float, copy=False) for name in PRICES
    )
    fix = "check the order of the columns, or correct the row"
    refuse_first(high < low, "high", columns, where, "is below the low", fix)
    above = high < np.maximum(open_, close)
    refuse_first(above, "high", columns, where, "is below the open or close", fix)
    below = low > np.minimum(open_, close)
    refuse_first(below, "low", columns, where, "is above the open or close", fix)


def check_volume(columns: Arrays, where: Where) -> None:
    """Every volume is one, where there is such a column."""
    if "volume" in columns:
        volumes = columns["volume"].astype(float, copy=False)
        bad = ~((volumes >= 0) & (volumes <= HIGHEST_VOLUME))
        why = "is not a volume of 0 or more"
        refuse_first(bad, "volume", columns, where, why, "correct or remove the row")


def check_times(times: NDArray[np.int64], where: Where) -> None:
    """Times lie where candles can, and rise."""
    columns = {"time": times}
    far = (times < EARLIEST) | (times > LATEST)
    fix = "give UTC seconds or milliseconds since 1970, or ISO 8601"
    refuse_first(far, "time", columns, where, "is not between 2009 and 2100", fix)
    later = np.diff(times, prepend=times[0] - 1)
    twice = "is the time of the row before, too"
    refuse_first(
        later == 0, "time", columns, where, twice, "remove one of the two rows"
    )
    refuse_first(
        later < 0,
        "time",
        columns,
        where,
        "is earlier than the row before",
        "sort the rows by time, oldest first",
    )
