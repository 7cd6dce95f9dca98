"""What a person is told: the same as happened, by symbol, time and name."""

import pytest

from core.store import Store
from tests.trading.ledger.story import (
    DEPOSIT,
    SPOT,
    START,
    D,
    bought,
    decided,
    ended,
    fill,
    intent,
    plain_story,
    scanned,
    sent,
    signalled,
)
from trading.shell.ledger import Account
from trading.shell.ledger.events import Decided, Filled, LedgerEvent, Scanned, Signalled
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.ledger.reading import Reading
from trading.shell.ledger.told import Which

DAY = 86_400


@pytest.fixture
def journal(store: Store, account: Account) -> PostgresJournal:
    opened = PostgresJournal(store, account)
    opened.append(plain_story())
    return opened


@pytest.fixture
def reading(store: Store, account: Account) -> Reading:
    return Reading(store, account)


def of(kind: type[LedgerEvent]) -> list[LedgerEvent]:
    return [event for event in plain_story() if isinstance(event, kind)]


def test_what_was_written_is_what_is_read(
    journal: PostgresJournal, reading: Reading
) -> None:
    assert reading.decisions() == of(Decided)
    assert reading.signals() == of(Signalled)
    assert reading.scans() == of(Scanned)
    assert [Filled(f) for f in reversed(reading.fills())] == of(Filled)
    assert reading.trades() == journal.state.trades


def test_a_trade_leads_to_its_decisions(
    journal: PostgresJournal, reading: Reading
) -> None:
    [trade] = reading.trades()
    assert reading.trade(trade.id) == trade
    opened, closed = reading.decisions_of(trade)
    assert opened == decided("d1")
    assert closed is None


def test_a_symbols_life_goes_from_evaluations_to_open_orders(
    journal: PostgresJournal, reading: Reading
) -> None:
    journal.append(bought("eth", 10, 300, symbol="ETH/USD"))
    life = reading.lifecycle(SPOT)
    assert life.evaluations == [scanned()]
    assert [order.id for order in life.executed] == ["in2", "out1", "in1"]
    assert [f.order for f in life.fills] == ["in2", "out1", "in1"]
    assert [order.id for order in life.open_orders] == ["stop"]
    assert life.position is not None
    assert life.position.quantity == 2


def test_signals_are_told_apart_by_what_became_of_them(
    journal: PostgresJournal, reading: Reading
) -> None:
    rejected = signalled("d5", 9, acted=False, rejected_by="law", reason="too much")
    journal.append([rejected])
    assert reading.signals(acted=False) == [rejected]
    assert reading.signals(acted=True) == [signalled("d1")]
    assert reading.signals() == [rejected, signalled("d1")]


def test_an_order_is_executed_only_when_filled_whole(
    journal: PostgresJournal, reading: Reading
) -> None:
    part, gone = intent("part", quantity=3), intent("gone", quantity=3)
    journal.append([*sent(part, 300), fill(part, 10, 310)])
    journal.append([*sent(gone, 320), fill(gone, 10, 330, quantity=1)])
    journal.append([ended("gone", 340)])
    executed = {order.id for order in reading.executed()}
    assert executed == {"in1", "out1", "in2", "part"}
    refused = reading.order("no")
    assert refused is not None
    assert (refused.status, refused.ended) == ("refused", "said so")


def test_the_last_day_is_counted(journal: PostgresJournal, reading: Reading) -> None:
    counts = reading.counts(START + 600)
    assert (counts.scans, counts.decisions, counts.acted, counts.rejected) == (
        1,
        1,
        1,
        0,
    )


def test_a_decision_about_no_market_is_not_counted_beside_those_of_the_scans(
    journal: PostgresJournal, reading: Reading
) -> None:
    journal.append([decided("whole", "none", 5, symbol="")])
    assert reading.counts(START + 600).decisions == 1


def test_the_refusals_beside_a_decisions_signal_are_read_and_not_counted(
    journal: PostgresJournal, reading: Reading
) -> None:
    beside = [
        signalled("d1", 5, acted=False, action=action, rejected_by="trades_a_day")
        for action in ("enter 2", "exit", "amend")
    ]
    journal.append(beside)
    assert len(reading.signals(acted=False)) == len(beside)
    counts = reading.counts(START + 600)
    assert (counts.acted, counts.rejected) == (1, 0)
    assert (counts.orders, counts.executed, counts.entries) == (5, 3, 2)
    assert (counts.fills, counts.trades) == (3, 1)
    assert reading.counts(START + DAY + 600).fills == 0


def test_rows_are_chosen_by_symbol_time_and_number(
    journal: PostgresJournal, reading: Reading
) -> None:
    assert [f.order for f in reading.fills(Which(limit=1))] == ["in2"]
    assert [f.order for f in reading.fills(Which(until=START + 120))] == ["in1"]
    assert [f.order for f in reading.fills(Which(since=START + 120))] == ["in2", "out1"]
    assert reading.fills(Which("ETH/USD")) == []
    assert [f.order for f in reading.fills_of("in1")] == ["in1"]


def test_the_curve_is_read_from_its_beginning(
    journal: PostgresJournal, reading: Reading
) -> None:
    assert reading.latest() is None
    shots = []
    for at in (400, 500, 600):
        shots.append(journal.state.snapshot(START + at, {SPOT: D(at)}))
        journal.append(shots[-1:])
    assert reading.equity() == shots
    assert reading.latest() == shots[-1]


def test_a_scan_has_its_indicators_in_columns(
    journal: PostgresJournal, store: Store, account: Account
) -> None:
    row = store.row(
        "SELECT ema_fast, ema_slow, rsi, volume_ratio, spread"
        " FROM trading_data.scan_results WHERE account = %s",
        (account.name,),
    )
    assert row == (2.0, 1.0, 30.5, None, 0.01)


def test_an_account_without_anything_is_empty(
    store: Store, reading: Reading, account: Account
) -> None:
    assert reading.latest() is reading.order("x") is None
    assert reading.open_orders() == reading.positions() == reading.balances() == []
    PostgresJournal(store, account).append([DEPOSIT])
    assert [b.amount for b in reading.balances()] == [1000]


def test_all_that_is_of_a_decision_is_read_however_much_came_after(
    journal: PostgresJournal, reading: Reading
) -> None:
    slow = intent("slow", quantity=150, decision="d9")
    many = (
        part
        for at in range(150)
        for part in (
            *sent(intent(f"later{at}", decision="other"), 300 + at),
            signalled("other", 300 + at),
        )
    )
    journal.append([*sent(slow), signalled("d9", 1), *many])
    journal.append([fill(slow, 100, 500 + at, quantity=1) for at in range(150)])
    assert [one.id for one in reading.orders_of("d9")] == ["slow"]
    assert [one.at for one in reading.signals_of("d9")] == [START + 1]
    assert len(reading.fills_of("slow")) == 150
