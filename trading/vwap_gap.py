"""vwap_gap: How far the close lies below the day's VWAP, its fair value, in ATR: 1 at
one ATR below it or more, -1 at one above it or more, straight between.

spec prompts/trading/vwap_gap.md@a03d77 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.vwap_gap", version="419302")
def vwap_gap(close: float, day_vwap: float, atr_unit: float) -> dict:
    return {"vwap_score": max(-1, min(1, (day_vwap - close) / atr_unit))}


# rebuild: asza build trading.vwap_gap --fresh
