"""fee_gate: A round trip costs two taker fees, two slippages, the spread and the
funding of funding_hours, where the side pays it: longs pay a rate above 0, shorts
one below.

spec prompts/trading/fee_gate.md@26ef58 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.fee_gate", version="ef9131")
def fee_gate(
    signal: str,
    close: float,
    bracket_target: float,
    taker_fee: float,
    slippage: float,
    spread: float,
    funding_rate: float,
    funding_hours: float,
    fee_multiple: float,
) -> dict:
    move = abs(bracket_target - close) / close
    hourly = -funding_rate if signal == "short" else funding_rate
    cost = 2 * (taker_fee + slippage) + spread + funding_hours * max(0, hourly)
    enough = move >= fee_multiple * cost
    reason = "" if enough else "the move is too small for its costs"
    return {"round_trip_cost": cost, "proceed": enough, "reason": reason}


# rebuild: asza build trading.fee_gate --fresh
