"""Every order type and exit against one or two candles, case by case."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.trading.venue.market import (
    SPOT,
    D,
    candle,
    costs,
    fee_table,
    fills,
    matching,
    order,
    play,
    take,
)
from trading.shell.changed import changed
from trading.shell.venue import Candle
from trading.shell.venue.orders import Closed, Purpose

BUY = order()
SLIPPED = {"costs": costs("0.001", "0.002")}


@dataclass
class Case:
    """Orders before the first candle (open, high, low, close, volume) and the fills."""

    name: str
    orders: list[Any]
    candles: list[tuple[float, ...]]
    fills: list[tuple[str, str, str]]
    closed: list[str] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)


def held(**levels: Any) -> list[Any]:
    """A market entry with conditional closes."""
    return [order(**levels)]


def exits(kind: str, **more: Any) -> list[Any]:
    """A market entry, and a resting order that closes it."""
    return [
        BUY,
        order(kind, "sell", **({"id": "exit", "purpose": Purpose.EXIT} | more)),
    ]


FLAT = (100, 101, 99, 100)
IN = ("open", "1", "100")

CASES = [
    Case("a market buy fills at the next open", [BUY], [FLAT], [IN]),
    Case(
        "a market buy pays slippage and half the spread",
        [BUY],
        [FLAT],
        [("open", "1", "100.2")],
        rules=SLIPPED,
    ),
    Case(
        "what is bought and sold at one open is sold first, so there is nothing to sell",
        exits("market"),
        [FLAT],
        [IN],
        ["EOrder:Reduce only:No position exists"],
    ),
    Case("a limit buy needs its price passed", [order("limit", price=99)], [FLAT], []),
    Case(
        "a limit buy that is passed fills at its limit",
        [order("limit", price="99.5")],
        [FLAT],
        [("limit", "1", "99.5")],
    ),
    Case(
        "a limit buy that a later candle opens beyond fills at the open",
        [order("limit", price=98)],
        [FLAT, (95, 99, 94, 97)],
        [("limit", "1", "95")],
    ),
    Case(
        "a limit buy above the first open takes at the open and never above its limit",
        [order("limit", price="100.1")],
        [FLAT],
        [("limit", "1", "100.1")],
        rules=SLIPPED,
    ),
    Case(
        "a limit takes its share of the volume and the rest waits",
        [order("limit", price="99.5")],
        [(*FLAT, 6), (*FLAT, 2), (*FLAT, 50)],
        [("limit", "0.6", "99.5"), ("limit", "0.2", "99.5"), ("limit", "0.2", "99.5")],
    ),
    Case(
        "a target counts for what was held before the candle, not for what it bought",
        [order("limit", price="99.5", stop=90, target=103)],
        [(*FLAT, 2), (100, 104, 99, 100, 2), (100, 104, 99.8, 100, 2)],
        [
            *[("limit", "0.2", "99.5")] * 2,
            *[("target", "-0.2", "103")] * 2,
        ],
        ["closed with its position"] * 3,
    ),
    Case(
        "a limit that has claimed all the cash can use it",
        [order("limit", price="99.5")],
        [FLAT],
        [("limit", "1", "99.5")],
        rules={"cash": "99.5"},
    ),
    Case(
        "two limits share one candle's volume",
        [
            order("limit", price="99.5"),
            order("limit", id="second", price="99.6"),
        ],
        [(*FLAT, 15)],
        [("limit", "1", "99.6"), ("limit", "0.5", "99.5")],
    ),
    Case(
        "a candle without volume fills no limit",
        [order("limit", price="99.5")],
        [(*FLAT, 0)],
        [],
    ),
    Case(
        "a stop entry fires when the price rises to it",
        [order("stop", trigger=101)],
        [FLAT],
        [("stop", "1", "101")],
    ),
    Case(
        "a stop entry that the open is beyond fills at the open",
        [order("stop", trigger=101)],
        [(103, 104, 102, 103)],
        [("stop", "1", "103")],
    ),
    Case(
        "a take-profit entry fires when the price falls to it",
        [order("take_profit", trigger=99)],
        [FLAT],
        [("target", "1", "99")],
    ),
    Case(
        "a stop fires when it is touched, and its target is withdrawn",
        held(stop=99, target=102),
        [FLAT],
        [IN, ("stop", "-1", "99")],
        ["closed with its position"],
    ),
    Case(
        "a stop loses slippage and half the spread",
        held(stop=99),
        [FLAT],
        [("open", "1", "100.2"), ("stop", "-1", "98.8")],
        rules=SLIPPED,
    ),
    Case(
        "a stop that the next candle opens beyond fills at the open",
        held(stop=98),
        [FLAT, (90, 97, 89, 95)],
        [IN, ("stop", "-1", "90")],
    ),
    Case(
        "a stop that the entry's own open is beyond fires at once",
        held(stop=101),
        [FLAT],
        [IN, ("stop", "-1", "100")],
    ),
    Case(
        "a target fires when it is touched, and its stop is withdrawn",
        held(stop=98, target=101),
        [FLAT],
        [IN, ("target", "-1", "101")],
        ["closed with its position"],
    ),
    Case(
        "a target that the next candle opens beyond fills at the open",
        held(target=105),
        [FLAT, (110, 111, 109, 110)],
        [IN, ("target", "-1", "110")],
    ),
    Case(
        "where a candle reaches stop and target, the stop counts",
        held(stop=99, target=101),
        [FLAT],
        [IN, ("stop", "-1", "99")],
        ["closed with its position"],
    ),
    Case(
        "where the open is beyond the target, the target came first",
        held(stop=95, target=105),
        [FLAT, (106, 107, 90, 100)],
        [IN, ("target", "-1", "106")],
        ["closed with its position"],
    ),
    Case(
        "an entry inside a candle can be stopped in it",
        [order("limit", price="99.5", stop=99, target=101)],
        [FLAT],
        [("limit", "1", "99.5"), ("stop", "-1", "99")],
        ["closed with its position"],
    ),
    Case(
        "an entry inside a candle does not reach its target in it",
        [order("limit", price="99.5", stop=98, target=101)],
        [FLAT, (100, 100.5, 99, 100)],
        [("limit", "1", "99.5")],
    ),
    Case(
        "conditional closes follow what is filled",
        [order("limit", price="99.5", stop=97, target=103)],
        [(*FLAT, 6), (*FLAT, 2), (102, 104, 102, 103, 90)],
        [
            ("limit", "0.6", "99.5"),
            ("limit", "0.2", "99.5"),
            ("target", "-0.8", "103"),
        ],
        ["closed with its position"] * 3,
    ),
    Case(
        "a limit exit closes a part, and the stop what is left",
        [
            order(stop=98),
            order("limit", "sell", id="x", price="100.5", purpose=Purpose.EXIT),
        ],
        [(*FLAT, 4), (97, 98, 96, 97, 0)],
        [IN, ("limit", "-0.4", "100.5"), ("stop", "-0.6", "97")],
        ["closed with its position"] * 2,
    ),
    Case(
        "a short on spot is not taken",
        [order(side="sell")],
        [FLAT],
        [],
    ),
    Case(
        "an order that has expired is withdrawn before the open",
        [order(expires_at=7200), order("limit", id="b", price=90, expires_at=7200)],
        [(1,), FLAT],
        [],
        ["expired", "expired"],
    ),
    Case(
        "a gap that makes a purchase too dear cuts it",
        [order(quantity=100)],
        [(125, 126, 124, 125)],
        [("open", "80", "125")],
        ["EOrder:Insufficient funds"],
    ),
    Case(
        "a purchase that cannot be paid for in its minimum is refused",
        [order(quantity=1)],
        [(1e7, 1e7, 1e7, 1e7)],
        [],
        ["EOrder:Insufficient funds"],
        rules={"cash": "9"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_candle_case(case: Case) -> None:
    venue = matching(**case.rules)
    take(venue, *case.orders)
    found = []
    for number, bar in enumerate(case.candles, 1):
        if len(bar) > 1:
            prices, volume = bar[:4], bar[4] if len(bar) > 4 else None
            found += play(venue, candle(number, prices, volume))
    assert fills(found) == case.fills
    assert [one.reason for one in found if isinstance(one, Closed)] == case.closed


def test_a_market_sale_loses_slippage_and_half_the_spread() -> None:
    venue = matching(**SLIPPED)
    take(venue, BUY)
    play(venue, candle(1, FLAT))
    take(venue, order(side="sell", id="exit", purpose=Purpose.EXIT))
    assert fills(play(venue, candle(2, FLAT))) == [("open", "-1", "99.8")]


def test_a_short_has_its_stop_above_and_its_target_below() -> None:
    perp = "BTC/USD:USD"
    short = order(side="sell", symbol=perp, stop=102, target=98, leverage=2)
    for prices, price in (((100, 103, 99, 100), "102"), ((100, 101, 97, 98), "98")):
        venue = matching()
        take(venue, short)
        assert fills(play(venue, candle(1, prices, symbol=perp))) == [
            ("open", "-1", "100"),
            ("stop" if price == "102" else "target", "1", price),
        ]


def halves(first: tuple[float, ...], second: tuple[float, ...]) -> list[Candle]:
    return [candle(1, first), changed(candle(1, second), time=5400)]


HOUR = (100, 102, 98, 100)
RISING = halves((100, 102, 100, 101), (101, 101, 98, 100))
FALLING = halves((100, 100, 98, 99), (99, 102, 99, 100))


def reason_of_exit(finer: list[Candle]) -> str:
    venue = matching(finer=lambda _: finer)
    take(venue, order(stop="98.5", target="101.5"))
    return fills(play(venue, candle(1, HOUR)))[1][0]


def test_finer_candles_decide_what_came_first() -> None:
    found = [reason_of_exit(finer) for finer in (RISING, FALLING, [])]
    assert found == ["target", "stop", "stop"]


def test_an_entry_in_one_finer_candle_is_stopped_in_the_next() -> None:
    first = candle(1, (100.5, 101.2, 100.5, 100.9))
    second = changed(candle(1, (100.9, 100.95, 99.9, 100)), time=5400)
    venue = matching(finer=lambda _: [first, second])
    take(venue, order("stop", trigger=101, stop=100))
    found = play(venue, candle(1, (100.5, 101.2, 99.9, 100)))
    assert fills(found) == [("stop", "1", "101"), ("stop", "-1", "100")]
    assert [one.at for one in found] == [3600, 5400]


@pytest.mark.parametrize(
    "finer",
    [
        RISING[:1],
        [changed(one, time=one.time + 1800) for one in RISING],
        [RISING[0], changed(RISING[1], time=4500)],
        [RISING[0], changed(RISING[1], time=4500), changed(RISING[1], time=6300)],
        [changed(RISING[0], open=100.5), RISING[1]],
        [RISING[0], changed(RISING[1], close=99.5)],
        [RISING[0], changed(RISING[1], low=98.1)],
    ],
)
def test_finer_candles_that_are_not_the_whole_candle_do_not_count(
    finer: list[Candle],
) -> None:
    assert reason_of_exit(finer) == "stop"


def test_a_maker_pays_the_maker_fee_and_everyone_else_the_taker_fee() -> None:
    venue = matching(fees=fee_table("0.0025", "0.0040"))
    take(venue, BUY, order("limit", id="rest", price="99.5"))
    found = [one for one in play(venue, candle(1, FLAT)) if one.symbol == SPOT]
    assert [(one.maker, one.fee) for one in found] == [
        (False, D("0.4")),
        (True, D("0.24875")),
    ]
