"""The engine's hand on the ledger: an entry that never fills leaves no closes at work."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.made_trades import trade
from tests.trading.venue.market import SPOT, D, candle, matching, order, rules
from trading.shell.account_table import ACCOUNT, ASKED, EVERYONE
from trading.shell.engine.account import AccountView, Holder
from trading.shell.engine.books import NEVER_FILLED, Books, booked
from trading.shell.engine.figures import SHARED_FIGURES, SYMBOL_FIGURES
from trading.shell.engine.rates import Rates
from trading.shell.indicators import clock
from trading.shell.ledger.events import Answered, Deposited, Intended
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.matching import Matching

FLAT = (100, 101, 99, 100)


def lived(entry: Any, venue: Matching, volume: float | None) -> Books:
    """An entry and its closes written down together, then one candle."""
    journal = MemoryJournal()
    view = AccountView(journal.state, 3600, Rates(venue.rules))
    books = Books(journal.state, journal, view, summed=True)
    intents = (entry, *conditional_closes(entry))
    books.write([Deposited(D(10_000), 0), *(Intended(one, 0) for one in intents)])
    books.book([Answered(venue.place(entry))])
    bar = candle(1, FLAT, volume)
    view.holder(SPOT).see(bar.time, bar.high, bar.low, bar.close)
    venue.begin(SPOT, bar.time, bar.open)
    venue.finish(bar)
    venue.begin(SPOT, 7200, 100.0)
    books.book(booked(event) for event in venue.take_events())
    return books


@pytest.mark.parametrize(
    ("entry", "volume", "cash"),
    [
        (order("limit", price=90, stop=80, target=110, expires_at=7200), None, "100"),
        (order(quantity=1, stop=80, target=110), None, "0.01"),
    ],
)
def test_the_closes_of_an_entry_that_never_filled_end_with_it(
    entry: Any, volume: float | None, cash: str
) -> None:
    books = lived(entry, matching(cash), volume)
    assert books.state.working == {}
    ended = [books.state.order(one.id) for one in conditional_closes(entry)]
    assert [one.reason for one in ended if one] == [NEVER_FILLED] * 2


def test_the_closes_of_what_has_filled_stay_at_work() -> None:
    entry = order("limit", price="99.5", stop=80, target=110, expires_at=7200)
    books = lived(entry, Matching(rules(), D(10_000)), 4)
    assert set(books.state.working) == {one.id for one in conditional_closes(entry)}
    assert books.state.position(SPOT).quantity == D("0.4")


@given(
    step=st.sampled_from([300, 3600, 14_400]),
    bar=st.integers(0, 100),
    inside=st.floats(0, 0.99),
)
def test_a_trade_is_counted_in_the_hour_that_its_decision_saw(
    step: int, bar: int, inside: float
) -> None:
    view = AccountView(MemoryJournal().state, step, Rates(rules()))
    decided = bar * step
    opened, closed = decided + int(inside * step), decided + 3 * step
    one = Holder(SPOT, last=trade(1.0, opened_at=opened, closed_at=closed), time=closed)
    seen = clock(np.array([decided]))["hour"][0]
    assert SYMBOL_FIGURES["closed_hour"](view, one) == seen


def test_the_account_gives_every_figure_of_its_table_and_no_other() -> None:
    table = {name for name, *_ in ACCOUNT}
    assert SYMBOL_FIGURES.keys() == table - EVERYONE
    assert SHARED_FIGURES.keys() == EVERYONE - ASKED


def test_the_time_since_a_loss_begins_at_the_close_of_its_candle() -> None:
    venue = Matching(rules(), D(10_000))
    books = lived(order(quantity=1, stop="99.5", target=110), venue, None)
    (lost,) = books.state.trades
    one = books.view.holder(SPOT)
    other = Holder("ETH/USD", time=one.time)
    since = SYMBOL_FIGURES["seconds_since_loss"]
    assert lost.net < 0
    assert one.time <= lost.closed_at < one.time + 3600
    assert since(books.view, one) == 0
    one.see(one.time + 3600, *FLAT[1:])
    assert since(books.view, one) == 3600
    assert since(books.view, other) == 0, "a loss in one market is one in all"
