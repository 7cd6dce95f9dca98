"""time_exit: Leave a position that is held for most_bars_held bars or longer.

spec prompts/trading/time_exit.md@07ba46 · version 1 · writer offline (search)
"""

from core.wrapper import module


@module("trading.time_exit", version="37475c")
def time_exit(position: float, bars_held: int, most_bars_held: int) -> dict:
    return {"time_exit": position != 0 and bars_held >= most_bars_held}


# rebuild: asza build trading.time_exit --fresh
