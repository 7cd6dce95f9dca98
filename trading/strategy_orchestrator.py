"""strategy_orchestrator: Each regime has its strategy, and each strategy its evidence,
the mean of three scores.

spec prompts/trading/strategy_orchestrator.md@19ac1f · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.strategy_orchestrator", version="457a42")
def strategy_orchestrator(
    regime: str,
    trend_score: float,
    momentum_score: float,
    confluence: float,
    vwap_score: float,
    rsi_score: float,
    band_score: float,
    choppy: bool,
    atr_spiking: bool,
) -> dict:
    if regime == "breakout":
        push = (momentum_score + confluence - band_score) / 3
        return {"strategy": "breakout", "evidence": push}
    if regime == "trend" and not choppy:
        trend = (trend_score + momentum_score + confluence) / 3
        return {"strategy": "trend following", "evidence": trend}
    if regime == "range" and not atr_spiking:
        pull = (vwap_score + rsi_score + band_score) / 3
        return {"strategy": "mean reversion", "evidence": pull}
    return {"strategy": "stand aside", "evidence": 0.0}


# rebuild: asza build trading.strategy_orchestrator --fresh
