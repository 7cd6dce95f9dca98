"""entry_filter_gpt: Ask the model whether anything speaks against an entry that all
the rest is for, and let it go only if it does not say yes.

spec prompts/trading/entry_filter_gpt.md@d2b29a · version 1 · writer offline
(library)
"""

from collections.abc import Callable

from core.wrapper import module


@module("trading.entry_filter_gpt", version="4cc176")
def entry_filter_gpt(
    gpt_weight: float,
    symbol: str,
    signal: str,
    strategy: str,
    confidence: float,
    *,
    ask_model: Callable[..., str | None],
) -> dict:
    if gpt_weight == 0:
        return {"filter_asked": False, "proceed": True, "reason": ""}
    plan = f"{signal} {symbol} by {strategy}, confidence {confidence:.2f}"
    answer = ask_model(question=f"{plan}. Does anything speak against it? yes or no.")
    against = answer != None and answer.strip().lower().startswith("yes")
    reason = "the model speaks against it" if against else ""
    return {"filter_asked": True, "proceed": not against, "reason": reason}


# rebuild: asza build trading.entry_filter_gpt --fresh
