"""atr_spike: Volatility is ATR divided by close, 1 at most.

spec prompts/trading/atr_spike.md@7aade8 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.atr_spike", version="2ee6e0")
def atr_spike(
    atr_14: float, average_atr_14_100: float, close: float, spike_factor: float
) -> dict:
    part = average_atr_14_100 * spike_factor < atr_14
    return {"volatility": atr_14 / max(atr_14, close), "atr_spiking": part}


# rebuild: asza build trading.atr_spike --fresh
