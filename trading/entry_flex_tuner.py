"""entry_flex_tuner: The confidence an entry needs: signal_threshold minus flex_relief
times flex_step, but at least least_threshold.

spec prompts/trading/entry_flex_tuner.md@6ccafc · version 1 · writer offline
(search)
"""

from core.wrapper import module


@module("trading.entry_flex_tuner", version="754a4a")
def entry_flex_tuner(
    signal_threshold: float, least_threshold: float, flex_relief: float, flex_step: int
) -> dict:
    part = signal_threshold - flex_relief * flex_step
    return {"entry_threshold": max(least_threshold, part)}


# rebuild: asza build trading.entry_flex_tuner --fresh
