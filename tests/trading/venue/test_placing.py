"""Orders placed, refused, changed and withdrawn; and incidents of real exchanges."""

from typing import Any

import pytest

from tests.trading.venue.market import (
    PERP,
    SPOT,
    STEP,
    D,
    candle,
    fills,
    instrument,
    matching,
    order,
    play,
    rules,
    take,
)
from trading.shell.venue.brackets import close_id, conditional_closes
from trading.shell.venue.matching import Matching
from trading.shell.venue.orders import Closed, Kind, Outcome, Purpose, Side

FLAT = (100, 101, 99, 100)
EXIT = {"id": "exit", "side": "sell", "purpose": Purpose.EXIT}
DEAR = {SPOT: instrument(SPOT, minimum=D(1), least_cost=D(150))}
SHUT = {SPOT: instrument(SPOT, trading=False)}

REFUSED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("EQuery:Unknown asset pair", {"symbol": "XMR/USD"}, {}),
    ("EService:Market in cancel_only mode", {}, {"instruments": SHUT}),
    ("EGeneral:Invalid arguments:volume", {"quantity": 0}, {}),
    ("EGeneral:Invalid arguments:volume", {"quantity": "NaN"}, {}),
    ("EGeneral:Invalid arguments:volume", {"quantity": "1e30"}, {}),
    ("EGeneral:Invalid arguments:volume", {"quantity": "1.0001"}, {}),
    ("EGeneral:Invalid arguments:price", {"kind": "limit"}, {}),
    ("EGeneral:Invalid arguments:price", {"kind": "stop", "price": 100}, {}),
    ("EGeneral:Invalid arguments:price", {"kind": "stop", "trigger": -1}, {}),
    ("EGeneral:Invalid arguments:price", {"stop": "Infinity"}, {}),
    ("EGeneral:Invalid arguments:leverage", {"leverage": "0.5"}, {}),
    ("EOrder:Tick size check failed", {"kind": "limit", "price": "99.001"}, {}),
    ("EOrder:Tick size check failed", {"target": "101.001"}, {}),
    ("EOrder:Margin allowance exceeded", {"leverage": 2}, {}),
    ("EOrder:Margin allowance exceeded", {"symbol": PERP, "leverage": 11}, {}),
    ("EOrder:Order minimum not met", {"quantity": "0.5"}, {"instruments": DEAR}),
    (
        "EOrder:Cost minimum not met",
        {"kind": "limit", "price": 100},
        {"instruments": DEAR},
    ),
    ("EOrder:Insufficient funds", {"side": "sell"}, {}),
    ("EOrder:Insufficient funds", {"kind": "limit", "price": 10_001}, {}),
    ("EOrder:Reduce only:No position exists", EXIT, {}),
]


@pytest.mark.parametrize(("reason", "intent", "how"), REFUSED)
def test_a_refusal_is_a_receipt_in_krakens_words(
    reason: str, intent: dict[str, Any], how: dict[str, Any]
) -> None:
    venue = matching(**how)
    placed = order(**intent)
    receipt = venue.place(placed)
    assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, reason)
    assert venue.place(placed) == receipt == venue.find(placed.id)
    assert venue.open_orders() == []
    assert not venue.busy(placed.symbol)
    assert play(venue, candle(1, FLAT)) == []


def test_orders_that_rest_keep_their_cash_from_others() -> None:
    venue = matching("250")
    receipts = take(
        venue,
        order("limit", id="a", price=99),
        order("limit", id="b", price=98),
        order("limit", id="c", price=97),
    )
    assert [one.outcome for one in receipts] == ["confirmed", "confirmed", "refused"]
    venue.cancel("a")
    assert venue.place(order("limit", id="d", price=97)).outcome == "confirmed"


def test_an_order_against_a_position_only_goes_with_its_exit() -> None:
    venue = matching()
    take(venue, order(symbol=PERP))
    play(venue, candle(1, FLAT, symbol=PERP))
    short = {"side": "sell", "symbol": PERP}
    alone = venue.place(order(**short, id="alone"))
    assert alone.reason == "EOrder:Cannot open opposing position"
    receipts = take(venue, order(**short, id="b"), order(**{**EXIT, "symbol": PERP}))
    assert receipts[0].outcome == "refused"
    take(venue, order(**short, id="c"))
    found = play(venue, candle(2, FLAT, symbol=PERP))
    assert [one[1] for one in fills(found)] == ["-1", "-1"]
    assert venue.mirror.positions[PERP].quantity == -1


def test_entries_have_the_leverage_that_was_set() -> None:
    venue = matching()
    assert venue.set_leverage(PERP, D(3)).outcome == "confirmed"
    assert venue.set_leverage(PERP, D(11)).outcome == "refused"
    assert venue.set_leverage("XMR/USD:USD", D(1)).outcome == "refused"
    wrong = venue.place(order(symbol=PERP, leverage=2))
    assert wrong.reason == "EGeneral:Invalid arguments:leverage"
    assert venue.place(order(symbol=PERP, id="b", leverage=3)).outcome == "confirmed"


def stopped(**levels: Any) -> Matching:
    """A long of 1 from 100 with conditional closes."""
    venue = matching()
    take(venue, order(**levels))
    play(venue, candle(1, (100, 100, 100, 100)))
    return venue


