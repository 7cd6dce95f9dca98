"""A session made up over real candles: what an engine would leave, without an engine.

EMA 30 crosses EMA 90 long, or short on a perpetual; a stop, a target, a cross back.
Fees of 0.40 % a side. Reasons and symbols can be anything: they are what a page must
show as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from trading.shell.candles import Candles
from trading.shell.changed import changed
from trading.shell.engine.result import Result
from trading.shell.ledger import Account
from trading.shell.ledger.events import Decided, Signalled
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import Mode

FEE = 0.004
DEPOSIT = 10_000.0
REGIMES = ("range", "trend", "breakout")
VERSIONS = {
    "market_regime": 1,
    "ema_trend": 2,
    "macd_momentum": 1,
    "rsi_state": 3,
    "volume_spike": 1,
    "chop": 1,
    "hourly_heatmap": 1,
    "fee_gate": 2,
    "signal_engine": 4,
    "bracket_levels": 1,
    "position_executor": 1,
}


@dataclass
class _Made:
    """What is gathered while the bars go by."""

    equity: NDArray[np.float64]
    trades: list[Trade] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    signals: list[Signalled] = field(default_factory=list)


def money(value: float) -> Decimal:
    """A float as cents."""
    return Decimal(f"{value:.2f}")


def made_result(
    candles: Sequence[Candles], *, reason: str = "", trades: bool = True
) -> Result:
    """A backtest of `candles`; `reason` overrides why each trade was taken."""
    times = np.unique(np.concatenate([c.frame["time"].to_numpy() for c in candles]))
    made = _Made(np.full(len(times), DEPOSIT))
    for one in candles:
        _trade(made, one, times, len(candles), reason, trades)
    made.trades.sort(key=lambda trade: trade.closed_at)
    bars = sum(map(len, candles))
    return Result(
        account=Account(Mode.BACKTEST, "made"),
        stack="trading",
        candles=tuple(candles),
        deposits=money(DEPOSIT),
        times=times,
        equity=made.equity,
        trades=made.trades,
        decisions=made.decisions,
        signals=made.signals,
        near=_near(bars),
        contributions=_contributions(bars),
        fees=sum((t.fees for t in made.trades), Decimal(0)),
        funding=sum((t.funding for t in made.trades), Decimal(0)),
        versions=VERSIONS,
        settings={
            "signal_threshold": 0.62,
            "costs": {"taker": 0.004, "maker": 0.0025, "slippage": 0.0005},
            "symbols": [one.symbol for one in candles],
        },
        assumptions=(
            "A decision at a candle's close is acted on at the next candle's open.",
            "A market order loses 0.05 % of the price; the taker pays 0.40 %.",
            "When a candle touches both stop and target, the stop counts.",
        ),
        notes=("2 entries were made smaller by the risk law.",),
        failures={"macd_momentum": 2},
        warm_up=50,
        bars=bars,
        scans=bars - 50 * len(candles) - 3,
        seconds=1.84,
    )


def _ema(values: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    smoothed, weight = values.copy(), 2 / (span + 1)
    for at in range(1, len(values)):
        smoothed[at] += (1 - weight) * (smoothed[at - 1] - values[at])
    return smoothed


def _trade(
    made: _Made,
    candles: Candles,
    times: NDArray[np.int64],
    markets: int,
    reason: str,
    trades: bool,
) -> None:
    columns = candles.columns()
    close = np.array(columns["close"], float)
    above = _ema(close, 30) > _ema(close, 90)
    crossed = np.flatnonzero(np.diff(above.astype(int))) + 1
    free = 60
    for number, at in enumerate(crossed[crossed >= 60].tolist()):
        if (
            at < free
            or at + 2 >= len(close)
            or not (above[at] or ":" in candles.symbol)
        ):
            continue
        acted = trades and number % 3 != 1
        made.signals.append(_signal(candles, columns, at, acted, number, reason))
        if acted:
            side = 1 if above[at] else -1
            trade, free = _played(candles, columns, at, side, DEPOSIT / markets, reason)
            made.trades.append(trade)
            _book(made, trade, times, columns, at + 1, free)
            made.decisions.append(_decision(trade, columns["time"][at], reason))


def _played(
    candles: Candles,
    columns: dict[str, list],
    at: int,
    side: int,
    size: float,
    reason: str,
) -> tuple[Trade, int]:
    entry = columns["open"][at + 1]
    stop, target = entry * (1 - side * 0.02), entry * (1 + side * 0.06)
    leave, price, why = at + 2, columns["close"][at + 1], "end"
    for leave in range(at + 1, min(at + 90, len(columns["open"]))):
        low, high = columns["low"][leave], columns["high"][leave]
        price, why = columns["close"][leave], "time_exit"
        if (low if side > 0 else -high) <= side * stop:
            price, why = stop, "stop"
            break
        if (high if side > 0 else -low) >= side * target:
            price, why = target, "target"
            break
    quantity = size / entry
    gross = side * (price - entry) * quantity
    return (
        Trade(
            id=f"t{candles.symbol}{at}",
            symbol=candles.symbol,
            side="long" if side > 0 else "short",
            quantity=Decimal(f"{quantity:.8f}"),
            opened_at=columns["time"][at + 1],
            entry_price=money(entry),
            closed_at=columns["time"][leave],
            exit_price=money(price),
            gross=money(gross),
            fees=money(quantity * (entry + price) * FEE),
            funding=money(size * 0.0003) if ":" in candles.symbol else Decimal(0),
            reason=why,
            regime=REGIMES[at % 3],
            decision=f"d{candles.symbol}{at}",
            exit_decision="" if why in ("stop", "target") else f"x{at}",
            stop=money(stop),
            target=money(target),
        ),
        leave + 1,
    )


def _book(
    made: _Made,
    trade: Trade,
    times: NDArray[np.int64],
    columns: dict[str, list],
    first: int,
    end: int,
) -> None:
    """Mark the trade's result into the equity line, bar by bar."""
    sign = 1 if trade.side == "long" else -1
    for row in range(first, min(end, len(columns["close"])) - 1):
        move = sign * (columns["close"][row] - float(trade.entry_price))
        at = np.searchsorted(times, columns["time"][row])
        made.equity[at] += move * float(trade.quantity) - float(trade.fees) / 2
    made.equity[np.searchsorted(times, trade.closed_at) :] += float(trade.net)


