"""Modules of this project in ten lines, a dict out: how much, and when to enter."""

from __future__ import annotations

from bench.repair.draws import drawn, listed, one_of, real, whole


def position_size(
    equity: float, risk_ratio: float, entry: float, stop: float, max_size: float
) -> dict[str, float]:
    """Risk a share of the equity between entry and stop, capped at `max_size`."""
    distance = abs(entry - stop)
    if distance == 0:
        return {"size": 0.0}
    size = equity * risk_ratio / distance
    return {"size": min(size, max_size)}


def leverage(
    confidence: float, volatility: float, max_leverage: float
) -> dict[str, float]:
    """From 1 at even odds rise with confidence, less the more volatile."""
    if confidence <= 0.5:
        return {"leverage": 1.0}
    raw = 1 + (confidence - 0.5) * 2 * (max_leverage - 1) / (1 + 10 * volatility)
    return {"leverage": min(max_leverage, max(1.0, raw))}


def kelly_fraction(
    win_rate: float, average_win: float, average_loss: float, cap: float
) -> dict[str, float]:
    """Half the Kelly share of the equity, never negative, never above the cap."""
    if average_loss <= 0 or average_win <= 0:
        return {"fraction": 0.0}
    payoff = average_win / average_loss
    kelly = win_rate - (1 - win_rate) / payoff
    return {"fraction": max(0.0, min(kelly / 2, cap))}


def round_order(
    size: float, lot: float, price: float, least_cost: float
) -> dict[str, object]:
    """The size in whole lots, refused where it costs less than the least."""
    lots = int(size / lot)
    rounded = lots * lot
    cost = rounded * price
    if cost < least_cost:
        return {"size": 0.0, "accepted": False}
    return {"size": rounded, "accepted": True}


def scale_in(
    filled: float, target: float, step: float, price: float, limit: float
) -> dict[str, float]:
    """The next part of an order: one step, no more than is left, none above the limit."""
    left = target - filled
    if left <= 0 or price > limit:
        return {"buy": 0.0, "left": max(left, 0.0)}
    part = min(step, left)
    return {"buy": part, "left": left - part}


def crossing(fast: list[int], slow: list[int]) -> dict[str, str]:
    """Whether the fast line has just crossed the slow one, and which way."""
    if len(fast) < 2 or len(slow) < 2:
        return {"signal": "wait"}
    before = fast[-2] - slow[-2]
    now = fast[-1] - slow[-1]
    if before <= 0 and now > 0:
        return {"signal": "buy"}
    if before >= 0 and now < 0:
        return {"signal": "sell"}
    return {"signal": "hold"}


def momentum(closes: list[int], period: int, threshold: float) -> dict[str, object]:
    """The change over a period as a ratio, and whether it is strong."""
    if len(closes) <= period:
        return {"change": 0.0, "strong": False}
    past = closes[-1 - period]
    change = (closes[-1] - past) / past
    return {"change": change, "strong": abs(change) >= threshold}


def breakout(
    highs: list[int], lows: list[int], close: int, period: int
) -> dict[str, str]:
    """A close beyond the extremes of the last candles is a breakout."""
    top = max(highs[-period:])
    bottom = min(lows[-period:])
    if close > top:
        return {"signal": "long"}
    if close < bottom:
        return {"signal": "short"}
    return {"signal": "none"}


def oscillator(strength: int, trend: int, position: int) -> dict[str, object]:
    """Buy the oversold with the trend, sell the overbought, else keep what is held."""
    action = "hold"
    if strength < 30 and trend > 0 and position == 0:
        action = "buy"
    elif strength > 70 and position > 0:
        action = "sell"
    held = position != 0
    return {"action": action, "held": held or action == "buy"}


_LINE = listed(whole(8, 12), 0, 4)
_CANDLES = listed(whole(5, 14), 1, 6)
_PRICE = real(9, 12, 1)

FUNCTIONS = (
    drawn(
        position_size,
        one_of(1000.0, 2500.0),
        one_of(0.01, 0.02, 0.05),
        _PRICE,
        one_of(9.0, 9.5, 10.0, 11.5),
        one_of(10.0, 25.0, 50.0),
    ),
    drawn(leverage, real(0, 1), real(0, 0.4), real(1, 20, 1)),
    drawn(
        kelly_fraction,
        real(0.2, 0.9),
        real(-1, 6, 1),
        real(-1, 4, 1),
        one_of(0.1, 0.2, 0.25),
    ),
    drawn(
        round_order,
        real(0, 4, 3),
        one_of(0.1, 0.25, 0.5),
        real(1, 30, 1),
        one_of(5, 10, 20),
    ),
    drawn(
        scale_in, whole(0, 8), whole(2, 9), whole(1, 4), _PRICE, one_of(9.5, 10.0, 11.5)
    ),
    drawn(crossing, _LINE, _LINE),
    drawn(momentum, listed(whole(8, 12), 0, 6), whole(1, 4), one_of(0.1, 0.2, 0.25)),
    drawn(breakout, _CANDLES, _CANDLES, whole(3, 15), whole(1, 4)),
    drawn(
        oscillator,
        one_of(15, 29, 30, 31, 50, 69, 70, 71, 80),
        whole(-1, 1),
        whole(0, 2),
    ),
)
