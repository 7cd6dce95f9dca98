"""slice_manager: Split entry_notional into as few equal orders as keep each at
slice_share of a bar's usual turnover or below, most_slices at most.

spec prompts/trading/slice_manager.md@ef57dd · version 1 · writer offline (library)
"""

import math

from core.wrapper import module


@module("trading.slice_manager", version="cffb6d")
def slice_manager(
    signal: str,
    entry_notional: float,
    least_notional: float,
    average_volume_20: float,
    close: float,
    atr_unit: float,
    slice_share: float,
    slice_gap: float,
    most_slices: int,
) -> dict:
    part = max(2, 2 * least_notional, slice_share * average_volume_20 * close)
    count = min(most_slices, math.ceil(entry_notional / part))
    step = slice_gap * min(atr_unit, 0.09 * close) * (1 if signal == "short" else -1)
    each, kinds = entry_notional / max(1, count), ["market"] + ["limit"] * most_slices
    return {
        "slices": [
            {"kind": kinds[n], "notional": each, "price": close + n * step}
            for n in range(count)
        ]
    }


# rebuild: asza build trading.slice_manager --fresh