def _decision(trade: Trade, at: int, reason: str) -> Decided:
    return Decided(
        id=trade.decision,
        symbol=trade.symbol,
        at=at,
        action="enter",
        proceed=True,
        reason=reason,
        ended_by="",
        regime=trade.regime,
        values={
            "signal": trade.side,
            "confidence": 0.71,
            "strategy": "trend following",
            "trend_score": 0.8 if trade.side == "long" else -0.8,
            "momentum_score": 0.4 if at // 3600 % 3 else -0.2,
            "rsi_score": -0.25 if at // 3600 % 2 else 0.1,
            "fee_gate.proceed": True,
            "notional": 5000.0,
            "leverage": 1.0,
        },
        versions=VERSIONS,
        faults={},
    )


def _signal(
    candles: Candles,
    columns: dict[str, list],
    at: int,
    acted: bool,
    n: int,
    reason: str,
) -> Signalled:
    checks = ("fee_gate", "trades_a_day", "exposure_and_open_risk")
    return Signalled(
        decision=f"d{candles.symbol}{at}",
        symbol=candles.symbol,
        at=columns["time"][at],
        action="enter",
        acted=acted,
        rejected_by="" if acted else checks[n % 4 % 3],
        reason=reason or "an expected move of 0.9 % does not pay for 1.7 % of costs",
        regime=REGIMES[at % 3],
        confidence=0.64,
        figures={"move": 0.009, "cost": 0.017},
    )


def _near(bars: int) -> dict[str, int]:
    shares = {
        "market_regime: the market is quiet": 0.31,
        "chop: choppiness above 61.8": 0.22,
        "signal_engine: confidence 0.41 below 0.62": 0.19,
        "volume_spike: volume below 1.2 × its mean": 0.12,
        "hourly_heatmap: this hour has won 31 %": 0.06,
        "fee_gate: the expected move does not pay the costs": 0.03,
        "entry_filter: an hour after a loss": 0.01,
    }
    return {rule: int(bars * share) for rule, share in shares.items()}


def _contributions(bars: int) -> dict[str, dict[str, int]]:
    gates = {
        "market_regime": 0.31,
        "chop": 0.22,
        "signal_engine": 0.19,
        "fee_gate": 0.03,
    }
    return {name: {"stopped": int(bars * share)} for name, share in gates.items()}


def hostile(candles: Sequence[Candles], text: str) -> Result:
    """A made result in which every text that came from elsewhere is `text`."""
    named = [changed(one, symbol=text, source=text) for one in candles]
    made = made_result(named, reason=text)
    trades = [changed(t, reason=text, regime=text, side=text) for t in made.trades]
    signals = [changed(s, rejected_by=text, regime=text) for s in made.signals]
    decisions = [
        changed(d, values={text: text, f"{text}_score": 1}, versions={text: 1})
        for d in made.decisions
    ]
    return changed(
        made,
        stack=text,
        account=Account(Mode.BACKTEST, text, text),
        trades=trades,
        signals=signals,
        decisions=decisions,
        near={f"{text}: {text}": 3},
        contributions={text: {"stopped": 2}},
        versions={text: 1},
        settings={text: text},
        assumptions=(text,),
        notes=(text,),
        failures={text: 1},
    )
