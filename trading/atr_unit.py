"""atr_unit: What distances are measured in: ATR, at least the close divided by 1000,
so that a market that stands still has a measure too.

spec prompts/trading/atr_unit.md@103608 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.atr_unit", version="f108da")
def atr_unit(atr_14: float, close: float) -> dict:
    return {"atr_unit": max(atr_14, close / 1000)}


# rebuild: asza build trading.atr_unit --fresh
