"""A run that keeps what it makes leaves the process as it found it."""

import gc
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.shell.changed import changed
from trading.shell.engine.keeping import SELDOM, keeping
from trading.shell.venue.brackets import close_ids, conditional_closes
from trading.shell.venue.orders import Intent, Kind, Purpose, Side

LEVELS = st.none() | st.decimals(1, 10**6, places=2)
ENTRY = Intent(
    "entry", "BTC/USD", Side.BUY, Kind.MARKET, Purpose.ENTRY, Decimal(1), 1_704_067_200
)


def test_rubbish_is_looked_for_seldom_while_a_run_keeps_and_as_usual_after_it() -> None:
    usual = gc.get_threshold()
    with keeping():
        assert gc.get_threshold() == SELDOM
    assert gc.get_threshold() == usual


def test_a_run_that_fails_leaves_the_process_as_it_was() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError, match="a run failed"), keeping():
        raise ValueError("a run failed")
    assert gc.get_threshold() == usual


@given(stop=LEVELS, target=LEVELS)
def test_the_ids_of_closes_are_those_of_the_closes(
    stop: Decimal | None, target: Decimal | None
) -> None:
    entry = changed(ENTRY, stop=stop, target=target)
    closes = conditional_closes(entry)
    assert close_ids(entry) == tuple(close.id for close in closes)
