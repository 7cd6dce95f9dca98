"""The sum of events: money, positions, orders and trades, to the last digit."""

from decimal import Decimal

import pytest

from core.errors import LedgerError
from tests.trading.ledger.story import (
    DEPOSIT,
    PERP,
    SPOT,
    START,
    D,
    answer,
    bought,
    decided,
    ended,
    fill,
    funding,
    intent,
    plain_story,
    sent,
    sold,
)
from trading.shell.ledger.events import (
    Amended,
    Decided,
    Deposited,
    Halted,
    Intended,
    LedgerEvent,
    Scanned,
    Signalled,
)
from trading.shell.ledger.memory import summed
from trading.shell.ledger.order import OrderStatus
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.orders import Kind, Purpose

DAY = 86_400


def identity(state: LedgerState, marks: dict[str, Decimal]) -> bool:
    parts = state.deposits + state.realised + state.unrealised(marks)
    return state.equity(marks) == parts - state.fees - state.funding


def test_a_spot_purchase_moves_cash_by_its_cost_and_fee() -> None:
    state = summed([DEPOSIT, *bought("a", 100, quantity=3)])
    assert state.cash == 1000 - 300 - 1
    assert state.margin == 0
    assert state.equity({SPOT: D(110)}) == 1000 - 1 + 30
    assert state.exposure({SPOT: D(110)}) == 330


def test_a_perpetual_moves_cash_only_by_fees_funding_and_what_was_realised() -> None:
    entry = bought("a", 100, quantity=3, symbol=PERP, leverage=D(5))
    state = summed([DEPOSIT, *entry, funding(2)])
    assert state.cash == 1000 - 1 - 2
    assert state.margin == 60 - 2
    assert state.available == 1000 - 1 - 60
    state = summed(
        [DEPOSIT, *entry, funding(2), *sold("b", 90, 4000, quantity=3, symbol=PERP)]
    )
    assert state.cash == 1000 - 2 - 2 - 30
    assert state.holdings == {}


def test_a_short_perpetual_earns_when_the_price_falls() -> None:
    entry = bought("a", 100, side="sell", symbol=PERP, leverage=D(2))
    out = sold("b", 80, side="buy", symbol=PERP)
    state = summed([DEPOSIT, *entry])
    assert state.equity({PERP: D(90)}) == 1000 - 1 + 10
    [trade] = summed([DEPOSIT, *entry, *out]).trades
    assert (trade.side, trade.gross, trade.net) == ("short", 20, 18)


@pytest.mark.parametrize("symbol", [SPOT, PERP])
def test_nothing_is_lost_to_rounding_when_parts_are_closed(symbol: str) -> None:
    whole = bought("a", "100.12345", quantity="0.7", symbol=symbol)
    parts = [
        sold(f"p{n}", "101.7", 120 + n, quantity=part, symbol=symbol)
        for n, part in enumerate(("0.3", "0.3", "0.1"))
    ]
    state = summed([DEPOSIT, *whole])
    for part in parts:
        for event in part:
            state.apply(event)
            assert identity(state, {symbol: D("99.123456789")})
    [trade] = state.trades
    assert trade.gross == state.realised == D("0.7") * (D("101.7") - D("100.12345"))
    assert state.cash == 1000 + trade.net


def test_the_cost_that_stays_is_the_cost_less_the_share_that_went() -> None:
    state = summed([DEPOSIT, *bought("a", "100.12345", quantity="0.7")])
    for event in sold("b", 101, quantity="0.3"):
        state.apply(event)
    went = (D("70.086415") * 3 / 7).quantize(D("0.00000001"))
    assert state.holdings[SPOT].cost == D("70.086415") - went
    assert state.realised == D("30.3") - went


def test_a_trade_averages_its_entries_and_exits() -> None:
    state = summed(
        [
            DEPOSIT,
            decided("d"),
            *bought("a", 100, decision="d", stop=D(90), target=D(120)),
            *bought("b", 110, 70),
            *sold("c", 120, 130),
            *sold("e", 130, 140, decision="d9", reason="signal turned"),
        ]
    )
    [trade] = state.trades
    assert (trade.quantity, trade.entry_price, trade.exit_price) == (2, 105, 125)
    assert (trade.gross, trade.fees, trade.net) == (40, 4, 36)
    assert (trade.opened_at, trade.closed_at) == (START + 60, START + 140)
    assert (trade.regime, trade.decision, trade.exit_decision) == ("trend", "d", "d9")
    assert (trade.reason, trade.stop, trade.target) == ("signal turned", 90, 120)
    assert state.closed_at == {SPOT: START + 140}