def test_a_stop_moves_when_it_is_amended() -> None:
    venue = stopped(stop=95)
    stop = close_id("entry", Purpose.STOP)
    assert venue.amend(stop, None, D("99.5")).outcome == "confirmed"
    assert venue.open_orders()[0].intent.trigger == D("99.5")
    assert fills(play(venue, candle(2, FLAT))) == [("stop", "-1", "99.5")]


def test_an_amended_limit_fills_at_its_new_price_and_quantity() -> None:
    venue = matching()
    take(venue, order("limit", price=90))
    assert venue.amend("entry", D(2), D("99.5")).outcome == "confirmed"
    assert fills(play(venue, candle(1, FLAT))) == [("limit", "2", "99.5")]


@pytest.mark.parametrize(
    ("quantity", "trigger", "reason"),
    [
        (None, D("99.001"), "EOrder:Tick size check failed"),
        (D(0), None, "EGeneral:Invalid arguments:volume"),
        (D("NaN"), None, "EGeneral:Invalid arguments:volume"),
        (None, D(-1), "EGeneral:Invalid arguments:price"),
    ],
)
def test_an_amendment_is_refused_and_changes_nothing(
    quantity: Any, trigger: Any, reason: str
) -> None:
    venue = stopped(stop=95)
    before = venue.open_orders()
    receipt = venue.amend(close_id("entry", Purpose.STOP), quantity, trigger)
    assert (receipt.outcome, receipt.reason) == ("refused", reason)
    assert venue.open_orders() == before


def test_what_is_withdrawn_neither_fills_nor_is_known_as_open() -> None:
    venue = matching()
    take(venue, order())
    assert venue.cancel("entry").outcome == "confirmed"
    assert not venue.busy(SPOT)
    found = play(venue, candle(1, FLAT))
    assert found == [Closed("entry", STEP, "cancelled")]
    assert venue.cancel("entry").reason == "EOrder:Unknown order"
    assert venue.amend("entry", D(1), None).reason == "EOrder:Unknown order"
    assert venue.find("entry").reason == "cancelled"
    assert venue.find("another") is None


def test_an_order_placed_again_after_it_filled_does_not_fill_again() -> None:
    venue = matching()
    first = venue.place(order())
    play(venue, candle(1, FLAT))
    assert venue.place(order()) == first
    assert play(venue, candle(2, FLAT)) == []
    assert venue.mirror.positions[SPOT].quantity == 1


def test_a_filled_order_is_never_reported_cancelled() -> None:
    """A venue answered a late cancellation of a filled entry with "canceled, filled 0";
    the trade was deleted and its position left without a stop."""
    venue = stopped(stop=95)
    receipt = venue.cancel("entry")
    assert (receipt.outcome, receipt.reason) == ("refused", "EOrder:Unknown order")
    assert venue.find("entry").reason == "filled"
    assert venue.take_events() == []
    assert venue.mirror.positions[SPOT].quantity == 1
    assert [one.intent.purpose for one in venue.open_orders()] == [Purpose.STOP]


def test_a_partly_filled_entry_that_is_withdrawn_keeps_its_closes_for_what_filled() -> (
    None
):
    """Conditional closes sized to the order would have sold more than was bought."""
    venue = matching()
    take(venue, order("limit", price="99.5", stop=95, target=105))
    play(venue, candle(1, FLAT, 4))
    venue.cancel("entry")
    assert [one.left for one in venue.open_orders()] == [D("0.4")] * 2
    found = play(venue, candle(2, (94, 96, 93, 95)))
    assert fills(found) == [("stop", "-0.4", "94")]
    assert venue.mirror.positions == {}
    assert not venue.busy(SPOT)


def test_conditional_closes_can_be_named_by_who_knows_the_entry() -> None:
    entry = order(stop=95, target=105)
    stop, target = conditional_closes(entry)
    assert (stop.kind, target.kind) == (Kind.STOP, Kind.TAKE_PROFIT)
    assert (stop.trigger, target.trigger) == (D(95), D(105))
    assert {stop.side, target.side} == {Side.SELL}
    assert (stop.quantity, stop.stop, stop.reduce_only) == (D(1), None, True)
    assert len({stop.id, target.id, entry.id}) == 3
    assert len(stop.id) == 18
    venue = stopped(stop=95, target=105)
    assert [one.intent.id for one in venue.open_orders()] == [stop.id, target.id]


def test_fill_ids_follow_from_the_order_and_what_it_has_filled() -> None:
    venue = matching()
    take(venue, order("limit", price="99.5"))
    found = play(venue, candle(1, FLAT, 4), candle(2, FLAT, 100))
    assert [one.id for one in found] == ["entry-400", "entry-1000"]


def test_a_venue_without_orders_and_positions_is_not_busy() -> None:
    venue = Matching(rules(), D(100))
    assert not venue.busy(SPOT)
    assert venue.is_quiet(SPOT, 0.1, 1e6)
    take(venue, order("limit", price=50))
    assert venue.busy(SPOT)
    assert venue.is_quiet(SPOT, 50.01, 60)
    assert not venue.is_quiet(SPOT, 49, 60)


def test_a_market_entry_is_not_cut_below_the_least_cost() -> None:
    """The cash pays for 1.4 of the 2 that were ordered, which is worth 140."""
    venue = matching("140", instruments={SPOT: instrument(SPOT, least_cost=D(150))})
    take(venue, order(quantity=2))
    assert play(venue, candle(1, FLAT)) == [
        Closed("entry", STEP, "EOrder:Insufficient funds")
    ]
