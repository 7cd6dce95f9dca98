"""leverage_ceiling: The smaller of what the market allows and what this account
allows.

spec prompts/trading/leverage_ceiling.md@acb7cb · version 1 · writer offline
(search)
"""

from core.wrapper import module


@module("trading.leverage_ceiling", version="77a9bc")
def leverage_ceiling(most_leverage: float, leverage_limit: float) -> dict:
    return {"max_leverage": min(most_leverage, leverage_limit)}


# rebuild: asza build trading.leverage_ceiling --fresh
