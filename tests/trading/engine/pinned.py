"""The flagship stack's trades over real candles, as a text that a change would change.

.venv/bin/python -m tests.trading.engine.pinned     writes the golden file anew
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from core.sandbox import Sandbox
from tests.conftest import ROOT
from tests.trading.engine.stacks import flagship, run_of
from trading.shell.candle_files import read_candles
from trading.shell.candles import Candles, stamp
from trading.shell.config import TradeSettings, read_settings
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.result import Result
from trading.shell.engine.tape import Asking, EmptyTape
from trading.shell.law.limits import read_limits
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import Mode

GOLDEN = ROOT / "tests/golden/trading_trades.txt"
FILES = ("kraken_XBTUSD_1h_2020-2021.csv.gz", "kraken_ETHUSD_1h_2020-2021.csv.gz")
FIRST, BARS = 2000, 1000


def traded(folder: Path, sandbox: Sandbox, deposit: int = 10_000) -> Result:
    """A few weeks of two markets, with the shipped settings and limits."""
    candles = tuple(_part(read_candles(folder / name)) for name in FILES)
    asking = Asking(EmptyTape())
    task = Task(candles, _settings(candles, deposit), read_limits(Mode.BACKTEST))
    return Backtest(run_of(flagship(), sandbox, asking=asking), task, asking).play()


def _part(candles: Candles) -> Candles:
    frame = candles.frame.iloc[FIRST : FIRST + BARS].reset_index(drop=True)
    return replace(candles, frame=frame)


def _settings(candles: Sequence[Candles], deposit: int) -> TradeSettings:
    whole = read_settings()
    change = {
        "symbols": tuple(one.symbol for one in candles),
        "timeframe": candles[0].timeframe,
        "deposit": Decimal(deposit),
    }
    return whole.model_copy(update={"session": whole.session.model_copy(update=change)})


def told(result: Result) -> str:
    """How many trades, the first and the last, and a hash over every one."""
    rows = [_row(one) for one in result.trades]
    digest = sha256("\n".join(rows).encode()).hexdigest()
    return "\n".join(
        [
            f"trades {len(rows)}",
            f"first  {rows[0]}",
            f"last   {rows[-1]}",
            f"equity {result.equity[-1].item():.2f}",
            f"sha256 {digest}",
            "",
        ]
    )


def _row(one: Trade) -> str:
    return (
        f"{one.symbol} {one.side} {one.quantity.normalize():f} "
        f"in {stamp(one.opened_at)} at {one.entry_price:.8f} "
        f"out {stamp(one.closed_at)} at {one.exit_price:.8f} "
        f"({one.reason}, {one.regime}) net {one.net:.8f} by {one.decision}"
    )


if __name__ == "__main__":
    given = os.environ.get("ASZA_SHARED_DATA")
    with Sandbox() as workers:
        text = told(traded(Path(given or ROOT.parent / "shared/data"), workers))
    GOLDEN.write_text(text)
    print(text)
