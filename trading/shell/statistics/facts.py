"""The facts that every figure of a session is computed from, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from trading.shell.candles import Candles
from trading.shell.engine.result import Result
from trading.shell.ledger.trades import Trade

YEAR = 365.25 * 86_400  # seconds; crypto trades on every day of it


@dataclass(frozen=True)
class Facts:
    """What is known of a session.

    `times` (UTC seconds of each bar's open) and `equity` (at its close) are aligned;
    `step` is seconds a bar. `scans` are symbol-bars that were scanned, `expected` those
    that should have been. `now` and `newest` (UTC second at which the newest candle
    closed) are known for a session that is running; `model_cost` is in US dollars.
    """

    stack: str = ""
    deposits: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    funding: Decimal = Decimal(0)
    trades: Sequence[Trade] = ()
    times: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    equity: NDArray[np.float64] = field(default_factory=lambda: np.empty(0, np.float64))
    step: int = 3600
    signals: int = 0
    acted: int = 0
    scans: int = 0
    scans_since_start: int = 0
    expected: int = 0
    uptime: float = 0.0
    now: int | None = None
    newest: int | None = None
    model_cost: Decimal | None = None
    versions: Mapping[str, int] = field(default_factory=dict)


def facts_of(
    result: Result,
    *,
    now: int | None = None,
    scans_since_start: int | None = None,
    model_cost: Decimal | None = None,
) -> Facts:
    """The facts of a result; the keywords are what only a running session knows.

    Bars before the first that could be decided on are left out, but for the last one:
    they would dilute every rate.
    """
    step = result.candles[0].step if result.candles else 3600
    begin = first_bar(result)
    return Facts(
        stack=result.stack,
        deposits=result.deposits,
        fees=result.fees,
        funding=result.funding,
        trades=result.trades,
        times=result.times[begin:],
        equity=result.equity[begin:],
        step=step,
        signals=len(result.signals),
        acted=sum(signal.acted for signal in result.signals),
        scans=result.scans,
        scans_since_start=(
            result.scans if scans_since_start is None else scans_since_start
        ),
        expected=sum(_due(one, result) for one in result.candles),
        uptime=result.seconds,
        now=now,
        newest=int(result.times[-1]) + step if now and result.times.size else None,
        model_cost=model_cost,
        versions=result.versions,
    )


def first_bar(result: Result) -> int:
    """The place in `result.times` of the bar before the first decided on in any market.

    The last bar where none was decided on.
    """
    first = begun(result)
    if first is None:
        return max(0, len(result.times) - 1)
    return max(0, int(np.searchsorted(result.times, first)) - 1)


def begun(result: Result) -> int | None:
    """When the first bar that was decided on in any market opened; None without one."""
    firsts = [_first_time(one, result) for one in result.candles]
    known = [time for time in firsts if time is not None]
    if firsts or not result.times.size:
        return min(known, default=None)
    return max(result.first, int(result.times[0]))


def _first_time(candles: Candles, result: Result) -> int | None:
    """When the first bar of a market that was decided on opened; None without one."""
    at = first_decided(candles, result)
    return int(candles.frame["time"].iloc[at]) if at < len(candles) else None


def first_decided(candles: Candles, result: Result) -> int:
    """The first bar of a market that was decided on."""
    times = candles.frame["time"].to_numpy(np.int64)
    return max(result.warm_up, int(np.searchsorted(times, result.first)))


def _due(candles: Candles, result: Result) -> int:
    return max(0, len(candles) - first_decided(candles, result))


def nets(facts: Facts) -> list[Decimal]:
    """What each closed trade left, in the order of the trades."""
    return [trade.net for trade in facts.trades]


def wins(facts: Facts) -> list[Decimal]:
    """Results above zero."""
    return [net for net in nets(facts) if net > 0]


def losses(facts: Facts) -> list[Decimal]:
    """Results below zero; one of exactly zero is neither."""
    return [net for net in nets(facts) if net < 0]


def in_time(trades: Sequence[Trade]) -> list[Trade]:
    """The trades in the order in which they were closed."""
    return sorted(trades, key=lambda trade: trade.closed_at)


def held_seconds(facts: Facts, start: int, end: int) -> int:
    """Seconds between `start` and `end` in which any closed trade was open."""
    held, reached = 0, start
    for trade in sorted(facts.trades, key=lambda trade: trade.opened_at):
        until = min(trade.closed_at, end)
        held += max(0, until - max(trade.opened_at, reached))
        reached = max(reached, until)
    return held
