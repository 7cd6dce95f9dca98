"""exit_signal: Leave when the time is up.

spec prompts/trading/exit_signal.md@24374b · version 1 · writer offline (library)
"""

from core.wrapper import module


@module("trading.exit_signal", version="915e98")
def exit_signal(
    position: float,
    entry_regime: str,
    close: float,
    bb_middle_20: float,
    ema_9: float,
    ema_21: float,
    time_exit: bool,
) -> dict:
    side = 1 if position > 0 else -1
    if position == 0:
        return {"exit_now": False, "exit_reason": ""}
    if time_exit:
        return {"exit_now": True, "exit_reason": "held too long"}
    if entry_regime == "range" and side * (close - bb_middle_20) >= 0:
        return {"exit_now": True, "exit_reason": "back at the mean"}
    if entry_regime != "range" and side * (ema_9 - ema_21) < 0:
        return {"exit_now": True, "exit_reason": "trend turned"}
    return {"exit_now": False, "exit_reason": ""}


# rebuild: asza build trading.exit_signal --fresh