@pytest.mark.parametrize("purpose", [Purpose.STOP, Purpose.TARGET])
def test_a_trade_that_a_resting_order_closed_names_no_decision(
    purpose: Purpose,
) -> None:
    out = sold("b", 90, purpose=purpose, decision="d", reason="entry's")
    [trade] = summed([DEPOSIT, *bought("a", 100, decision="d"), *out]).trades
    assert (trade.exit_decision, trade.reason) == ("", purpose.value)


def test_a_fill_through_flat_ends_one_trade_and_begins_another() -> None:
    turned = bought("b", 120, 130, side="sell", quantity=3, symbol=PERP)
    state = summed([DEPOSIT, *bought("a", 100, symbol=PERP), *turned])
    [trade] = state.trades
    assert (trade.gross, trade.quantity) == (20, 1)
    held = state.position(PERP)
    assert held is not None
    assert (held.quantity, held.cost) == (-2, -240)
    assert trade.fees + state.holdings[PERP].fees == state.fees == 2


def test_a_liquidation_needs_no_order_of_ours() -> None:
    gone = fill(
        intent("venue's own", "sell", symbol=PERP), 50, 100, reason="liquidation"
    )
    [trade] = summed([DEPOSIT, *bought("a", 100, symbol=PERP), gone]).trades
    assert (trade.reason, trade.gross) == ("liquidation", -50)


def test_an_order_goes_from_intended_to_filled() -> None:
    order, state = intent("a", quantity=2), LedgerState()
    seen = []
    for event in (
        Intended(order, START),
        answer("a", "unresolved"),
        answer("a", at=31),
        fill(order, 100, quantity="0.5"),
        fill(order, 102, 61, quantity="1.5"),
    ):
        state.apply(event)
        found = state.order("a")
        assert found is not None
        seen.append(found.status.value)
    assert seen == ["intended", "unresolved", "confirmed", "partly_filled", "filled"]
    assert state.open_orders() == []
    assert state.finished["a"].average_price == D("101.5")


def test_what_a_venue_says_of_a_cancellation_does_not_undo_an_order() -> None:
    order = intent("a", quantity=2)
    first = [*sent(order), fill(order, 100, quantity=1)]
    state = summed([*first, answer("a", "refused", 70), answer("a", "unresolved", 71)])
    assert state.working["a"].status is OrderStatus.PARTLY_FILLED


def test_an_amended_order_is_what_it_was_amended_to() -> None:
    order = intent("s", "sell", 2, kind=Kind.STOP, purpose=Purpose.STOP, trigger=D(90))
    state = summed([*sent(order), Amended("s", D(1), D(95), START + 40)])
    [resting] = state.open_orders()
    assert (resting.intent.quantity, resting.intent.trigger) == (1, 95)
    assert resting.left == 1


def test_a_fill_told_late_of_before_the_end_still_counts() -> None:
    order = intent("a", quantity=2)
    state = summed(
        [DEPOSIT, *sent(order), ended("a"), fill(order, 100, 80, quantity=1)]
    )
    assert state.holdings[SPOT].quantity == 1
    assert state.finished["a"].status is OrderStatus.ENDED


def test_entries_of_a_day_leave_out_what_came_to_nothing() -> None:
    state = summed(
        [
            DEPOSIT,
            *bought("a", 10),
            Intended(intent("b"), START + 70),
            answer("b", "refused", 71),
            answer("b", "refused", 72),
            *sent(intent("c"), 80),
            ended("c"),
            *sent(intent("d", symbol="ETH/USD"), 100),
            *sold("x", 11, 110),
        ]
    )
    now = START + 200
    assert state.trades_today(now) == 2
    assert state.symbol_trades_today(SPOT, now) == 1
    assert state.trades_today(now + DAY) == 0


def test_the_day_begins_with_the_equity_before_it() -> None:
    state = summed([DEPOSIT])
    for at, equity in ((100, 1000), (DAY, 1100), (DAY + 100, 1050), (2 * DAY + 5, 900)):
        state.curve.observe(START + at, D(equity))
    assert state.day_start_equity(START + 2 * DAY + 10) == 1050
    assert state.day_start_equity(START + 3 * DAY) == 900
    assert state.peak_equity == 1100
    assert state.drawdown == D(200) / D(1100)


def test_money_put_in_is_neither_profit_nor_loss() -> None:
    state = summed([DEPOSIT])
    state.curve.observe(START + 100, D(900))
    state.apply(Deposited(D(500), START + 200))
    assert state.peak_equity - state.curve.equity == 100
    assert state.day_start_equity(START + 300) - state.curve.equity == 100


def test_streaks_and_win_rate_count_what_is_left_after_costs() -> None:
    state = summed([DEPOSIT])
    assert state.win_rate(10) is None
    for number, price in enumerate((110, 120, 101, 90)):
        at = 100 * (number + 1)
        name = f"t{number}"
        for event in (*bought(f"{name}a", 100, at), *sold(f"{name}b", price, at + 9)):
            state.apply(event)
    assert (state.consecutive_wins, state.consecutive_losses) == (0, 2)
    assert state.win_rate(3) == Decimal(1) / 3
    assert state.win_rate(100) == D("0.5")


