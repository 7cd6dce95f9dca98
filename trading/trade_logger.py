"""trade_logger: A row for each closed trade: its symbol, what it left after fees and
funding (gross minus both), whether that is more than nothing, and its story: side,
regime, and what closed it.

spec prompts/trading/trade_logger.md@d97f81 · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.trade_logger", version="dabb1e")
def trade_logger(closed_trades: list[dict]) -> dict:
    rows = []
    for one in closed_trades:
        net = one["gross_cents"] - one["fees_cents"] - one["funding_cents"]
        story = f"{one['side']} in {one['regime']}, closed by {one['reason']}"
        rows.append((one["symbol"], net, story))
    return {
        "trade_rows": [
            {"symbol": s, "net_cents": n, "won": n > 0, "told": t} for s, n, t in rows
        ]
    }


# rebuild: asza build trading.trade_logger --fresh
