"""The formulas of our own, against slow ones written from their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.shell.indicators import compute
from trading.shell.synthetic import START, generate

DAY = 86_400


def day_vwap_by_hand(rows: list[tuple[float, ...]]) -> list[float]:
    """One pass, a sum that is emptied at each midnight."""
    paid = traded = 0.0
    day, known, found = rows[0][0] // DAY, rows[0][0] % DAY == 0, []
    for time, high, low, close, volume in rows:
        if time // DAY != day:
            day, known, paid, traded = time // DAY, True, 0.0, 0.0
        paid += (high + low + close) / 3 * volume
        traded += volume
        found.append(paid / traded if known and traded else math.nan)
    return found


@settings(max_examples=40)
@given(st.integers(0, 99), st.integers(0, 30), st.sampled_from([900, 3600, 14_400]))
def test_the_days_vwap_begins_anew_at_midnight(seed, late, step):
    frame = generate(seed=seed, bars=120, step=step).frame.iloc[late:]
    frame = frame.drop(index=[late + 7, late + 24])  # hours in which nothing was traded
    names = ["time", "high", "low", "close", "volume"]
    expected = day_vwap_by_hand(list(frame[names].itertuples(index=False)))
    found = compute(["day_vwap"], frame)["day_vwap"].to_numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_day_entered_after_its_midnight_has_no_vwap():
    frame = generate(bars=60).frame.iloc[5:]
    values = compute(["day_vwap"], frame)["day_vwap"]
    assert frame["time"].iloc[0] == START + 5 * 3600
    assert values.iloc[:19].isna().all()
    assert values.iloc[19:].notna().all()


def test_a_day_without_volume_has_no_vwap_until_something_is_traded():
    frame = generate(bars=48).frame
    frame.loc[24:30, "volume"] = 0.0
    values = compute(["day_vwap"], frame)["day_vwap"]
    assert values.iloc[24:31].isna().all()
    assert values.iloc[31] == pytest.approx(
        frame.loc[31, ["high", "low", "close"]].mean()
    )


def test_choppiness_is_low_in_a_straight_move_and_high_in_a_saw():
    frame = generate(bars=80).frame
    ramp = np.linspace(100, 200, 80)
    saw = np.where(np.arange(80) % 2, 101.0, 100.0)
    found = []
    for path in (ramp, saw):
        frame["open"] = frame["close"] = path
        frame["high"], frame["low"] = path + 0.01, path - 0.01
        found.append(compute(["chop_14"], frame)["chop_14"].iloc[-1])
    assert found[0] < 5
    assert found[1] > 95


def test_of_equal_highs_the_latest_counts():
    frame = generate(bars=40).frame
    frame[["open", "high", "low", "close"]] = 100.0
    assert (compute(["aroon_up_25"], frame)["aroon_up_25"].iloc[25:] == 100).all()


def test_a_market_that_does_not_move_has_no_direction():
    frame = generate(bars=60).frame
    frame[["open", "high", "low", "close"]] = 100.0
    names = ["plus_di_14", "minus_di_14", "adx_14", "chop_14", "cci_20"]
    assert compute(names, frame).isna().all(axis=None)
