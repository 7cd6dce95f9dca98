"""market_scanner: The symbols by their scan score, the highest first.

spec prompts/trading/market_scanner.md@09853c · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.market_scanner", version="6e37d6")
def market_scanner(scan_score: list[dict]) -> dict:
    ordered = sorted(scan_score, key=lambda row: (-row["scan_score"], row["symbol"]))
    return {"ranked_symbols": [row["symbol"] for row in ordered]}


# rebuild: asza build trading.market_scanner --fresh
