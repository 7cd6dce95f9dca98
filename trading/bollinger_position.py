"""bollinger_position: Where the close lies between the Bollinger bands: 1 at the lower
band or below it, -1 at the upper or above it, straight between, and 0 where the
bands have no width.

spec prompts/trading/bollinger_position.md@c72a8e · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.bollinger_position", version="632bf5")
def bollinger_position(close: float, bb_upper_20: float, bb_lower_20: float) -> dict:
    if bb_upper_20 == bb_lower_20:
        return {"band_score": 0.0}
    place = (close - bb_lower_20) / (bb_upper_20 - bb_lower_20)
    return {"band_score": max(-1, min(1, 1 - 2 * place))}


# rebuild: asza build trading.bollinger_position --fresh
