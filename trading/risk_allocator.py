"""risk_allocator: All symbols that want to enter share one purse.

spec prompts/trading/risk_allocator.md@e0dae1 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.risk_allocator", version="597ab5")
def risk_allocator(
    notional: list[dict],
    leverage: list[dict],
    trade_risk: list[dict],
    equity: float,
    margin_used: float,
    open_risk: float,
    risk_ceiling: float,
    margin_limit: float,
) -> dict:
    pairs = zip(notional, leverage)
    margin = sum(one["notional"] / other["leverage"] for one, other in pairs)
    risk = sum(row["trade_risk"] for row in trade_risk)
    free = max(0, margin_limit * equity - margin_used)
    room = max(0, risk_ceiling - open_risk)
    by_margin = free / margin if margin > free else 1
    by_risk = room / risk if risk > room else 1
    return {"allocation_share": min(by_margin, by_risk)}


# rebuild: asza build trading.risk_allocator --fresh
