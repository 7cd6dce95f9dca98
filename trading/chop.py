"""chop: The market is choppy, price goes nowhere, while the choppiness index is above
chop_limit.

spec prompts/trading/chop.md@7cfe7a · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.chop", version="6956ff")
def chop(chop_14: float, chop_limit: float) -> dict:
    return {"choppy": chop_limit < chop_14}


# rebuild: asza build trading.chop --fresh
