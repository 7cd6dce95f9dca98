"""volume_spike: Volume confirms a move while it is more than volume_factor times its
20-bar average.

spec prompts/trading/volume_spike.md@d206d0 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.volume_spike", version="c50c2a")
def volume_spike(volume_ratio_20: float, volume_factor: float) -> dict:
    return {"volume_confirmed": volume_factor < volume_ratio_20}


# rebuild: asza build trading.volume_spike --fresh
