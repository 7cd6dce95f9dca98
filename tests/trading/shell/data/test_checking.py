"""The check finds what was planted, and nothing in candles that are whole."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.shell.candles import Candles
from trading.shell.data.checking import check
from trading.shell.synthetic import generate

WHOLE = generate(bars=400)
END = int(WHOLE.frame["time"].iloc[-1]) + 3600


def changed(**columns) -> Candles:
    return replace(WHOLE, frame=WHOLE.frame.assign(**columns))


def test_whole_candles_have_no_trouble():
    report = check(WHOLE, END + 60)
    assert report.trouble == ()
    assert (report.coverage, report.age, report.duplicates) == (1.0, 60, 0)


def test_one_missing_bar_is_told_in_the_singular():
    one = replace(WHOLE, frame=WHOLE.frame.drop(index=[7]).reset_index(drop=True))
    assert check(one, END).trouble == ("1 bar missing in 1 gap",)


@settings(max_examples=40)
@given(st.frozensets(st.integers(1, 398), min_size=1, max_size=40))
def test_every_missing_bar_is_counted(dropped):
    frame = WHOLE.frame.drop(index=list(dropped)).reset_index(drop=True)
    report = check(replace(WHOLE, frame=frame), END)
    assert report.missing == len(dropped)
    assert report.rows + report.missing == 400
    assert report.coverage == report.rows / 400
    assert sum(gap.missing for gap in report.largest_gaps) <= report.missing
    runs = sum(n - 1 not in dropped for n in dropped)
    assert report.gaps == runs


def test_a_price_that_leaps_and_comes_back_is_an_outlier_and_a_fall_is_none():
    close = WHOLE.frame["close"].copy()
    close.iloc[100] *= 1.5
    report = check(changed(close=close), END)
    assert [out.time for out in report.examples] == [WHOLE.frame["time"].iloc[100]]
    assert "1 outlier" in report.trouble
    close = WHOLE.frame["close"].copy()
    close.iloc[200:] *= 0.6
    assert check(changed(close=close), END).outliers == 0


@given(
    st.integers(0, 399),
    st.sampled_from([("high", 1.0), ("low", -1.0)]),
    st.floats(1.0, 6.0),
)
def test_a_lone_wick_far_beyond_its_neighbours_is_an_outlier(row, wick, far):
    """At any bar, the first and last among them; `far` in powers of e."""
    column, side = wick
    prices = WHOLE.frame[column].copy()
    prices.iloc[row] *= math.exp(side * far)
    (found,) = check(changed(**{column: prices}), END).examples
    assert (found.time, found.column) == (WHOLE.frame["time"].iloc[row], column)
    assert found.price == prices.iloc[row]
    assert (found.move > 0) == (side > 0)
    assert (1 + found.move) * (1 + found.back) == pytest.approx(1)


def test_the_farthest_outliers_are_told_first():
    high = WHOLE.frame["high"].copy()
    high.iloc[10:390:20] *= 2
    high.iloc[350] *= 400
    report = check(changed(high=high), END)
    assert (report.outliers, len(report.examples)) == (19, 5)
    assert report.examples[0].time == WHOLE.frame["time"].iloc[350]


def test_wicks_of_a_market_that_moves_are_none():
    """Ten bars in which highs are far above: somebody traded there."""
    high = WHOLE.frame["high"].copy()
    high.iloc[100:110] *= 3
    assert check(changed(high=high), END).outliers == 0


def test_bars_without_volume_and_stale_candles_are_told():
    volume = WHOLE.frame["volume"].copy()
    volume.iloc[[5, 9]] = 0.0
    report = check(changed(volume=volume), END + 3 * 86_400)
    assert report.zero_volume == 2
    assert report.stale
    assert report.trouble == ("2 without volume", "newest candle closed 3 days ago")
    bare = replace(WHOLE, frame=WHOLE.frame.drop(columns="volume"))
    assert check(bare, END).zero_volume is None
    unknown = "one or more of unknown volume: none is used"
    assert unknown in check(bare, END).trouble


@given(st.integers(0, 400))
def test_candles_of_the_future_are_counted(ahead):
    """A day ahead may be another time zone."""
    now = END - 3600 * ahead
    report = check(WHOLE, now)
    assert report.future == max(0, ahead - 1 - 24)
    assert any("of the future" in words for words in report.trouble) == (ahead > 25)


def test_candles_beside_the_grid_are_told():
    report = check(changed(time=WHOLE.frame["time"] + 7), END)
    assert report.off_grid == 400
