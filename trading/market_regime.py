"""market_regime: A breakout when the close leaves the range of the 20 bars before it.

spec prompts/trading/market_regime.md@6d5d7c · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.market_regime", version="ab783d")
def market_regime(
    close: float,
    prior_highest_high_20: float,
    prior_lowest_low_20: float,
    adx_14: float,
    adx_trend: float,
) -> dict:
    if close < prior_lowest_low_20:
        return {"regime": "breakout"}
    if prior_highest_high_20 < close:
        return {"regime": "breakout"}
    if adx_14 < adx_trend:
        return {"regime": "range"}
    return {"regime": "trend"}


# rebuild: asza build trading.market_regime --fresh
