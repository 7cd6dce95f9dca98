"""universe_gate: Trade a symbol only while it is among the first most_symbols of the
ranked symbols.

spec prompts/trading/universe_gate.md@a9dd02 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.universe_gate", version="49bb41")
def universe_gate(symbol: str, ranked_symbols: list[str], most_symbols: int) -> dict:
    chosen = symbol in ranked_symbols[:most_symbols]
    reason = "" if chosen else "other symbols move more"
    return {"proceed": chosen, "reason": reason}


# rebuild: asza build trading.universe_gate --fresh
