"""The venue against twenty lines of plain arithmetic that know nothing of it."""

import pytest

from tests.trading.venue.market import SPOT, D, costs, fee_table, order, rules
from trading.shell.synthetic import generate
from trading.shell.venue import Candle
from trading.shell.venue.matching import Matching
from trading.shell.venue.orders import Fill

STEP, EVERY, CASH = 3600, 7, 1_000_000.0
SLIPPAGE, TAKER, STOP, TARGET = 0.0005, 0.0040, 0.02, 0.04


def bars(seed: int) -> list[Candle]:
    """A synthetic market in cents, so that every price lies on the grid."""
    frame = generate(seed=seed, symbol=SPOT, step=STEP).frame
    columns = (
        frame[name].round(2).tolist() for name in ("open", "high", "low", "close")
    )
    return [
        Candle(SPOT, number * STEP, *prices)
        for number, prices in enumerate(zip(*columns, strict=True), 1)
    ]


def levels(close: float) -> tuple[float, float]:
    return round(close * (1 - STOP), 2), round(close * (1 + TARGET), 2)


def oracle(candles: list[Candle]) -> tuple[float, list[tuple[int, str]]]:
    """One unit bought at the open after every seventh close, if nothing is held."""
    cash, held, wanted, exits = CASH, None, None, []
    for number, bar in enumerate(candles):
        if wanted and not held:
            cash -= bar.open * (1 + SLIPPAGE) * (1 + TAKER)
            held = wanted
        wanted = None
        if held:
            stop, target = held
            price, why = 0.0, ""
            if bar.open <= stop or bar.open >= target:
                price, why = bar.open, "stop" if bar.open <= stop else "target"
            elif bar.low <= stop:
                price, why = stop, "stop"
            elif bar.high >= target:
                price, why = target, "target"
            if why:
                cash += price * (1 - SLIPPAGE) * (1 - TAKER)
                held = None
                exits.append((bar.time, why))
        if number % EVERY == 0 and not held:
            wanted = levels(bar.close)
    return cash, exits


def simulated(candles: list[Candle]) -> tuple[float, list[tuple[int, str]]]:
    """The same orders through the venue."""
    how = rules(costs=costs(str(SLIPPAGE)), fees=fee_table(taker=str(TAKER)))
    venue, exits = Matching(how, D(str(CASH))), []
    for number, bar in enumerate(candles):
        venue.begin(SPOT, bar.time, bar.open)
        venue.finish(bar)
        for event in venue.take_events():
            if isinstance(event, Fill) and event.side == "sell":
                exits.append((event.at, event.reason))
        if number % EVERY == 0 and SPOT not in venue.mirror.positions:
            stop, target = levels(bar.close)
            venue.place(order(id=f"n{number}", stop=stop, target=target))
    return float(venue.mirror.cash), exits


@pytest.mark.parametrize("seed", [1, 2])
def test_trades_and_cash_are_the_oracles(seed: int) -> None:
    candles = bars(seed)
    cash, exits = oracle(candles)
    found, made = simulated(candles)
    assert len(exits) > 20
    assert {why for _, why in exits} == {"stop", "target"}
    assert made == exits
    # An execution is rounded to a cent against us: at most a cent a fill.
    assert cash - 0.02 * (len(exits) + 1) <= found <= cash
