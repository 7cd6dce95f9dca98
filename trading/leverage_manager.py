"""leverage_manager: From 1 at confidence 0.5 rise linearly to max_leverage at
confidence 1.

spec prompts/trading/leverage_manager.md@d94cd4 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.leverage_manager", version="40d7d7")
def leverage_manager(confidence: float, volatility: float, max_leverage: float) -> dict:
    if confidence <= 0.5:
        return {"leverage": 1.0}
    rise = (confidence - 0.5) * 2 * (max_leverage - 1) / (1 + 10 * volatility)
    return {"leverage": min(max_leverage, 1 + rise)}


# rebuild: asza build trading.leverage_manager --fresh
