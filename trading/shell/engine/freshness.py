"""When a live candle is due, and for how long after its close it may be acted on."""

from trading.shell.candles import stamp

FRESH = 60.0  # seconds; half a candle where that is less


def fresh_for(step: int) -> float:
    """Seconds after its close in which a candle may be entered on: an entry counts as
    filled at the open that follows, and later nobody could have had that price."""
    return min(FRESH, step / 2)


def is_fresh(time: int, step: int, now: float) -> bool:
    """Whether the candle that opened at `time` may be entered on."""
    return now - (time + step) < fresh_for(step)


def is_newest(time: int, step: int, now: float) -> bool:
    """Whether the candle after the one that opened at `time` has not closed yet."""
    return now - (time + step) < step


def due(step: int, now: float) -> int:
    """The open (UTC second) of the candle that closed last."""
    return int(now // step - 1) * step


def too_late(time: int, step: int, now: float) -> str:
    """That the candle that opened at `time` is not fresh any more, in words."""
    return (
        f"the candle of {stamp(time)} UTC is here {now - time - step:,.0f} s after its"
        f" close, {fresh_for(step):g} s allowed: entries wait, exits do not"
    )
