"""Ladders, several entries of one decision: what is left when the position is flat."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.venue.market import PERP, candle, fills, matching, order, play, take
from tests.trading.venue.test_withdrawn import FLAT, Case, check, entry, told
from trading.shell.venue import Candle
from trading.shell.venue.brackets import close_ids
from trading.shell.venue.orders import Fill, Intent, OpenOrder, Purpose
from trading.shell.venue.simulated import PaperVenue

GONE = ("b", "its decision's position was closed")
LADDER = {"stop": 95, "target": 104, "decision": "one"}
FIRST = entry("a", **LADDER)
SECOND = entry("b", "limit", price=98, **LADDER)
FALL = (99, 99, 96, 97)
A_STOP = ("a's stop", "closed with its position")
A_TARGET = ("a's target", "closed with its position")
B_TARGET = ("b's target", "closed with its position")
OUT = order(side="sell", id="x", purpose=Purpose.EXIT)
SHORT = {"side": "sell", "symbol": PERP, "decision": "one"}
IN = ("open", "1", "100")

LEFT_OVER = [
    Case(
        "what a decision has not bought yet goes with the target of what it has",
        [([FIRST, SECOND], FLAT), ([], (100, 105, 99, 104)), ([], FALL)],
        [IN, ("target", "-1", "104")],
        [A_STOP, GONE],
    ),
    Case(
        "it is gone before the rest of a candle that opens beyond the target",
        [([FIRST, SECOND], FLAT), ([], (106, 107, 96, 97))],
        [IN, ("target", "-1", "106")],
        [A_STOP, GONE],
    ),
    Case(
        "it goes with an exit at the market",
        [([FIRST, SECOND], FLAT), ([OUT], FALL)],
        [IN, ("open", "-1", "99")],
        [A_STOP, A_TARGET, GONE],
    ),
    Case(
        "what lies beyond the stop goes with it",
        [
            ([entry("a", stop=99, decision="one"), SECOND], (100, 100, 100, 100)),
            ([], FALL),
        ],
        [IN, ("stop", "-1", "99")],
        [GONE],
    ),
    Case(
        "what the price met on its way to the stop fills, and is stopped as well",
        [([FIRST, SECOND], FLAT), ([], (100, 100, 94, 96))],
        [IN, ("stop", "-1", "95"), ("limit", "1", "98"), ("stop", "-1", "95")],
        [A_TARGET, B_TARGET],
    ),
    Case(
        "a filled second of three keeps its stop, and the third goes",
        [
            (
                [
                    FIRST,
                    entry("b", "limit", price=98, stop=90, decision="one"),
                    entry("c", "limit", price=94, stop=90, decision="one"),
                ],
                FLAT,
            ),
            ([], (100, 100, 93, 94)),
            ([], (94, 94, 89, 90)),
        ],
        [IN, ("stop", "-1", "95"), ("limit", "1", "98"), ("stop", "-1", "90")],
        [A_TARGET, ("c", GONE[1])],
    ),
    Case(
        "what another decision waits to buy stays",
        [
            ([FIRST, entry("b", "limit", price=98, decision="two")], FLAT),
            ([], (100, 105, 99, 104)),
            ([], FALL),
        ],
        [IN, ("target", "-1", "104"), ("limit", "1", "98")],
        [A_STOP],
    ),
    Case(
        "it goes with a short's target",
        [
            (
                [
                    entry("a", stop=120, target=96, **SHORT),
                    entry("b", "limit", price=102, **SHORT),
                ],
                FLAT,
            ),
            ([], (100, 101, 95, 96)),
            ([], (101, 104, 101, 103)),
        ],
        [("open", "-1", "100"), ("target", "1", "96")],
        [A_STOP, GONE],
        PERP,
    ),
    Case(
        "what lies beyond a liquidation goes with it",
        [
            (
                [
                    entry("a", leverage=10, symbol=PERP, decision="one"),
                    entry("b", "limit", price=85, symbol=PERP, decision="one"),
                ],
                FLAT,
            ),
            ([], (100, 100, 80, 90)),
        ],
        [IN, ("liquidation", "-1", "90.9")],
        [GONE],
        PERP,
    ),
]


@pytest.mark.parametrize("case", LEFT_OVER, ids=lambda case: case.name)
def test_what_is_withdrawn_when_the_position_is_closed(case: Case) -> None:
    check(case)


def test_a_ladder_is_known_after_a_restart_whatever_else_was_traded() -> None:
    before = matching()
    take(before, FIRST, SECOND)
    play(before, candle(1, FLAT))
    after = PaperVenue(before.rules, before.mirror.cash)
    after.restore(
        positions=before.mirror.positions.values(),
        orders=before.open_orders(),
        filled=[
            OpenOrder(FIRST, FIRST.quantity),
            OpenOrder(entry("old", symbol="XMR/USD", stop=90), FIRST.quantity),
        ],
    )
    found = play(after.matching, candle(2, (100, 105, 99, 104)), candle(3, FALL))
    assert fills(found) == [("target", "-1", "104")]
    assert told(found) == [A_STOP, GONE]


whole = st.integers(90, 110)


@st.composite
def plays(draw: st.DrawFn) -> list[tuple[list[Intent], Candle]]:
    """Ladders that are bought, and candles that wander through them."""
    made = []
    for number in range(1, draw(st.integers(2, 6)) + 1):
        ladder = [
            order(
                draw(st.sampled_from(["market", "limit"])),
                id=f"{number}-{slice_}",
                price=draw(whole),
                stop=draw(st.none() | st.integers(90, 99)),
                target=draw(st.none() | st.integers(101, 110)),
                decision=f"{number}",
            )
            for slice_ in range(draw(st.integers(0, 3)))
        ]
        low, open_, close, high = sorted(draw(st.tuples(*[whole] * 4)))
        volume = draw(st.none() | st.integers(0, 20).map(float))
        made.append((ladder, candle(number, (open_, high, low, close), volume)))
    return made


@settings(max_examples=60, deadline=None)
@given(plays())
def test_nothing_outlives_the_position_or_the_entry_it_was_for(
    story: list[tuple[list[Intent], Candle]],
) -> None:
    venue, entries, filled = matching(), {}, set()
    for ladder, bar in story:
        entries |= {one.id: one for one in ladder}
        take(venue, *ladder)
        filled |= {one.order for one in play(venue, bar) if isinstance(one, Fill)}
        resting = {one.intent.id for one in venue.open_orders()}
        for one in entries.values():
            closes = set(close_ids(one))
            assert not (closes & filled - resting and resting & {one.id, *closes})
        if not venue.mirror.positions:
            traded = {one.decision for one in entries.values() if one.id in filled}
            waiting = {entries[name].decision for name in resting & entries.keys()}
            assert not traded & waiting
