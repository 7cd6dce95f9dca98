"""position_gate: One position a symbol: go on only without one, else say 'a position
is open'.

spec prompts/trading/position_gate.md@9ca777 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.position_gate", version="45c9d9")
def position_gate(position: float) -> dict:
    part = position == 0
    return {"proceed": part, "reason": "" if part else "a position is open"}


# rebuild: asza build trading.position_gate --fresh
