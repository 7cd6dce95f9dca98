"""rsi_state: Oversold speaks for a long: 1 at an RSI of 30 or less, 0 at 50, -1 at 70
or more, straight between: 50 minus RSI, divided by 20.

spec prompts/trading/rsi_state.md@39027b · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.rsi_state", version="2a8275")
def rsi_state(rsi_14: float) -> dict:
    return {"rsi_score": max(-1, min(1, (50 - rsi_14) / 20))}


# rebuild: asza build trading.rsi_state --fresh
