"""pnl_engine: Floating profit is what every open position gained since its entry, its
signed quantity times the move from the entry price to the mark, each rounded to the
cent.

spec prompts/trading/pnl_engine.md@3203e8 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.pnl_engine", version="aa7ffa")
def pnl_engine(holdings: list[dict], realised_cents: int) -> dict:
    floating = 0
    for row in holdings:
        gain = float(row["quantity"]) * (row["mark_price"] - row["entry_price"])
        floating += round(100 * gain)
    return {"floating_cents": floating, "profit_cents": realised_cents + floating}


# rebuild: asza build trading.pnl_engine --fresh
