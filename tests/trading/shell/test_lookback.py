"""Averages of long columns, made in pieces, are those of pandas over the whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.shell.lookback import PIECE, Values, exponential, smoothed


def column(long: int, seed: int = 7) -> Values:
    return np.random.default_rng(seed).normal(100.0, 9.0, long)


def whole(values: Values, n: int) -> pd.Series:
    return pd.Series(values).ewm(span=n, min_periods=n, adjust=False).mean()


@given(
    n=st.integers(2, 1000),
    long=st.sampled_from([1, 2, PIECE, PIECE + 1, PIECE + 2, 2 * PIECE + 1]),
    seed=st.integers(0, 9),
)
def test_a_long_average_is_bit_for_bit_that_of_the_whole(
    n: int, long: int, seed: int
) -> None:
    values = column(long, seed)
    np.testing.assert_array_equal(exponential(values, n), whole(values, n))
    rest = pd.Series(values).ewm(alpha=1 / n, adjust=False).mean()
    np.testing.assert_array_equal(smoothed(values, 1 / n), rest)


@pytest.mark.parametrize("place", [0, 1, PIECE - 1, PIECE, PIECE + 1])
def test_values_that_are_missing_weigh_as_in_the_whole(place: int) -> None:
    values = column(2 * PIECE)
    values[place : place + 3] = np.nan
    np.testing.assert_array_equal(exponential(values, 9), whole(values, 9))


def test_what_is_averaged_is_left_as_it_is() -> None:
    values = column(2 * PIECE)
    before = values.copy()
    exponential(values, 9)
    smoothed(values, 0.1)
    np.testing.assert_array_equal(values, before)
