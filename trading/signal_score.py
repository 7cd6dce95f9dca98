"""signal_score: The evidence with the model's score mixed in by its share: evidence
plus share times score, divided by 1 plus share.

spec prompts/trading/signal_score.md@3d234d · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.signal_score", version="4bcf1d")
def signal_score(evidence: float, gpt_score: float, gpt_share: float) -> dict:
    return {"score": (evidence + gpt_score * gpt_share) / (gpt_share + 1)}


# rebuild: asza build trading.signal_score --fresh
