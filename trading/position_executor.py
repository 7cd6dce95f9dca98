"""position_executor: The orders of one entry: a buy for each slice of a long, a sell
for each of a short, then on the other side one stop at bracket_stop and one
take-profit at bracket_target for all of entry_notional.

spec prompts/trading/position_executor.md@51d556 · version 1 · writer offline
(library)
"""

from core.wrapper import module


@module("trading.position_executor", version="9ff199")
def position_executor(
    market: str,
    signal: str,
    entry_notional: float,
    slices: list[dict],
    bracket_stop: float,
    bracket_target: float,
) -> dict:
    side, other = ("buy", "sell") if signal == "long" else ("sell", "buy")
    rows = [("entry", side, s["kind"], s["notional"], s["price"]) for s in slices]
    rows.append(("stop", other, "stop", entry_notional, bracket_stop))
    rows.append(("target", other, "take_profit", entry_notional, bracket_target))
    return {
        "intents": [
            {"purpose": p, "side": s, "kind": k, "notional": n, "price": x}
            for p, s, k, n, x in (rows if slices else [])
        ]
    }


# rebuild: asza build trading.position_executor --fresh
