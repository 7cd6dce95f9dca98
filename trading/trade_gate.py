"""trade_gate: No entry once the symbol has had most_symbol_trades entries today or all
symbols together most_trades, none within cooldown_bars of the symbol's last trade,
and none on a day that has lost most_day_loss percent.

spec prompts/trading/trade_gate.md@2a0c4b · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.trade_gate", version="be99f5")
def trade_gate(
    symbol_trades_today: int,
    trades_today: int,
    bars_since_trade: int,
    day_result: float,
    most_symbol_trades: int,
    most_trades: int,
    cooldown_bars: int,
    most_day_loss: float,
) -> dict:
    reason = ""
    if symbol_trades_today >= most_symbol_trades or trades_today >= most_trades:
        reason = "enough trades today"
    elif bars_since_trade < cooldown_bars:
        reason = "too soon after the last trade"
    elif day_result <= -most_day_loss:
        reason = "the day lost enough"
    return {"proceed": reason == "", "reason": reason}


# rebuild: asza build trading.trade_gate --fresh
