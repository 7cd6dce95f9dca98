"""Higher timeframes: by UTC, whole bars only, the same whichever way they are built."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell.candles import Candles, seconds_of
from trading.shell.data.resampling import resample
from trading.shell.synthetic import generate


def market(bars: int, step: int = 300, dropped: frozenset[int] = frozenset(), late=0):
    candles = generate(bars=bars, step=step)
    frame = candles.frame.drop(index=[n for n in dropped if n < bars]).iloc[late:]
    return Candles(frame.reset_index(drop=True), "BTC/USD", "5m", "made", False)


def by_hand(frame: pd.DataFrame, step: int, needed: int) -> list[tuple[float, ...]]:
    groups: dict[int, list[tuple[float, ...]]] = {}
    for row in frame.itertuples(index=False):
        groups.setdefault(int(row[0]) // step * step, []).append(tuple(row))
    end = int(frame["time"].iloc[-1]) + 300
    return [
        (
            *(start, rows[0][1], max(r[2] for r in rows)),
            *(min(r[3] for r in rows), rows[-1][4], sum(r[5] for r in rows)),
        )
        for start, rows in groups.items()
        if len(rows) >= needed and start + step <= end
    ]


@settings(max_examples=40)
@given(
    st.integers(20, 200),
    st.frozensets(st.integers(0, 199), max_size=8),
    st.integers(0, 11),
    st.sampled_from(["15m", "1h", "4h"]),
    st.integers(0, 2),
)
def test_a_bar_is_what_its_candles_make(bars, dropped, late, timeframe, most_missing):
    candles = market(bars, dropped=dropped, late=late)
    step = seconds_of(timeframe)
    made = resample(candles, timeframe, most_missing)
    expected = by_hand(candles.frame, step, step // 300 - most_missing)
    found = (
        [tuple(row) for row in made.candles.frame.itertuples(index=False)]
        if made.candles
        else []
    )
    assert [row[:5] for row in found] == [row[:5] for row in expected]
    assert [row[5] for row in found] == pytest.approx([row[5] for row in expected])
    assert all(row[0] % step == 0 for row in found)
    groups = candles.frame["time"].floordiv(step).nunique()
    assert made.incomplete == groups - len(found)


def test_hours_by_way_of_quarters_are_the_same_hours():
    candles = market(600)
    quarters = resample(candles, "15m").candles
    assert quarters is not None
    direct, through = resample(candles, "1h").candles, resample(quarters, "1h").candles
    assert direct is not None
    assert through is not None
    pd.testing.assert_frame_equal(direct.frame, through.frame, rtol=1e-12)


def test_the_bar_that_is_still_forming_is_not_built():
    assert resample(market(11), "1h").candles is None
    made = resample(market(12), "1h")
    assert made.candles is not None
    assert len(made.candles) == 1
    assert made.candles.source == "built from 5m"


def test_a_missing_volume_stays_missing():
    candles = market(24)
    bare = Candles(candles.frame.drop(columns="volume"), "BTC/USD", "5m", "", False)
    made = resample(bare, "1h").candles
    assert made is not None
    assert not made.has_volume


@pytest.mark.parametrize("timeframe", ["5m", "1m", "7m", "1w"])
def test_what_does_not_divide_is_refused(timeframe):
    with pytest.raises(DataError, match="cannot be built"):
        resample(market(24), timeframe)
