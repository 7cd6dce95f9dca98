"""What several indicators are made of is made once, and no value is another for it."""

from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from ta.momentum import RSIIndicator
from ta.trend import MACD, EMAIndicator, SMAIndicator
from ta.volatility import BollingerBands

from trading.shell import series
from trading.shell.bars import Bars
from trading.shell.engine.columns import columns_of
from trading.shell.indicators import compute, compute_one
from trading.shell.lookback import Values, extreme
from trading.shell.synthetic import START, generate

SMALL = {"n": 3, "tenths": 15, "fast": 2, "slow": 4, "signal": 3}
COMPUTED = [f for f in series.TABLE if f.kind in ("indicator", "derived")]
NAMES = sorted(
    {
        family.pattern.format(S=base, **SMALL)
        for family in COMPUTED
        for base in ("high", "volume", "atr_3", "highest_high_3")
    }
)
STEPS = st.tuples(
    st.sampled_from([0, 0, 1, -1, 3, -4, 7]),  # of the close
    st.integers(0, 3),  # above
    st.integers(0, 3),  # below
    st.sampled_from([0.0, 0.0, 1.5, 40.0]),  # volume
    st.integers(1, 20),  # hours to the next
)


@st.composite
def frames(draw: Any) -> pd.DataFrame:
    """Candles with still stretches, gaps, hours without volume and equal highs."""
    steps = np.array(draw(st.lists(STEPS, min_size=2, max_size=60)))
    close = 500 + np.array([*accumulate(steps[:, 0])]) / 3
    opened = np.concatenate(([close[0]], close[:-1]))
    return pd.DataFrame(
        {
            "time": START + 3600 * steps[:, 4].cumsum().astype(np.int64),
            "open": opened,
            "high": np.maximum(opened, close) + steps[:, 1] / 7,
            "low": np.minimum(opened, close) - steps[:, 2] / 7,
            "close": close,
            "volume": steps[:, 3],
        }
    )


@settings(max_examples=25, deadline=None)
@given(frames(), st.permutations(NAMES), st.integers(1, 400))
def test_a_series_is_the_same_to_the_last_bit_alone_and_among_others(
    frame, names, room
):
    before, bars = frame.copy(), Bars(frame, room)
    together = {name: compute_one(name, bars) for name in names}
    for name in names:
        alone = compute([name], frame)[name].to_numpy()
        np.testing.assert_array_equal(together[name], alone, err_msg=name)
    pd.testing.assert_frame_equal(frame, before)


@settings(max_examples=10)
@given(st.integers(0, 99), st.permutations(NAMES))
def test_the_columns_of_a_market_are_those_of_each_series_alone(seed, names):
    candles = generate(seed=seed, bars=80)
    columns = columns_of(candles, names)
    for name, values in zip(columns.names, columns.values, strict=True):
        alone = compute([name], candles.frame)[name].to_numpy()
        np.testing.assert_array_equal(values, alone, err_msg=name)


def test_what_is_asked_for_again_is_not_made_again():
    made, bars = [], Bars(generate(bars=10).frame, room=20)

    def double(bars: Bars, name: str) -> Values:
        made.append(name)
        return 2 * bars[name]

    for name in ("low", "high", "low", "close", "low", "high"):
        np.testing.assert_array_equal(bars.once(double, name), 2 * bars[name])
    assert made == ["low", "high", "close", "high"]  # two fit: "high" was let go


def by_ta(close: pd.Series) -> dict[str, pd.Series]:
    """Series of ours that share what they are made of, as `ta` computes each alone."""
    bands, wide = BollingerBands(close, 20, 2), BollingerBands(close, 20, 2.5)
    macd = MACD(close)
    return {
        "sma_20": SMAIndicator(close, 20).sma_indicator(),
        "ema_20": EMAIndicator(close, 20).ema_indicator(),
        "rsi_14": RSIIndicator(close, 14).rsi(),
        "bb_upper_20": bands.bollinger_hband(),
        "bb_middle_20": bands.bollinger_mavg(),
        "bb_lower_20": bands.bollinger_lband(),
        "bb_width_20": bands.bollinger_wband(),
        "bb_upper_20_25": wide.bollinger_hband(),
        "bb_lower_20_25": wide.bollinger_lband(),
        "macd": macd.macd(),
        "macd_signal": macd.macd_signal(),
        "macd_histogram": macd.macd_diff(),
    }


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(60, 400))
def test_values_are_those_of_ta_to_the_last_bit(seed, bars):
    frame = generate(seed=seed, bars=bars).frame
    for name, values in by_ta(frame["close"]).items():
        first = series.require(name).warm_up
        ours = compute([name], frame)[name].to_numpy()
        theirs = values.to_numpy()
        np.testing.assert_array_equal(ours[first:], theirs[first:], err_msg=name)


@given(
    arrays.arrays(
        float,
        st.integers(1, 60),
        elements=st.sampled_from([0.0, 1.0, 1.0, 2.5, -3.0, np.nan]),
    ),
    st.data(),
)
def test_the_greatest_and_least_of_a_window_are_those_of_pandas(values, data):
    n = data.draw(st.integers(1, len(values)))
    window = pd.Series(values).rolling(n)
    np.testing.assert_array_equal(extreme(values, n), window.max())
    np.testing.assert_array_equal(extreme(values, n, np.minimum), window.min())
