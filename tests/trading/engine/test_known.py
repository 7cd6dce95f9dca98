"""What a live session knows of a market: each candle once, the newest of them."""

from dataclasses import replace

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.shell.candles import Candles
from trading.shell.engine.known import KEPT, merged, newest
from trading.shell.synthetic import generate

WHOLE = generate(bars=KEPT + 60)


def part(first: int, end: int) -> Candles:
    return replace(WHOLE, frame=WHOLE.frame.iloc[first:end].reset_index(drop=True))


@settings(max_examples=60)
@given(
    known=st.integers(1, KEPT + 30),
    answered=st.integers(1, 60),
    new=st.integers(-20, 30),
)
def test_an_answer_adds_what_is_newer_and_the_oldest_go(known, answered, new):
    end = max(1, known + new)
    answer = part(max(0, end - answered), end)
    both = merged(part(0, known), answer)
    missed = end - answered - known  # a gap stays one
    rows = [*range(known), *range(known + max(0, missed), end)]
    expected = WHOLE.frame.iloc[rows[-KEPT:]].reset_index(drop=True)
    pd.testing.assert_frame_equal(both.frame, expected)
    assert newest(both) == WHOLE.frame["time"].iloc[max(known, end) - 1]


def test_a_candle_stays_as_it_was_first_seen():
    seen, again = part(0, 5), part(0, 6)
    again.frame.loc[4, "close"] *= 2
    both = merged(seen, again)
    assert both.frame["close"].tolist() == WHOLE.frame["close"].iloc[:6].tolist()
