"""signal_engine: A long for a score above 0, a short for one below.

spec prompts/trading/signal_engine.md@d46cda · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.signal_engine", version="84f113")
def signal_engine(
    score: float,
    strategy: str,
    volume_confirmed: bool,
    entry_threshold: float,
    market: str,
) -> dict:
    why = ""
    if strategy == "stand aside" or abs(score) < max(0.01, entry_threshold):
        why = "the evidence is weak"
    elif score < 0 and market == "spot":
        why = "spot is not sold short"
    elif strategy != "mean reversion" and not volume_confirmed:
        why = "no volume behind the move"
    side = "none" if why else "long" if score > 0 else "short"
    return {"signal": side, "confidence": abs(score), "proceed": not why, "reason": why}


# rebuild: asza build trading.signal_engine --fresh
