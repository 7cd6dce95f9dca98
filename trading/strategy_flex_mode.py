"""strategy_flex_mode: Relax the entry by measured steps while nothing is traded.

spec prompts/trading/strategy_flex_mode.md@7771d8 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.strategy_flex_mode", version="18ac4d")
def strategy_flex_mode(
    position: float,
    closed_trade: bool,
    flex_after: int,
    flex_most: int,
    previous_flex_step: int,
    previous_flex_waited: int,
) -> dict:
    if position != 0 or closed_trade:
        return {"flexing": False, "flex_step": 0, "flex_waited": 0}
    waited = previous_flex_waited + 1
    if waited < flex_after:
        step = min(previous_flex_step, flex_most)
        return {"flexing": step > 0, "flex_step": step, "flex_waited": waited}
    step = min(previous_flex_step + 1, flex_most)
    return {"flexing": step > 0, "flex_step": step, "flex_waited": 0}


# rebuild: asza build trading.strategy_flex_mode --fresh
