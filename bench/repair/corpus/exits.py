"""Modules of this project in ten lines, a dict out: when to leave, and what is at risk."""

from __future__ import annotations

from bench.repair.draws import drawn, listed, one_of, real, whole


def trailing_stop(
    previous_stop: float, high: float, average_range: float, multiple: float
) -> dict[str, float]:
    """A long position's stop follows the high and never falls."""
    wanted = high - multiple * average_range
    stop = max(previous_stop, wanted)
    return {"stop": stop, "moved": stop - previous_stop}


def exit_reason(
    price: float, stop: float, target: float, held_bars: int, max_bars: int
) -> dict[str, object]:
    """Why a long position is left: stop first, then target, then age."""
    if price <= stop:
        return {"exit": True, "reason": "stop"}
    if price >= target:
        return {"exit": True, "reason": "target"}
    if held_bars >= max_bars:
        return {"exit": True, "reason": "age"}
    return {"exit": False, "reason": ""}


def partial_exit(gain: float, taken: int, size: float) -> dict[str, float]:
    """Take a half at 10 %, half of the rest at 20 %, all at 40 %."""
    if gain >= 40:
        return {"sell": size, "taken": 3}
    if gain >= 20 and taken < 2:
        return {"sell": size * 0.5, "taken": 2}
    if gain >= 10 and taken < 1:
        return {"sell": size * 0.5, "taken": 1}
    return {"sell": 0.0, "taken": taken}


def time_stop(
    entry_hour: int, hour: int, gain: float, patience: int
) -> dict[str, object]:
    """How long a trade has lasted round the clock; losers get half the patience."""
    hours = hour - entry_hour
    if hours < 0:
        hours += 24
    allowed = patience
    if gain < 0:
        allowed = patience // 2
    return {"hours": hours, "close": hours > allowed}


def loss_streak(results: list[int], limit: int) -> dict[str, object]:
    """How many losses stand in a row at the end, and whether to halt."""
    streak = 0
    for result in results[::-1]:
        if result >= 0:
            break
        streak += 1
    return {"streak": streak, "halt": streak >= limit}


def drawdown(equity: list[int], limit: float) -> dict[str, object]:
    """The deepest fall from a peak as a ratio, and whether it is over the limit."""
    peak = equity[0]
    deepest_fall = 0.0
    for value in equity:
        peak = max(peak, value)
        fall = (peak - value) / peak
        deepest_fall = max(deepest_fall, fall)
    return {"drawdown": deepest_fall, "halted": deepest_fall > limit}


def exposure(
    sizes: list[int], prices: list[int], equity: int, limit: float
) -> dict[str, object]:
    """Long and short notional together as a ratio of equity, and the room left."""
    gross = 0
    net = 0
    for size, price in zip(sizes, prices):  # noqa: B905
        gross += abs(size) * price
        net += size * price
    room = max(0.0, limit * equity - gross)
    return {"gross": gross / equity, "net": net / equity, "room": room}


def liquidation(
    entry: float, leverage_used: float, side: str, maintenance: float
) -> dict[str, float]:
    """The price at which a leveraged position is taken away."""
    margin = 1 / leverage_used
    if side == "long":
        return {"price": entry * (1 - margin + maintenance)}
    return {"price": entry * (1 + margin - maintenance)}


def average_cost(held: int, cost: float, bought: int, price: float) -> dict[str, float]:
    """What is held and its average cost after buying more or selling some."""
    total = held + bought
    if total <= 0:
        return {"held": 0, "cost": 0.0}
    if bought > 0:
        cost = (held * cost + bought * price) / total
    return {"held": total, "cost": cost}


def spread_check(
    bid: float, ask: float, last: float, tolerance: float
) -> dict[str, object]:
    """Refuse to trade on a crossed book, a wide spread or a last price outside it."""
    if ask <= bid:
        return {"proceed": False, "reason": "crossed"}
    middle = (bid + ask) / 2
    if (ask - bid) / middle > tolerance:
        return {"proceed": False, "reason": "wide"}
    if last < bid or last > ask:
        return {"proceed": False, "reason": "stale"}
    return {"proceed": True, "reason": ""}


_PRICE = real(9, 12, 1)

FUNCTIONS = (
    drawn(trailing_stop, real(8, 11, 1), _PRICE, real(0.1, 1, 1), one_of(1, 2, 3)),
    drawn(
        exit_reason,
        one_of(8.0, 9.0, 10.0, 11.0, 12.0),
        one_of(8.0, 9.0, 9.5),
        one_of(11.0, 12.0),
        whole(0, 6),
        whole(3, 6),
    ),
    drawn(
        partial_exit,
        one_of(-5, 5, 10, 15, 20, 30, 40, 60),
        whole(0, 2),
        one_of(1.0, 2.0, 4.0),
    ),
    drawn(time_stop, whole(0, 23), whole(0, 23), whole(-2, 2), whole(3, 14)),
    drawn(loss_streak, listed(whole(-3, 1), 0, 6), whole(1, 4)),
    drawn(drawdown, listed(whole(50, 100), 1, 6), one_of(0.1, 0.2, 0.3)),
    drawn(
        exposure,
        listed(whole(-3, 4), 0, 4),
        listed(whole(5, 20), 0, 4),
        one_of(50, 100),
        one_of(0.5, 1.0, 2.0),
    ),
    drawn(
        liquidation,
        real(50, 150, 0),
        one_of(1, 2, 5, 10, 20),
        one_of("long", "short"),
        one_of(0.0, 0.005, 0.01),
    ),
    drawn(average_cost, whole(0, 9), real(5, 15, 1), whole(-9, 9), real(5, 15, 1)),
    drawn(
        spread_check,
        one_of(9.8, 9.9, 10.0),
        one_of(9.9, 10.0, 10.1, 10.4),
        one_of(9.7, 9.9, 10.0, 10.2),
        one_of(0.01, 0.02, 0.05),
    ),
)
