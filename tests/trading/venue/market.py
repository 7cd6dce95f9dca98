"""A small market for the simulated venue: round numbers, and no costs unless asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from trading.shell.config import Costs
from trading.shell.venue import Candle, Instrument
from trading.shell.venue.fees import FeeTable, fees_of
from trading.shell.venue.matching import Finer, Matching
from trading.shell.venue.orders import (
    Fill,
    Intent,
    Kind,
    OpenOrder,
    Purpose,
    Receipt,
    Side,
)
from trading.shell.venue.rules import Rules

SPOT, PERP = "BTC/USD", "BTC/USD:USD"
STEP = 3600
D = Decimal
KINDS = {"market": Kind.MARKET, "limit": Kind.LIMIT}
KINDS |= {"stop": Kind.STOP, "take_profit": Kind.TAKE_PROFIT}


def fee_table(maker: str = "0", taker: str = "0") -> FeeTable:
    row = {"since": date(2020, 1, 1), "maker": maker, "taker": taker, "source": "test"}
    return fees_of({"fees": [{"market": m, **row} for m in ("spot", "futures")]})


def instrument(symbol: str, **changes: Any) -> Instrument:
    futures = ":" in symbol
    values: dict[str, Any] = {
        "tick": D("0.01"),
        "lot": D("0.001"),
        "minimum": D("0.001"),
        "least_cost": D(0),
        "most_leverage": D(10 if futures else 1),
        "maintenance": D("0.01" if futures else 0),
    }
    return Instrument(symbol, **(values | changes))


def costs(slippage: str = "0", spread: str = "0", **more: Any) -> Costs:
    return Costs(slippage=D(slippage), spread=D(spread), **more)


def rules(**changes: Any) -> Rules:
    values: dict[str, Any] = {
        "step": STEP,
        "fees": fee_table(),
        "costs": costs(),
        "instruments": {one: instrument(one) for one in (SPOT, PERP)},
    }
    return Rules(**(values | changes))


def matching(cash: str = "10000", finer: Finer | None = None, **how: Any) -> Matching:
    return Matching(rules(**how), D(cash), finer)


def candle(
    number: int,
    prices: Sequence[float],
    volume: float | None = None,
    symbol: str = SPOT,
) -> Candle:
    """Candle `number` from (open, high, low, close)."""
    open_, high, low, close = map(float, prices)
    return Candle(symbol, number * STEP, open_, high, low, close, volume)


def order(kind: str = "market", side: str = "buy", **more: Any) -> Intent:
    """An order of 1, an entry unless it says what else; numbers become Decimal."""
    money = ("quantity", "price", "trigger", "stop", "target", "leverage")
    values = {
        k: D(str(v)) if k in money and v is not None else v for k, v in more.items()
    }
    named: dict[str, Any] = {
        "id": "entry",
        "symbol": SPOT,
        "purpose": Purpose.ENTRY,
        "quantity": D(1),
        "decided_at": 0,
        **values,
    }
    return Intent(side=Side(side), kind=KINDS[kind], **named)


def take(venue: Matching, *orders: Intent) -> list[Receipt]:
    return [venue.place(one) for one in orders]


def play(venue: Matching, *candles: Candle) -> list[Any]:
    """Every event of some candles, begun and finished in turn."""
    for one in candles:
        venue.begin(one.symbol, one.time, one.open)
        venue.finish(one)
    return venue.take_events()


def fills(events: Iterable[Any]) -> list[tuple[str, str, str]]:
    """(reason, signed quantity, price) of each fill."""
    return [
        (
            one.reason,
            f"{(one.side.sign * one.quantity).normalize():f}",
            f"{one.price.normalize():f}",
        )
        for one in events
        if isinstance(one, Fill)
    ]


def entries_filled(known: Iterable[Intent], events: Iterable[Any]) -> list[OpenOrder]:
    """The entries that have filled, and how much of each."""
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for one in events:
        if isinstance(one, Fill):
            filled[one.order] += one.quantity
    return [
        OpenOrder(one, filled[one.id])
        for one in known
        if one.purpose is Purpose.ENTRY and one.id in filled
    ]
