"""What is withdrawn when an entry, or the whole position, has been closed."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.trading.venue.market import (
    PERP,
    D,
    candle,
    fills,
    matching,
    order,
    play,
    take,
)
from trading.shell.venue.brackets import close_id
from trading.shell.venue.orders import Closed, Intent, OpenOrder, Purpose
from trading.shell.venue.simulated import PaperVenue

NAMES = {
    close_id(entry, part): f"{entry}'s {part}"
    for entry in ("a", "b", "c")
    for part in (Purpose.STOP, Purpose.TARGET)
}


def told(events: list[Any]) -> list[tuple[str, str]]:
    """(order, reason) of each order that ended unfilled; closes by their entry's id."""
    return [
        (NAMES.get(one.order, one.order), one.reason)
        for one in events
        if isinstance(one, Closed)
    ]


@dataclass
class Case:
    """Orders before each candle (open, high, low, close, volume), and what came of it."""

    name: str
    steps: list[tuple[list[Intent], tuple[float, ...]]]
    fills: list[tuple[str, str, str]]
    closed: list[tuple[str, str]]
    symbol: str = "BTC/USD"


def entry(name: str, kind: str = "market", **more: Any) -> Intent:
    return order(kind, id=name, **more)


FLAT = (100, 101, 99, 100)
WIDE, NARROW = {"stop": 80, "target": 120}, {"stop": 95, "target": 110}
BOTH = [entry("a", **WIDE), entry("b", **NARROW)]
INS = [("open", "1", "100")] * 2

CLOSED_OUT = [
    Case(
        "a stopped entry's target closes no other entry's position",
        [(BOTH, FLAT), ([], (100, 100, 94, 96)), ([], (96, 111, 96, 110))],
        [*INS, ("stop", "-1", "95")],
        [("b's target", "closed with its entry")],
    ),
    Case(
        "an entry's stop closes no other entry's position after its target",
        [(BOTH, FLAT), ([], (100, 111, 99, 110)), ([], (100, 101, 94, 96))],
        [*INS, ("target", "-1", "110")],
        [("b's stop", "closed with its entry")],
    ),
    Case(
        "an entry's stop and target are not both filled in one candle",
        [(BOTH, FLAT), ([], (100, 111, 94, 96))],
        [*INS, ("stop", "-1", "95")],
        [("b's target", "closed with its entry")],
    ),
    Case(
        "what is left of an entry whose stop has filled buys nothing without a stop",
        [
            ([entry("a", **WIDE), entry("b", "limit", price=98, **NARROW)], FLAT),
            ([], (99, 100, 97, 99, 4)),
            ([], (94, 94, 94, 94, 0)),
            ([], (99, 100, 97, 99, 100)),
        ],
        [("open", "1", "100"), ("limit", "0.4", "98"), ("stop", "-0.4", "94")],
        [
            ("b's stop", "closed with its position"),
            ("b", "closed with its entry"),
            ("b's target", "closed with its entry"),
        ],
    ),
    Case(
        "a short entry's other close goes as well",
        [
            (
                [
                    entry("a", side="sell", symbol=PERP, stop=120, target=80),
                    entry("b", side="sell", symbol=PERP, stop=105, target=90),
                ],
                FLAT,
            ),
            ([], (100, 106, 100, 104)),
            ([], (104, 104, 89, 90)),
        ],
        [("open", "-1", "100")] * 2 + [("stop", "1", "105")],
        [("b's target", "closed with its entry")],
        PERP,
    ),
]


def check(case: Case) -> None:
    venue, found = matching(), []
    for number, (orders, bar) in enumerate(case.steps, 1):
        take(venue, *orders)
        volume = bar[4] if len(bar) > 4 else None
        found += play(venue, candle(number, bar[:4], volume, case.symbol))
    assert fills(found) == case.fills
    assert told(found) == case.closed


@pytest.mark.parametrize("case", CLOSED_OUT, ids=lambda case: case.name)
def test_what_is_withdrawn_when_one_entry_is_closed(case: Case) -> None:
    check(case)


@pytest.mark.parametrize(("volume", "filled"), [(4, "0.4"), (None, "1")])
def test_a_close_knows_its_entry_after_a_restart(
    volume: int | None, filled: str
) -> None:
    entries = [entry("a", **WIDE), entry("b", "limit", price=98, **NARROW)]
    before = matching()
    take(before, *entries)
    play(before, candle(1, (100, 101, 97, 100), volume))
    after = PaperVenue(before.rules, before.mirror.cash)
    resting = {one.intent.id for one in before.open_orders()}
    after.restore(
        positions=before.mirror.positions.values(),
        orders=before.open_orders(),
        filled=[OpenOrder(one, D(1)) for one in entries if one.id not in resting],
    )
    bar = candle(2, (94, 95, 93, 94), 0)
    found = play(after.matching, bar)
    assert fills(found) == [("stop", f"-{filled}", "94")]
    assert ("b's target", "closed with its entry") in told(found)
