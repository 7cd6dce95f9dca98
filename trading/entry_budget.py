"""entry_budget: What an entry may spend: notional times allocation_share.

spec prompts/trading/entry_budget.md@b20c98 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.entry_budget", version="0fecef")
def entry_budget(notional: float, allocation_share: float) -> dict:
    return {"entry_notional": notional * allocation_share}


# rebuild: asza build trading.entry_budget --fresh
