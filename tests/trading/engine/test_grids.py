"""The grid of a market that nobody documented follows from what was known at its first
candle."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.reference import MODULES, reference_task
from core.sandbox import Sandbox
from tests.trading.engine.sessions import PLAY, Bench, market, settings, traded
from tests.trading.engine.stacks import run_of, stack_of
from trading.shell.candles import Candles
from trading.shell.engine.backtest import Backtest
from trading.shell.ledger.trades import Trade
from trading.shell.synthetic import generate

UNKNOWN = "WIF/USD"


def spiked(candles: Candles, times: float) -> Candles:
    """The same with a last candle that is worth so many times as much."""
    frame, last = candles.frame.copy(), candles.frame.index[-1]
    for name in ("open", "high", "low", "close"):
        frame.loc[last, name] *= times
    return replace(candles, frame=frame)


@pytest.mark.parametrize("times", [40.0, 5_000.0, 0.02])
def test_later_candles_change_nothing_of_a_backtests_trades_before_them(
    sandbox: Sandbox, tmp_path: Path, times: float
) -> None:
    """The incident: lot and least order came of the highest price of the whole file, so
    a wick on its last candle changed the quantity of the first trade."""
    stack = stack_of(tmp_path, MODULES)
    candles = generate(seed=5, symbol=UNKNOWN, step=3600, bars=900, price=0.5)
    last = int(candles.frame["time"].iloc[-1])

    def trades(of: Candles) -> list[Trade]:
        result = Backtest(run_of(stack, sandbox), reference_task([of])).play()
        return [one for one in result.trades if one.closed_at < last]

    wanted = trades(candles)
    assert wanted
    assert trades(spiked(candles, times)) == wanted


def test_later_candles_change_nothing_of_the_grid_a_paper_account_keeps(
    bench: Bench,
) -> None:
    candles = market([*PLAY, PLAY[-1]], symbol=UNKNOWN, scale=0.005)
    seen = [
        bench.paper(f"{times}", [spiked(candles, times)], settings=settings(UNKNOWN))
        for times in (1.0, 5_000.0)
    ]
    plain, later = (one.rules.instruments[UNKNOWN] for one in map(traded, seen))
    assert plain == later
    cut = replace(candles, frame=candles.frame.iloc[-3:])
    again = bench.paper("1.0", [cut], settings=settings(UNKNOWN))
    assert again.rules.instruments[UNKNOWN] == plain
