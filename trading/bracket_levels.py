"""bracket_levels: The stop lies stop_atr times ATR behind the close, at most half of
the close away.

spec prompts/trading/bracket_levels.md@9321f0 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.bracket_levels", version="9d9ae8")
def bracket_levels(
    signal: str, close: float, atr_unit: float, stop_atr: float, target_atr: float
) -> dict:
    side = -1 if signal == "short" else 1
    gap = min(0.5 * close, stop_atr * atr_unit)
    gain = min(0.9 * close, target_atr * atr_unit)
    stop, target = close - side * gap, close + side * gain
    return {"bracket_stop": stop, "bracket_target": target, "stop_share": gap / close}


# rebuild: asza build trading.bracket_levels --fresh
