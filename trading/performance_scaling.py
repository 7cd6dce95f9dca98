"""performance_scaling: Scale risk by how it goes: start at 1, add 0.05 for each win in
a row, take 0.25 away for each loss in a row after the first.

spec prompts/trading/performance_scaling.md@f49b8b · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.performance_scaling", version="910294")
def performance_scaling(
    win_streak: int,
    loss_streak: int,
    recent_trades: int,
    recent_win_rate: float,
    drawdown: float,
) -> dict:
    factor = 1 + 0.05 * win_streak - 0.25 * max(0, loss_streak - 1)
    if recent_trades >= 10:
        factor = factor * (0.5 + recent_win_rate)
    factor = factor * (1 - drawdown)
    return {"performance_factor": max(0.25, min(1.25, factor))}


# rebuild: asza build trading.performance_scaling --fresh
