"""macd_momentum: The MACD histogram divided by ATR, divided by 0.25: a quarter of ATR
is whole momentum, 1, and as much below 0 is -1.

spec prompts/trading/macd_momentum.md@4b97e7 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.macd_momentum", version="a5aba0")
def macd_momentum(macd_histogram: float, atr_unit: float) -> dict:
    return {"momentum_score": max(-1, min(1, macd_histogram / (atr_unit * 0.25)))}


# rebuild: asza build trading.macd_momentum --fresh
