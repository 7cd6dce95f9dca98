"""The standing is a sum of ledger events: what a restart forgets is nothing."""

from decimal import Decimal

import pytest

from core.errors import LedgerError
from tests.trading.law.orders_before_the_law import ENTRY, FUTURES, SPOT, D
from trading.shell.changed import changed
from trading.shell.law import Cause, Standing
from trading.shell.law.checks import judge
from trading.shell.law.counting import standing
from trading.shell.law.halts import DAY, Halt, Seen, evaluate, halts_of, resume
from trading.shell.law.limits import read_limits
from trading.shell.ledger.events import (
    Answered,
    Deposited,
    Ended,
    Filled,
    Halted,
    Intended,
    LedgerEvent,
    Snapshot,
)
from trading.shell.ledger.memory import MemoryJournal, summed
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.orders import (
    Closed,
    Fill,
    Intent,
    Kind,
    Mode,
    Outcome,
    Purpose,
    Receipt,
    Side,
)

BTC, PERP = SPOT.symbol, FUTURES.symbol
MARKS = {BTC: D(100), PERP: D(100)}
T0 = 200 * DAY + 3600


class Trader:
    """A journal, and the events of a trader in a few words each."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.add(Deposited(D(1000), T0))
        self.at = T0
        self.orders = 0

    def add(self, *events: LedgerEvent) -> None:
        self.journal.append(events)

    def order(self, quantity: str, symbol: str = BTC, **changes: object) -> Intent:
        self.orders += 1
        intent = changed(
            ENTRY,
            id=f"az{self.orders}",
            symbol=symbol,
            quantity=D(quantity),
            stop=D(98),
            **changes,  # type: ignore[arg-type]
        )
        self.add(Intended(intent, self.at))
        return intent

    def fill(self, intent: Intent, price: str = "100", quantity: str = "") -> None:
        amount = D(quantity) if quantity else intent.quantity
        name = f"f{intent.id}{quantity}"
        fill = Fill(
            name, intent.id, intent.symbol, intent.side, amount, D(price), D(0), self.at
        )
        self.add(Filled(fill))

    def leave(self, quantity: str, price: str, symbol: str = BTC) -> None:
        self.fill(
            self.order(quantity, symbol, side=Side.SELL, purpose=Purpose.EXIT), price
        )

    def see(self, equity: str, at: int | None = None) -> None:
        zeros = [D(0)] * 8
        self.add(Snapshot(self.at if at is None else at, D(equity), *zeros))

    def standing(self, symbol: str = BTC, at: int | None = None) -> Standing:
        return standing(
            self.journal.state, symbol, self.at if at is None else at, MARKS
        )


@pytest.fixture
def trader() -> Trader:
    return Trader()


def test_an_entry_counts_as_held_from_the_moment_it_is_intended(
    trader: Trader,
) -> None:
    intent = trader.order("2")
    before = trader.standing()
    assert (before.positions, before.holds_symbol, before.held) == (1, True, 0)
    assert (before.exposure, before.open_risk, before.cash) == (200, 4, 800)
    assert (before.trades_today, before.symbol_trades_today) == (1, 1)
    assert trader.standing(PERP).symbol_trades_today == 0
    assert not trader.standing(PERP).holds_symbol
    trader.fill(intent)
    trader.order(
        "2", kind=Kind.STOP, side=Side.SELL, purpose=Purpose.STOP, trigger=D(98)
    )
    after = trader.standing()
    assert (after.positions, after.held, after.cash) == (1, 2, 800)
    assert (after.exposure, after.open_risk) == (200, 4)
    assert after.trades_today == 1


def test_a_refused_entry_and_one_that_never_filled_are_no_trades(
    trader: Trader,
) -> None:
    one, two = trader.order("1"), trader.order("1")
    trader.add(Answered(Receipt(one.id, Outcome.REFUSED, trader.at)))
    trader.add(Ended(Closed(two.id, trader.at, "withdrawn")))
    assert trader.standing().trades_today == 0
    assert trader.standing().exposure == 0
    trader.add(Answered(Receipt(trader.order("1").id, Outcome.UNRESOLVED, trader.at)))
    assert trader.standing().exposure == 100


def test_what_no_stop_covers_is_at_risk_whole(trader: Trader) -> None:
    trader.fill(trader.order("3"))
    assert trader.standing().open_risk == 300
    stop = {"kind": Kind.STOP, "side": Side.SELL, "purpose": Purpose.STOP}
    trader.order("1", trigger=D(99), **stop)
    trader.order("1", trigger=D(90), **stop)
    assert trader.standing().open_risk == 1 + 10 + 100
    trader.order("9", trigger=D(120), **stop)  # beyond the price: nothing to lose
    assert trader.standing().open_risk == 1 + 10


def test_a_short_risks_what_lies_above_it(trader: Trader) -> None:
    trader.fill(trader.order("2", PERP, side=Side.SELL, leverage=D(4)))
    cover = {"kind": Kind.STOP, "side": Side.BUY, "purpose": Purpose.STOP}
    trader.order("2", PERP, trigger=D(103), **cover)
    found = trader.standing(PERP)
    assert (found.held, found.exposure, found.open_risk) == (-2, 200, 6)
    assert found.cash == 950


def test_two_entries_of_one_candle_cannot_exceed_what_one_may(trader: Trader) -> None:
    limits = changed(read_limits(Mode.PAPER), exposure_share=D("0.3"))
    sizes = []
    for symbol, instrument in ((BTC, SPOT), (PERP, FUTURES)):
        asked = changed(ENTRY, symbol=symbol, quantity=D(2))
        verdict = judge(limits, trader.standing(symbol), asked, instrument, D(100))
        assert verdict.allowed
        trader.order(str(verdict.quantity), symbol)
        sizes.append(verdict.quantity)
    assert sizes == [D(2), D(1)]


def test_the_day_begins_at_midnight_and_money_put_in_is_no_profit(
    trader: Trader,
) -> None:
    midnight = 201 * DAY
    trader.order("1")
    trader.see("900", midnight - 300)
    trader.see("880", midnight)
    found = trader.standing(at=midnight + 60)
    assert (found.day_start_equity, found.trades_today) == (880, 0)
    assert found.peak_equity == 1000
    trader.at = midnight + 60
    trader.add(Deposited(D(100), trader.at))
    found = trader.standing()
    assert (found.day_start_equity, found.peak_equity) == (980, 1100)


def lose(trader: Trader, times: int, price: str = "99") -> None:
    for _ in range(times):
        trader.at += 60
        trader.fill(trader.order("1"))
        trader.leave("1", price)


def test_after_a_resume_the_losses_and_the_peak_count_anew_and_only_then(
    trader: Trader,
) -> None:
    lose(trader, 3)
    trader.see("600")
    assert trader.standing().consecutive_losses == 3
    assert trader.standing().peak_equity == 1000
    other = {Cause.MEMORY: Halt(Cause.MEMORY, "", trader.at, "law")}
    trader.add(resume(other, trader.at + 1, "ada", "restarted"))
    assert trader.standing().consecutive_losses == 3
    both = {
        c: Halt(c, "", 0, "law") for c in (Cause.DRAWDOWN, Cause.CONSECUTIVE_LOSSES)
    }
    trader.add(resume(both, trader.at + 2, "ada", "new parameters"))
    lose(trader, 2)
    trader.see("590")
    assert trader.standing().consecutive_losses == 2
    assert trader.standing().peak_equity == 600
    trader.fill(trader.order("1"))
    trader.leave("1", "101")
    assert trader.standing().consecutive_losses == 0
    lose(trader, 4)
    assert trader.standing().consecutive_losses == 4


def test_a_restart_counts_what_was_counted_before(trader: Trader) -> None:
    trader.see("1000")
    lose(trader, 10, "55")
    trader.see("550")
    seen = Seen(trader.at, standing=trader.standing())
    trader.add(*evaluate(read_limits(Mode.PAPER), {}, seen))
    again = summed(trader.journal.events())
    found = standing(again, BTC, trader.at, MARKS)
    assert found == trader.standing()
    assert found.symbol_trades_today == 10
    assert set(halts_of(again.halts.values())) == {Cause.DAILY_LOSS, Cause.DRAWDOWN}
    assert "drawdown" in found.halted
    verdict = judge(read_limits(Mode.PAPER), found, ENTRY, SPOT, D(100))
    assert verdict.check == "halted"
    assert evaluate(read_limits(Mode.PAPER), halts_of(again.halts.values()), seen) == ()


def test_the_ledger_and_the_law_read_halts_alike(trader: Trader) -> None:
    events = [
        Halted(1, "memory", "600 MB", "law"),
        Halted(2, "api_lost", "31 s", "law"),
        Halted(3, "memory", "700 MB", "law"),
        Halted(4, "resumed", "api_lost: over", "law"),
    ]
    trader.add(*(changed(event, at=T0 + event.at) for event in events))
    held = halts_of(trader.journal.state.halts.values())
    assert held == halts_of(trader.journal.events())
    assert [(h.cause.value, h.detail) for h in held.values()] == [("memory", "600 MB")]


def test_a_price_that_is_not_there_is_an_error_and_no_guess(trader: Trader) -> None:
    trader.order("1")
    with pytest.raises(LedgerError, match="no price for BTC/USD"):
        standing(trader.journal.state, PERP, trader.at, {PERP: Decimal(1)})


def test_the_closes_of_an_entry_that_has_not_filled_guard_no_position() -> None:
    trader = Trader()
    first = trader.order("1")
    trader.fill(first)
    waiting = changed(ENTRY, id="az9", symbol=BTC, quantity=D(1), stop=D(90))
    closes = (*conditional_closes(first), waiting, *conditional_closes(waiting))
    trader.add(*(Intended(one, trader.at) for one in closes))
    found = standing(trader.journal.state, BTC, trader.at, MARKS)
    assert found.open_risk == 2 + 10
    trader.fill(waiting)
    found = standing(trader.journal.state, BTC, trader.at, MARKS)
    assert found.open_risk == 2 + 10
