"""ema_trend: How far EMA 9 lies above EMA 21 in ATR, 1 and -1 at most: a lead of one
ATR is a whole trend.

spec prompts/trading/ema_trend.md@fd0be8 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.ema_trend", version="abcef9")
def ema_trend(ema_9: float, ema_21: float, atr_unit: float) -> dict:
    return {"trend_score": max(-1, min(1, (ema_9 - ema_21) / atr_unit))}


# rebuild: asza build trading.ema_trend --fresh
