"""What holds of the simulated venue whatever is ordered and wherever prices go."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.venue.market import (
    PERP,
    SPOT,
    STEP,
    D,
    candle,
    costs,
    fee_table,
    order,
    rules,
)
from trading.shell.venue import Candle
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.matching import Matching
from trading.shell.venue.orders import (
    Closed,
    Fill,
    Funding,
    Intent,
    Outcome,
    Purpose,
    VenueEvent,
)

SLIPPAGE, SPREAD = D("0.01"), D("0.02")
WORST = float(SLIPPAGE + SPREAD / 2)
DEPOSIT = D(1000)
FUNDING = D("0.0025")

cents = st.integers(5000, 15000).map(lambda n: D(n) / 100)
amounts = st.integers(1, 20_000).map(lambda n: D(n) / 1000)


@st.composite
def candles(draw: st.DrawFn, symbol: str, number: int) -> Candle:
    low, open_, close, high = sorted(draw(st.tuples(*[cents] * 4)))
    if draw(st.booleans()):
        open_, close = close, open_
    volume = draw(st.none() | st.integers(0, 400).map(float))
    return candle(number, (open_, high, low, close), volume, symbol)


@st.composite
def orders(draw: st.DrawFn, number: int, day: int) -> Intent:
    symbol = draw(st.sampled_from([SPOT, PERP]))
    kind = draw(st.sampled_from(["market", "limit", "stop", "take_profit"]))
    level: dict[str, Any] = {"price" if kind == "limit" else "trigger": draw(cents)}
    return order(
        kind,
        draw(st.sampled_from(["buy", "sell"])),
        id=f"order{number}",
        symbol=symbol,
        purpose=draw(st.sampled_from([Purpose.ENTRY] * 3 + list(Purpose))),
        quantity=draw(amounts),
        leverage=draw(st.integers(1, 10)) if symbol == PERP else 1,
        stop=draw(st.none() | cents),
        target=draw(st.none() | cents),
        expires_at=draw(st.none() | st.integers(0, 8).map(lambda n: n * STEP)),
        decision=f"day {day}",
        **({} if kind == "market" else level),
    )


Day = tuple[list[Intent], list[Candle]]


@st.composite
def days(draw: st.DrawFn) -> list[Day]:
    """For each candle time: orders placed before it, and the candles of both markets."""
    count, made = 0, []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        placed = []
        for _ in range(draw(st.integers(0, 3))):
            placed.append(draw(orders(count, number)))
            count += 1
        made.append((placed, [draw(candles(one, number)) for one in (SPOT, PERP)]))
    return made


def venue() -> Matching:
    how = rules(
        costs=costs(str(SLIPPAGE), str(SPREAD), funding=FUNDING),
        fees=fee_table("0.0025", "0.0040"),
    )
    return Matching(how, DEPOSIT)


@dataclass
class Story:
    """What happened, kept beside the venue by nothing but its events."""

    ordered: dict[str, Intent] = field(default_factory=dict)
    filled: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    held: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    spent: Decimal = field(default_factory=Decimal)
    over: set[str] = field(default_factory=set)
    fill_ids: set[str] = field(default_factory=set)

    def order(self, intent: Intent) -> None:
        self.ordered[intent.id] = intent
        self.ordered |= {one.id: one for one in conditional_closes(intent)}

    def hear(self, event: VenueEvent, during: dict[str, Candle]) -> None:
        if isinstance(event, Fill):
            self._fill(event, during[event.symbol])
        elif isinstance(event, Funding):
            self.spent += event.amount
        else:
            assert isinstance(event, Closed)
            assert event.order not in self.over
            assert self.filled[event.order] < self.ordered[event.order].quantity
            self.over.add(event.order)

    def _fill(self, fill: Fill, bar: Candle) -> None:
        assert fill.id not in self.fill_ids
        assert fill.order not in self.over
        assert fill.quantity > 0
        assert fill.fee >= 0
        before = self.held[fill.symbol]
        after = before + fill.side.sign * fill.quantity
        self.fill_ids.add(fill.id)
        self.held[fill.symbol] = after
        self.spent += fill.side.sign * fill.quantity * fill.price + fill.fee
        self._check_order(fill, before, after)
        self._check_price(fill, bar, closes=abs(after) < abs(before))

    def _check_order(self, fill: Fill, before: Decimal, after: Decimal) -> None:
        assert before * after >= 0, "a position never turns round in one fill"
        intent = self.ordered.get(fill.order)
        if intent is None:
            assert fill.reason == "liquidation"
            assert after == 0
            return
        self.filled[fill.order] += fill.quantity
        assert self.filled[fill.order] <= intent.quantity
        assert intent.expires_at is None or fill.at < intent.expires_at
        if intent.reduce_only:
            assert abs(after) < abs(before)
        else:
            assert abs(after) > abs(before)
        if intent.price is not None:
            assert (intent.price - fill.price) * fill.side.sign >= 0

    def _check_price(self, fill: Fill, bar: Candle, *, closes: bool) -> None:
        low = D(repr(bar.low)) * (1 - D(repr(WORST))) - D("0.01")
        high = D(repr(bar.high)) * (1 + D(repr(WORST))) + D("0.01")
        if fill.symbol == PERP and closes:
            # No more than the margin can be lost, so a close may be better than this.
            assert fill.price >= low if fill.side.sign < 0 else fill.price <= high
        else:
            assert low <= fill.price <= high


def run(matching: Matching, story: list[Day], *, skip: bool) -> list[VenueEvent]:
    """Play the days; with `skip` only the candles that a lazy engine would show."""
    events: list[VenueEvent] = []
    for placed, bars in story:
        for intent in placed:
            matching.place(intent)
        for bar in bars:
            if not skip or matching.busy(bar.symbol):
                matching.begin(bar.symbol, bar.time, bar.open)
        for bar in bars:
            quiet = matching.is_quiet(bar.symbol, bar.low, bar.high)
            if not skip or not quiet:
                matching.finish(bar)
        events += matching.take_events()
    return events


@settings(max_examples=80, deadline=None)
@given(days())
def test_cash_orders_and_positions_stay_true(story: list[Day]) -> None:
    matching, told = venue(), Story()
    for placed, bars in story:
        for intent in placed:
            told.order(intent)
            matching.place(intent)
        for event in run(matching, [([], bars)], skip=False):
            told.hear(event, {one.symbol: one for one in bars})
        held = matching.mirror.positions
        assert matching.mirror.cash >= 0
        assert all(one.margin >= 0 for one in held.values())
        assert {k: q for k, q in told.held.items() if q} == {
            k: one.quantity for k, one in held.items()
        }
        perp = held.get(PERP)
        tied = perp.margin - perp.cost if perp else D(0)
        assert matching.mirror.cash + tied == DEPOSIT - told.spent


@settings(max_examples=30, deadline=None)
@given(days())
def test_skipping_what_cannot_matter_changes_nothing(story: list[Day]) -> None:
    whole, lazy = venue(), venue()
    assert run(whole, story, skip=False) == run(lazy, story, skip=True)
    assert whole.mirror.positions == lazy.mirror.positions
    assert whole.mirror.cash == lazy.mirror.cash


@settings(max_examples=30, deadline=None)
@given(days())
def test_orders_placed_again_are_the_same_orders(once: list[Day]) -> None:
    first, second = venue(), venue()
    again = [(placed + placed, bars) for placed, bars in once]
    assert run(first, once, skip=False) == run(second, again, skip=False)


@settings(max_examples=30, deadline=None)
@given(days())
def test_an_order_ends_once_and_the_venue_knows_how(story: list[Day]) -> None:
    matching = venue()
    receipts = {}
    events = []
    for placed, bars in story:
        receipts |= {one.id: matching.place(one) for one in placed}
        events += run(matching, [([], bars)], skip=False)
    resting = {one.intent.id for one in matching.open_orders()}
    closed = {one.order: one.reason for one in events if isinstance(one, Closed)}
    for order_id, receipt in receipts.items():
        known = matching.find(order_id)
        assert known is not None
        assert known.outcome is receipt.outcome
        if receipt.outcome is Outcome.REFUSED:
            assert known.reason == receipt.reason != ""
            assert order_id not in resting | set(closed)
        elif order_id in resting:
            assert known.reason == ""
        else:
            assert known.reason == closed.get(order_id, "filled")
