"""trade_clustering: Whether three timeframes agree: the 9/21 averages on this one, on
one four times longer (36/84) and on one twelve times longer (108/252).

spec prompts/trading/trade_clustering.md@da50e3 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.trade_clustering", version="365567")
def trade_clustering(
    ema_9: float,
    ema_21: float,
    ema_36: float,
    ema_84: float,
    ema_108: float,
    ema_252: float,
) -> dict:
    frames = [(ema_9, ema_21), (ema_36, ema_84), (ema_108, ema_252)]
    up = sum(1 for fast, slow in frames if fast > slow)
    down = sum(1 for fast, slow in frames if fast < slow)
    return {"confluence": (up - down) / 3}


# rebuild: asza build trading.trade_clustering --fresh
