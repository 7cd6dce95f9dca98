"""The engine against plain arithmetic that shares nothing with it, to the last digit."""

from decimal import Decimal
from random import Random

import pytest

from bench.oracle import Account, Bar, Grid, oracle
from bench.reference import DEPOSIT, reference_task
from core.sandbox import Sandbox
from core.stack import Stack
from tests.trading.engine.stacks import run_of
from trading.shell.candles import Candles, build
from trading.shell.engine.backtest import Backtest
from trading.shell.engine.result import Result
from trading.shell.synthetic import START, generate
from trading.shell.venue.instruments import instrument_of


def bars_of(candles: Candles) -> list[Bar]:
    columns = candles.columns()
    names = ("time", "open", "high", "low", "close", "volume")
    return list(zip(*(columns[name] for name in names), strict=True))


def expected(candles: Candles) -> Account:
    bars = bars_of(candles)
    market = instrument_of(candles.symbol, bars[0][4])
    return oracle(bars, DEPOSIT, Grid(market.tick, market.lot))


def compare(result: Result, wanted: Account, candles: Candles) -> None:
    """Trades to the last digit; equity to the cent, at the end and through the fees."""
    found = [
        (
            *(one.opened_at, one.closed_at, one.quantity, one.entry_price),
            *(one.exit_price, one.fees, one.net, one.reason),
        )
        for one in result.trades
    ]
    assert found == [
        (
            *(one.opened_at, one.closed_at, one.quantity, one.entry),
            *(one.exit, one.fees, one.net, one.reason),
        )
        for one in wanted.trades
    ]
    worth = wanted.worth(bars_of(candles)[-1][4])
    assert abs(Decimal(repr(result.equity[-1].item())) - worth) < Decimal("0.005")


def wild(seed: int, bars: int = 900) -> Candles:
    """A market of gaps and long wicks, so that everything that can happen does."""
    random, price, rows = Random(seed), 30_000.0, []
    for _ in range(bars):
        open_ = price * (1 + random.gauss(0, 0.012) * (random.random() < 0.2))
        close = open_ * (1 + random.gauss(0.0003, 0.012))
        high = max(open_, close) * (1 + abs(random.gauss(0, 0.012)))
        low = min(open_, close) * (1 - abs(random.gauss(0, 0.012)))
        rows.append((open_, high, low, close, random.uniform(1, 100)))
        price = close
    columns = {"time": [START + 3600 * at for at in range(bars)]}
    names = ("open", "high", "low", "close", "volume")
    columns |= dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return build(
        columns, symbol="BTC/USD", source=f"wild {seed}", where=str, timeframe="1h"
    )


def test_real_candles(bitcoin: Candles, reference: Stack, sandbox: Sandbox) -> None:
    result = Backtest(run_of(reference, sandbox), reference_task([bitcoin])).play()
    wanted = expected(bitcoin)
    assert len(wanted.trades) == 130
    compare(result, wanted, bitcoin)


@pytest.mark.parametrize("seed", [1, 2])
def test_generated_candles(seed: int, reference: Stack, sandbox: Sandbox) -> None:
    candles = generate(seed=seed, bars=1200)
    result = Backtest(run_of(reference, sandbox), reference_task([candles])).play()
    compare(result, expected(candles), candles)


def test_wild_candles(reference: Stack, sandbox: Sandbox) -> None:
    reasons: set[str] = set()
    gaps = 0
    for seed in range(5):
        candles = wild(seed)
        run = run_of(reference, sandbox)
        result = Backtest(run, reference_task([candles])).play()
        compare(result, expected(candles), candles)
        reasons |= {one.reason for one in result.trades}
        gaps += sum(one.opened_at == one.closed_at for one in result.trades)
    assert reasons == {"stop", "target", "exit_long"}
    assert gaps > 5  # in and out within one candle
