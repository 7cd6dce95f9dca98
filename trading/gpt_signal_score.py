"""gpt_signal_score: Ask the model for one word on a symbol: buy counts 1, sell -1,
anything else is to wait and counts 0.

spec prompts/trading/gpt_signal_score.md@b096d4 · version 1 · writer offline
(library)
"""

from collections.abc import Callable

from core.wrapper import module


@module("trading.gpt_signal_score", version="0025a8")
def gpt_signal_score(
    gpt_weight: float,
    symbol: str,
    regime: str,
    rsi_14: float,
    trend_score: float,
    *,
    ask_model: Callable[..., str | None],
) -> dict:
    if gpt_weight == 0:
        return {"gpt_score": 0, "gpt_share": 0, "gpt_said": "not asked"}
    seen = f"{symbol}: {regime}, RSI {rsi_14:.0f}, trend {trend_score:.2f} (-1 to 1)"
    answer = ask_model(question=f"{seen}. Answer one word: buy, sell or wait.")
    if answer is None:
        return {"gpt_score": 0, "gpt_share": 0, "gpt_said": "nothing"}
    word = answer.strip().lower()
    said = "buy" if word == "buy" else "sell" if word == "sell" else "wait"
    side = (said == "buy") - (said == "sell")
    return {"gpt_score": side, "gpt_share": gpt_weight, "gpt_said": said}


# rebuild: asza build trading.gpt_signal_score --fresh
