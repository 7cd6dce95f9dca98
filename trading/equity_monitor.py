"""equity_monitor: How far equity lies below its peak, as a share of the peak, and how
it changed since the day began, in percent (1000 at most either way.

spec prompts/trading/equity_monitor.md@552faf · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.equity_monitor", version="43fa9b")
def equity_monitor(
    equity_cents: int,
    peak_equity_cents: int,
    day_start_cents: int,
    most_drawdown: float,
    most_day_loss: float,
) -> dict:
    peak = max(1, peak_equity_cents, equity_cents)
    down = min(1, 1 - equity_cents / peak) if equity_cents > 0 else 1
    change = 100 * (equity_cents - day_start_cents) / max(1, day_start_cents)
    change = max(-1000, min(1000, change))
    alarm = "day loss" if change <= -most_day_loss else "none"
    alarm = "drawdown" if down >= most_drawdown else alarm
    return {"equity_drawdown": down, "day_change": change, "equity_alarm": alarm}


# rebuild: asza build trading.equity_monitor --fresh
