"""stop_trailer: Keep the stop of a long trail_atr times ATR below the highest price
since the entry, and that of a short as far above the lowest.

spec prompts/trading/stop_trailer.md@c7f8a6 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.stop_trailer", version="fe5cbd")
def stop_trailer(
    position: float,
    stop_price: float,
    highest_since_entry: float,
    lowest_since_entry: float,
    atr_14: float,
    trail_atr: float,
) -> dict:
    if position > 0:
        return {
            "trailing_stop": max(stop_price, highest_since_entry - trail_atr * atr_14)
        }
    if position < 0:
        return {
            "trailing_stop": min(stop_price, lowest_since_entry + trail_atr * atr_14)
        }
    return {"trailing_stop": None}


# rebuild: asza build trading.stop_trailer --fresh
