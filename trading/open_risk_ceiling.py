"""open_risk_ceiling: What may still be risked: risk_ceiling minus open_risk, at least
0.

spec prompts/trading/open_risk_ceiling.md@67e494 · version 1 · writer offline
(search)
"""

from core.wrapper import module


@module("trading.open_risk_ceiling", version="de5e12")
def open_risk_ceiling(open_risk: float, risk_ceiling: float) -> dict:
    part = open_risk < risk_ceiling
    return {
        "risk_room": risk_ceiling - min(open_risk, risk_ceiling),
        "proceed": part,
        "reason": "" if part else "open risk is at its ceiling",
    }


# rebuild: asza build trading.open_risk_ceiling --fresh
