"""symbol_score: How much a symbol moves beyond what its spread costs, times how busy
it is: the ATR in percent minus the spread in percent (100 times the spread),
multiplied by the volume ratio, which counts as 10 at most.

spec prompts/trading/symbol_score.md@3e7ccd · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.symbol_score", version="db527c")
def symbol_score(atr_percent_14: float, volume_ratio_20: float, spread: float) -> dict:
    return {"scan_score": min(volume_ratio_20, 10) * (atr_percent_14 - spread * 100)}


# rebuild: asza build trading.symbol_score --fresh
