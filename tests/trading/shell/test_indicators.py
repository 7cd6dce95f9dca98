"""Every family: defined after its warm-up, blind to the future, equal to its formula."""

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell import series
from trading.shell.candles import Candles
from trading.shell.indicators import FORMULAS, clock, compute
from trading.shell.synthetic import generate

COMPUTED = [f for f in series.TABLE if f.kind in ("indicator", "derived")]
EXAMPLES = [
    *[family.example for family in COMPUTED],
    "prior_highest_high_20",
    "highest_rsi_14_3",
    "change_average_volume_20_5",
    "ema_2",
    "adx_2",
    "macd_2_3_2",
]


def one(name: str, frame: pd.DataFrame) -> pd.Series:
    return compute([name], frame)[name]


def test_the_table_and_the_formulas_name_the_same_families():
    assert {family.pattern for family in COMPUTED} == set(FORMULAS)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_value_does_not_change_when_later_candles_are_removed(name, market: Candles):
    whole = one(name, market.frame)
    for cut in (300, 301, 417):
        early = one(name, market.frame.iloc[:cut])
        pd.testing.assert_series_equal(early, whole.iloc[:cut], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_value_does_not_change_when_later_candles_do(name, market: Candles):
    wild = market.frame.copy()
    wild.iloc[400:, 1:] *= 3
    calm, shaken = one(name, market.frame), one(name, wild)
    pd.testing.assert_series_equal(calm.iloc[:400], shaken.iloc[:400])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_first_value_comes_right_after_the_declared_warm_up(name, market: Candles):
    values = one(name, market.frame)
    warm_up = series.require(name).warm_up
    assert values.iloc[:warm_up].isna().all()
    assert values.iloc[warm_up:].notna().all()


@pytest.mark.parametrize("name", EXAMPLES)
def test_exactly_the_bars_needed_give_one_value_and_fewer_none(name, market: Candles):
    needed = series.require(name).warm_up + 1
    assert one(name, market.frame.iloc[:needed]).notna().sum() == 1
    assert one(name, market.frame.iloc[: needed - 1]).notna().sum() == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_index_of_any_kind_changes_nothing(name, market: Candles):
    moved = market.frame.set_axis(range(1000, 1000 + len(market)))
    assert one(name, moved).index[0] == 1000
    np.testing.assert_array_equal(one(name, moved), one(name, market.frame))


@given(st.integers(0, 50), st.integers(2, 40))
def test_oscillators_stay_between_0_and_100(seed, n):
    frame = generate(seed=seed, bars=120).frame
    names = [
        family.pattern.format(n=n)
        for family in COMPUTED
        if family.unit == "oscillator" and family.ranges
    ]
    values = compute(names, frame).to_numpy()
    known = values[~np.isnan(values)]
    assert ((known >= 0) & (known <= 100)).all()


def test_values_are_those_of_the_formula(market: Candles):
    frame = market.frame
    close = frame["close"].tolist()
    ema = close[0]
    for price in close[1:]:
        ema += (price - ema) * 2 / 21
    assert one("ema_20", frame).iloc[-1] == pytest.approx(ema)
    assert one("sma_20", frame).iloc[-1] == pytest.approx(sum(close[-20:]) / 20)
    weights = range(1, 21)
    wma = sum(w * p for w, p in zip(weights, close[-20:], strict=True)) / sum(weights)
    assert one("wma_20", frame).iloc[-1] == pytest.approx(wma)
    assert one("roc_12", frame).iloc[-1] == pytest.approx(
        100 * (close[-1] / close[-13] - 1)
    )
    assert one("highest_high_20", frame).iloc[-1] == max(frame["high"].tail(20))
    assert one("prior_lowest_low_20", frame).iloc[-1] == min(frame["low"][-21:-1])
    volumes = frame["volume"].tolist()
    assert one("volume_ratio_20", frame).iloc[-1] == pytest.approx(
        volumes[-1] / (sum(volumes[-21:-1]) / 20)
    )


def test_a_market_that_does_not_move_gives_no_value_rather_than_a_made_up_one():
    frame = generate(bars=60).frame
    frame[["open", "high", "low", "close"]] = 100.0
    frame["volume"] = 0.0
    undefined = ["rsi_14", "stoch_14", "vwap_20", "mfi_14", "volume_ratio_20"]
    assert compute(undefined, frame).isna().all(axis=None)
    assert one("ema_20", frame).iloc[-1] == 100


def test_infinite_values_are_no_values():
    frame = generate(bars=40).frame
    frame.loc[10:20, "volume"] = 0.0
    changes = one("change_volume_1", frame)
    assert not np.isinf(changes).any()
    assert math.isnan(changes.iloc[21])


def test_unknown_and_uncomputable_names_are_refused(market: Candles):
    bare = market.frame.drop(columns="volume")
    for names, frame in (
        (["nonsense"], market.frame),
        (["equity"], market.frame),
        (["hour"], market.frame),
        (["prior_average_volume_20"], bare),
    ):
        with pytest.raises(DataError) as refused:
            compute(names, frame)
        assert refused.value.remedy


def test_the_columns_are_the_names_asked_for(market: Candles):
    table = compute({"rsi_14", "close", "ema_9"}, market.frame)
    assert list(table.columns) == ["close", "ema_9", "rsi_14"]
    assert len(table) == len(market)


def test_the_clock_is_utc_and_monday_is_0():
    told = clock(np.array([1_609_459_199]))  # Thursday 2020-12-31 23:59:59
    assert {name: values[0] for name, values in told.items()} == {
        "time": 1_609_459_199,
        "minute": 59,
        "hour": 23,
        "weekday": 3,
        "month_day": 31,
    }
    assert all(type(values[0]) is int for values in told.values())


@given(st.integers(0, 4_000_000_000))
def test_the_clock_is_the_calendars(time: int):
    told, moment = clock(np.array([time])), datetime.fromtimestamp(time, UTC)
    assert {name: values[0] for name, values in told.items()} == {
        "time": time,
        "minute": moment.minute,
        "hour": moment.hour,
        "weekday": moment.weekday(),
        "month_day": moment.day,
    }


def test_real_candles_give_every_family_a_value_at_every_bar(bitcoin: Candles):
    names = [family.example for family in COMPUTED]
    table = compute(names, bitcoin.frame)
    assert table.iloc[series.warm_up(names) :].notna().all(axis=None)
