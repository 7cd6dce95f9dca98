"""Bookkeeping: money is conserved, nothing acts early, stops never flatter."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.shell.book import Bar, Book, Intent, Position, intent_of, level_hit

prices = st.floats(1, 1000).map(lambda price: round(price, 3))
levels = st.none() | prices


@st.composite
def bars(draw: st.DrawFn, count: int = 12) -> list[Bar]:
    made = []
    for number in range(draw(st.integers(2, count))):
        four = sorted(draw(st.tuples(prices, prices, prices, prices)))
        low, *middle, high = four
        first, last = draw(st.permutations(middle))
        made.append(Bar(number * 60, first, high, low, last))
    return made


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    exposure = draw(st.floats(0, 5000))
    return Intent(
        decided_at=-1,
        enter=draw(st.sampled_from((-1, 0, 1))),
        exits=draw(st.sampled_from(((), (1,), (-1,), (1, -1)))),
        exposure=exposure,
        limit=draw(st.floats(-100, 6000)),
        stop=draw(levels),
        target=draw(levels),
        trail_long=draw(levels),
        trail_short=draw(levels),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Bar, Intent | None]]:
    made = draw(bars())
    wishes = [draw(st.none() | intents()) for _ in made]
    return [
        (bar, wish and replace(wish, decided_at=bar.time - 60))
        for bar, wish in zip(made, wishes, strict=True)
    ]


def played(history: list[tuple[Bar, Intent | None]]) -> Book:
    book = Book(10_000.0)
    for bar, intent in history:
        book.run_bar("X", bar, intent)
    return book


@given(histories())
def test_money_is_conserved(history):
    book = Book(10_000.0)
    for bar, intent in history:
        book.run_bar("X", bar, intent)
        open_gain = sum(
            p.side * p.quantity * (bar.close - p.entry_price)
            for p in book.positions.values()
        )
        gained = sum(trade.result for trade in book.trades)
        assert book.equity() == pytest.approx(10_000 + gained + open_gain)


@given(histories())
def test_nothing_is_traded_before_the_bar_after_its_decision(history):
    book = played(history)
    for one in (*book.trades, *book.positions.values()):
        assert one.entry_time > one.decided_at
    assert all(trade.exit_time >= trade.entry_time for trade in book.trades)


@given(histories())
def test_entries_fill_at_the_open_and_every_fill_is_inside_its_bar(history):
    at = {bar.time: bar for bar, _ in history}
    for trade in played(history).trades:
        assert trade.entry_price == at[trade.entry_time].open
        closed = at[trade.exit_time]
        assert closed.low <= trade.exit_price <= closed.high


@given(histories())
def test_a_stop_never_fills_better_than_the_stop(history):
    for trade in played(history).trades:
        if trade.reason == "stop":
            side = 1 if trade.side == "long" else -1
            assert side * (trade.exit_price - trade.stop) <= 0


@given(histories())
def test_a_stop_or_target_fills_away_from_its_price_only_at_the_open(history):
    at = {bar.time: bar for bar, _ in history}
    for trade in played(history).trades:
        level = {"stop": trade.stop, "target": trade.target}.get(trade.reason)
        if level is not None:
            assert trade.exit_price in (level, at[trade.exit_time].open)


@given(histories())
def test_a_position_is_never_left_beyond_its_levels(history):
    book, (last, _) = played(history), history[-1]
    for position in book.positions.values():
        assert level_hit(position, last) is None
        assert position.lowest <= position.entry_price <= position.highest


@given(histories())
def test_no_entry_exceeds_the_limit(history):
    limits = {bar.time: intent.limit for bar, intent in history if intent}
    book = played(history)
    for one in (*book.trades, *book.positions.values()):
        value = one.quantity * one.entry_price
        least = 1e-300  # below which a float has few digits
        assert 0 < value <= limits[one.entry_time] * (1 + 1e-9) + least


def position(side: int, stop: float | None, target: float | None) -> Position:
    return Position("X", side, 1.0, 0, 60, 100.0, stop, target, 100.0, 100.0)


@pytest.mark.parametrize(
    "side, bar, expected",
    [
        (1, Bar(0, 100, 104, 96, 101), None),
        (1, Bar(0, 100, 104, 95, 101), (95, "stop")),
        (1, Bar(0, 100, 110, 99, 101), (110, "target")),
        (1, Bar(0, 100, 111, 94, 101), (95, "stop")),  # both: the stop counts
        (1, Bar(0, 93, 111, 92, 101), (93, "stop")),  # opened below the stop
        (1, Bar(0, 112, 113, 94, 101), (112, "target")),  # opened above the target
        (-1, Bar(0, 100, 104, 96, 101), None),
        (-1, Bar(0, 100, 105, 96, 101), (105, "stop")),
        (-1, Bar(0, 100, 101, 90, 101), (90, "target")),
        (-1, Bar(0, 100, 106, 89, 101), (105, "stop")),
        (-1, Bar(0, 107, 108, 89, 101), (107, "stop")),
        (-1, Bar(0, 88, 108, 87, 101), (88, "target")),
    ],
)
def test_levels_fill_as_the_rules_say(side, bar, expected):
    stop, target = (95, 110) if side > 0 else (105, 90)
    assert level_hit(position(side, stop, target), bar) == expected


def test_an_opposite_entry_turns_the_position_round_and_the_same_changes_nothing():
    long = Intent(0, enter=1, exposure=1000, limit=1000)
    short = replace(long, enter=-1)
    flat = Bar(60, 100, 100, 100, 100)
    book = Book(1000.0)
    for number, wish in enumerate((long, long, short)):
        book.run_bar("X", flat._replace(time=60 * number), wish)
    assert [trade.reason for trade in book.trades] == ["reverse"]
    assert book.positions["X"].side == -1
    assert book.positions["X"].entry_time == 120


def test_a_trailing_stop_moves_with_the_position_only():
    book = Book(1000.0)
    path = [(100, 95), (110, 104), (108, 90), (109, None)]
    for number, (price, trail) in enumerate(path):
        wish = Intent(0, enter=1, exposure=500, limit=1000, trail_long=trail)
        book.run_bar("X", Bar(60 * number, price, price, price, price), wish)
    assert book.positions["X"].stop == 104


def test_bars_held_and_extremes_start_with_the_entry():
    book = Book(1000.0)
    wish = Intent(0, enter=1, exposure=500, limit=1000)
    book.run_bar("X", Bar(0, 100, 105, 99, 101), wish)
    assert book.positions["X"].bars == 0
    book.run_bar("X", Bar(60, 101, 103, 98, 101), None)
    held = book.positions["X"]
    assert (held.bars, held.highest, held.lowest) == (1, 105, 98)


def test_positions_of_all_symbols_share_one_limit():
    book, bar = Book(1000.0), Bar(0, 10, 10, 10, 10)
    for symbol in ("X", "Y", "Z"):
        book.run_bar(symbol, bar, Intent(0, enter=1, exposure=600, limit=1000))
    assert {s: p.quantity for s, p in book.positions.items()} == {"X": 60, "Y": 40}
    assert book.cut == 2


def wish(proceed: bool = True, **values: object) -> Intent:
    return intent_of(values, time=7, proceed=proceed, share=500.0, equity=1000.0)


def test_what_outputs_ask_for():
    entry = wish(enter_long=True, long_stop_price=95.0, long_target_price=110.0)
    assert (entry.enter, entry.stop, entry.target) == (1, 95.0, 110.0)
    assert (entry.exposure, entry.limit, entry.decided_at) == (500.0, 1000.0, 7)
    assert wish(enter_short=True, short_stop_price=None).stop is None
    assert wish(enter_long=True, enter_short=True).enter == 0
    assert wish(exit_long=True, exit_short=True).exits == (1, -1)


def test_leverage_raises_the_limit_and_the_share_but_not_a_size_given():
    assert wish(enter_long=True, leverage=3.0).exposure == 1500.0
    assert wish(enter_long=True, leverage=3.0, notional=800.0).exposure == 800.0
    assert wish(enter_long=True, leverage=3.0).limit == 3000.0


def test_without_proceed_nothing_is_entered_and_exits_still_count():
    held_back = wish(proceed=False, enter_long=True, exit_short=True)
    assert (held_back.enter, held_back.exits) == (0, (-1,))


@given(leverage=st.floats(-50, 50) | st.none() | st.just(0) | st.just(float("nan")))
def test_a_leverage_below_one_is_no_order_and_exits_still_count(leverage):
    values = {"enter_long": True, "exit_short": True, "leverage": leverage}
    intent = intent_of(values, time=0, proceed=True, share=100.0, equity=1000.0)
    assert intent.exits == (-1,)
    if leverage is None:
        assert (intent.enter, intent.exposure, intent.limit) == (1, 100.0, 1000.0)
    else:
        assert intent.enter == (leverage >= 1)
