"""hourly_heatmap: The win rate of trades opened in this UTC hour, one half while there
are none.

spec prompts/trading/hourly_heatmap.md@aa63bf · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.hourly_heatmap", version="2fb1f2")
def hourly_heatmap(
    hour: int,
    hour_wins: list[int],
    hour_losses: list[int],
    least_hour_trades: int,
    least_hour_win_rate: float,
) -> dict:
    won, lost = hour_wins[hour], hour_losses[hour]
    rate = won / (won + lost) if won + lost > 0 else 0.5
    bad = won + lost >= max(1, least_hour_trades) and rate < least_hour_win_rate
    reason = "trades opened in this hour seldom win" if bad else ""
    return {"hour_win_rate": rate, "proceed": not bad, "reason": reason}


# rebuild: asza build trading.hourly_heatmap --fresh
