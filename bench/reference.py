"""The reference strategy as certified modules, for the engine's speed and its oracle.

Long when EMA 9 crosses above EMA 21, RSI 14 is below 70 and volume is over 1.2 times its
20-bar mean; out when EMA 9 crosses below; a 2 % stop and a 4 % target from the close of
the decision. Nineteen twentieths of equity go into a position.
"""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from bench.subjects import certified
from core.records import Memory
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.spec import parse_spec
from core.stack import Stack, load_stack
from core.stack.fused import FusedRun
from core.wrapper import Runtime
from trading.shell.candles import Candles
from trading.shell.config import TradeSettings, settings_of
from trading.shell.engine.backtest import Task
from trading.shell.law.limits import loosest
from trading.shell.venue.orders import Mode
from trading.shell.vocabulary import VOCABULARY

STOP, TARGET, SHARE = 0.98, 1.04, 0.95
DEPOSIT = Decimal(10_000)
MODULES = {
    "cross_up": (
        """---
name: cross_up
role: entry
inputs:
  ema_9: {unit: price}
  prior_ema_9: {unit: price}
  ema_21: {unit: price}
  prior_ema_21: {unit: price}
  rsi_14: {unit: oscillator}
  volume: {unit: volume}
  average_volume_20: {unit: volume}
outputs:
  enter_long: {unit: flag}
---
True when EMA 9 crosses above EMA 21 with RSI 14 below 70 and a high volume.
""",
        """crossed = prior_ema_9 <= prior_ema_21 and ema_9 > ema_21
busy = volume > 1.2 * average_volume_20
return {"enter_long": crossed and rsi_14 < 70 and busy}
""",
    ),
    "cross_down": (
        """---
name: cross_down
role: exit
inputs:
  ema_9: {unit: price}
  prior_ema_9: {unit: price}
  ema_21: {unit: price}
  prior_ema_21: {unit: price}
outputs:
  exit_long: {unit: flag}
---
True when EMA 9 crosses below EMA 21.
""",
        'return {"exit_long": prior_ema_9 >= prior_ema_21 and ema_9 < ema_21}\n',
    ),
    "levels": (
        """---
name: levels
role: stop
inputs:
  close: {unit: price}
outputs:
  long_stop_price: {unit: price}
  long_target_price: {unit: number}
---
A stop 2 % below the close and a target 4 % above it.
""",
        'return {"long_stop_price": close * 0.98, "long_target_price": close * 1.04}\n',
    ),
    "size": (
        """---
name: size
role: size
inputs:
  equity: {unit: money}
outputs:
  notional: {unit: money}
---
Nineteen twentieths of equity.
""",
        'return {"notional": equity * 0.95}\n',
    ),
}


def reference_stack(folder: Path, sandbox: Sandbox) -> Stack:
    """The stack, every module through the gate."""
    home = folder / "bench"
    home.mkdir(parents=True, exist_ok=True)
    (home / "stack.toml").write_text(
        'name = "bench"\nvocabulary = "trading.shell.vocabulary"\n'
    )
    entries = [
        certified(parse_spec(text, stack="bench", vocabulary=VOCABULARY), body, sandbox)
        for text, body in MODULES.values()
    ]
    return load_stack(home, entries, VOCABULARY)


def reference_run(
    stack: Stack, sandbox: Sandbox, *, engine: str = "native"
) -> FusedRun:
    """The stack bound to an engine, its reflections in memory."""
    runtime = Runtime(Memory(1000), engine=engine, prepare=prepare_in(sandbox))
    return FusedRun(stack, runtime)


def reference_settings() -> TradeSettings:
    """0.05 % slippage and no spread beside it."""
    return settings_of(
        {
            "session": {"symbols": ["BTC/USD"], "deposit": DEPOSIT},
            "costs": {"slippage": "0.0005", "spread": "0"},
        }
    )


def reference_task(candles: Sequence[Candles]) -> Task:
    """The strategy's backtest, under the loosest law."""
    return Task(
        tuple(candles),
        reference_settings(),
        loosest(Mode.BACKTEST),
    )
