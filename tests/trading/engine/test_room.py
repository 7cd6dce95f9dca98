"""Columns that are passed by: what is ahead stays as it is, the memory behind goes back."""

import sys

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.shell.engine.room import Room

MEGABYTE = 2**20
at_once = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system takes memory when it likes"
)


@settings(max_examples=50)
@given(
    series=st.integers(1, 4),
    bars=st.integers(1, 5000),
    passes=st.lists(st.integers(0, 5000), max_size=5),
)
def test_what_is_ahead_stays_as_it_is(
    series: int, bars: int, passes: list[int]
) -> None:
    room = Room(series, bars)
    written = np.arange(1.0, series * bars + 1).reshape(series, bars)
    room.columns[:] = written
    for number in sorted(min(one, bars) for one in passes):
        room.pass_by(number)
        np.testing.assert_array_equal(
            room.columns[:, number:], written[:, number:], err_msg=str(number)
        )


@at_once
def test_the_memory_of_what_was_passed_goes_back_to_the_system() -> None:
    room = Room(4, 2 * MEGABYTE)  # 64 MB
    room.columns[:] = 1.0
    held = psutil.Process().memory_info().rss
    room.pass_by(MEGABYTE)
    half = psutil.Process().memory_info().rss
    room.pass_by(2 * MEGABYTE)
    nothing = psutil.Process().memory_info().rss
    assert held - half > 30 * MEGABYTE
    assert half - nothing > 30 * MEGABYTE
    assert room.columns.shape == (4, 2 * MEGABYTE)


@at_once
def test_columns_that_nobody_holds_give_all_of_it_back() -> None:
    before = psutil.Process().memory_info().rss
    columns = Room(4, 2 * MEGABYTE).columns
    columns[:] = 1.0
    assert psutil.Process().memory_info().rss - before > 60 * MEGABYTE
    del columns
    assert psutil.Process().memory_info().rss - before < 4 * MEGABYTE
