"""hourly_record: Count won and lost trades by the UTC hour in which they were opened.

spec prompts/trading/hourly_record.md@85ce86 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.hourly_record", version="7c00eb")
def hourly_record(
    closed_trade: bool,
    closed_result: float,
    closed_hour: int,
    previous_hour_wins: list[int],
    previous_hour_losses: list[int],
) -> dict:
    wins, losses = list(previous_hour_wins), list(previous_hour_losses)
    if closed_trade and closed_result > 0:
        wins[closed_hour] = min(100000, wins[closed_hour] + 1)
    elif closed_trade:
        losses[closed_hour] = min(100000, losses[closed_hour] + 1)
    return {"hour_counted": closed_trade, "hour_wins": wins, "hour_losses": losses}


# rebuild: asza build trading.hourly_record --fresh