@pytest.mark.parametrize("remark", ["stop", "no: stop"])
def test_a_halt_after_a_resumption_at_the_same_second_holds(remark: str) -> None:
    halt = Halted(START, "by_person", "stop", "bob")
    resumed = Halted(START, "resumed", "by_person: fine", "bob")
    again = Halted(START, "by_person", remark, "bob")
    state = summed([halt, resumed, again])
    assert set(state.halts) == {"by_person"}
    assert not state.apply(again)
    later = Halted(START + 9, "resumed", "by_person: fine", "bob")
    assert state.apply(later)
    assert not any(map(state.apply, (again, later)))
    assert state.halts == {}


def test_a_halt_stays_until_somebody_resumes() -> None:
    halt = Halted(START, "drawdown", "12 %", "law")
    assert set(summed([halt]).halts) == {"drawdown"}
    resumed = Halted(START + 5, "resumed", "drawdown: looked at it", "ann")
    assert summed([halt, resumed]).halts == {}


ORDER = intent("a", quantity=2)
SHORT = fill(intent("s", "sell", 3), 100, 150)
IMPOSSIBLE: dict[str, tuple[list[LedgerEvent], LedgerEvent]] = {
    "unknown order": ([], fill(ORDER, 100)),
    "answer to no order": ([], answer("a")),
    "end of no order": ([], ended("a")),
    "more than ordered": ([*sent(ORDER)], fill(ORDER, 100, quantity=3)),
    "other side": ([*sent(ORDER)], fill(intent("a", "sell", 2), 100)),
    "other symbol": ([*sent(ORDER)], fill(intent("a", symbol="ETH/USD"), 100)),
    "nothing": ([*sent(ORDER)], fill(ORDER, 100, quantity=0)),
    "no price": ([*sent(ORDER)], fill(ORDER, 0)),
    "not a number": ([*sent(ORDER)], fill(ORDER, "NaN")),
    "negative fee": ([*sent(ORDER)], fill(ORDER, 100, fee=-1)),
    "endless digits": ([*sent(ORDER)], fill(ORDER, "1e-40")),
    "refused": (
        [Intended(ORDER, START), answer("a", "refused")],
        fill(ORDER, 100),
    ),
    "refused, then confirmed": (
        [Intended(ORDER, START), answer("a", "refused")],
        answer("a", at=40),
    ),
    "ended before": ([*sent(ORDER), ended("a")], fill(ORDER, 100, 91)),
    "ended after filled": ([*sent(ORDER), fill(ORDER, 100)], ended("a")),
    "amended below": (
        [*sent(ORDER), fill(ORDER, 100, quantity=1)],
        Amended("a", D("0.5"), None, START + 70),
    ),
    "amended when done": (
        [*sent(ORDER), fill(ORDER, 100)],
        Amended("a", D(3), None, START + 70),
    ),
    "spot short": ([*sent(intent("s", "sell", 3))], SHORT),
    "exit that opens": (
        [*sent(intent("x", "sell", symbol=PERP, purpose=Purpose.EXIT))],
        fill(intent("x", "sell", symbol=PERP, purpose=Purpose.EXIT), 100),
    ),
    "funding of spot": ([], funding(1, symbol=SPOT)),
    "another order": ([*sent(ORDER)], Intended(intent("a", symbol=PERP), START)),
    "no quantity": ([], Intended(intent("z", quantity=0), START)),
    "no leverage": ([], Intended(intent("z", leverage=D(0)), START)),
    "time backwards": ([], Intended(intent("z"), START - 2 * DAY)),
    "no money": ([], Deposited(D("Infinity"), START)),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_have_happened_is_named_and_changes_nothing(name: str) -> None:
    before, event = IMPOSSIBLE[name]
    state = summed([DEPOSIT, *before])
    with pytest.raises(LedgerError) as caught:
        state.apply(event)
    assert caught.value.value is event
    assert caught.value.field == type(event).__name__
    assert state == summed([DEPOSIT, *before])


def test_an_event_that_comes_again_counts_once() -> None:
    once = [
        *plain_story(),
        funding(2, symbol=PERP),
        Amended("stop", D(1), None, START + 300),
        Halted(START, "memory", "", "law"),
        ended("stop", 400),
    ]
    state = summed(once)
    assert not any(state.apply(event) for event in once if type(event) not in WHY)
    assert state == summed(once)


WHY = {Decided, Scanned, Signalled}


def test_equity_without_a_price_for_what_is_held_is_an_error() -> None:
    with pytest.raises(LedgerError, match="no price for BTC/USD"):
        summed([DEPOSIT, *bought("a", 100)]).equity({})
