"""The account phase names the first event after which equity is not what it should be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sandbox import Sandbox
from tests.trading.engine.stacks import flagship, run_of
from tests.trading.venue.market import SPOT, D, order, rules
from trading.shell.engine.account import AccountView
from trading.shell.engine.accounting import Accountant
from trading.shell.engine.books import Books
from trading.shell.engine.rates import Rates
from trading.shell.ledger.events import Deposited, Filled, Intended, LedgerEvent
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.orders import Fill, Side

FILLS = 4
LOST = D(7)


def of(name: str, event: LedgerEvent) -> bool:
    return isinstance(event, Filled) and event.fill.id == name


@dataclass
class LosingState(LedgerState):
    """Adds up like any other, but for seven dollars at one fill."""

    loses: str = field(default="")

    def apply(self, event: LedgerEvent) -> bool:
        added = super().apply(event)
        self.cash -= LOST if of(self.loses, event) else 0
        return added


class LosingJournal(MemoryJournal):
    """The same of a journal that adds up itself."""

    loses = ""

    def append(self, events: Sequence[LedgerEvent], states: Any = None) -> None:
        super().append(events, states)
        self.state.cash -= LOST if any(of(self.loses, one) for one in events) else 0


@pytest.fixture(scope="module")
def run() -> Iterator[Any]:
    with Sandbox() as sandbox:
        yield run_of(flagship(), sandbox)


def books(loses: str, summed: bool) -> Books:
    journal = LosingJournal()
    state = journal.state if summed else LosingState(loses=loses)
    journal.loses = loses if summed else ""
    view = AccountView(state, 3600, Rates(rules()))
    return Books(state, journal, view, summed=summed)


def reckoned(run: Any, loses: str, summed: bool, prices: Sequence[int]) -> Accountant:
    """An account that buys at these prices, and what its stack then says of it."""
    ours = books(loses, summed)
    ours.write([Deposited(D(10_000), 0)])
    accountant = Accountant(run, ours)
    accountant.begin()
    ours.write([Intended(order(id=f"o{n}"), 1) for n in range(FILLS)])
    ours.view.holder(SPOT).see(0, 101, 99, 100)
    fills: list[LedgerEvent] = [
        Filled(Fill(f"f{n}", f"o{n}", SPOT, Side.BUY, D(1), D(price), D("0.4"), 10 + n))
        for n, price in enumerate(prices)
    ]
    ours.book(fills)
    accountant.hear(fills)
    accountant.reckon(3600)
    return accountant


def test_the_first_of_four_fills_is_named_when_it_lost_seven_dollars(run: Any):
    for summed in (True, False):
        told = reckoned(run, "f0", summed, [100, 100, 100, 100]).broken
        assert told == "fill f0: -700 cents differ"


@settings(max_examples=20)
@given(
    st.sampled_from(["", *(f"f{n}" for n in range(FILLS))]),
    st.booleans(),
    st.lists(st.integers(50, 150), min_size=FILLS, max_size=FILLS),
)
def test_whichever_fill_loses_money_is_named_and_none_where_none_does(
    run: Any, loses: str, summed: bool, prices: list[int]
):
    told = reckoned(run, loses, summed, prices).broken
    assert told.startswith(f"fill {loses}: ") if loses else told == ""
