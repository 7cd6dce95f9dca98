"""dynamic_position_sizing: Risk risk_per_trade times confidence times
performance_factor of equity, at most risk_room: the position is so large that the
stop loses just that, a share of equity of risk divided by stop_share, but at most
most_position times leverage.

spec prompts/trading/dynamic_position_sizing.md@dac454 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.dynamic_position_sizing", version="9e8f44")
def dynamic_position_sizing(
    equity: float,
    risk_per_trade: float,
    risk_room: float,
    confidence: float,
    performance_factor: float,
    stop_share: float,
    leverage: float,
    most_position: float,
) -> dict:
    wanted = risk_per_trade * confidence * performance_factor
    share = min(min(wanted, risk_room) / stop_share, most_position * leverage)
    return {"notional": max(0, equity) * share, "trade_risk": share * stop_share}


# rebuild: asza build trading.dynamic_position_sizing --fresh
