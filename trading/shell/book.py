"""Position bookkeeping for a walk: one position a symbol, filled at opens and levels.

The rules, all of them. A decision made at a bar's close acts at the symbol's next open.
An entry against an open position closes it and turns it round; an entry with it changes
nothing. A stop or target that the bar opens beyond fills at the open; one that the bar
touches fills at its own price; when it touches both, the stop counts. No fees, no
slippage, no funding, no liquidation: this shows what a stack decides, not what it earns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

SIDES = {1: "long", -1: "short"}


class Bar(NamedTuple):
    """One candle; `time` is the UTC second of its open."""

    time: int
    open: float
    high: float
    low: float
    close: float


@dataclass(frozen=True, slots=True)
class Intent:
    """What a decision asks for at the next open.

    `enter` is 1 long, -1 short, 0 none; `exits` the sides to close. `exposure` is money
    to hold, `limit` the most that all positions together may hold. The levels belong to
    the entry; `trail_long` and `trail_short` tighten the stop of a position that is open.
    """

    decided_at: int
    enter: int = 0
    exits: tuple[int, ...] = ()
    exposure: float = 0.0
    limit: float = 0.0
    stop: float | None = None
    target: float | None = None
    trail_long: float | None = None
    trail_short: float | None = None


@dataclass(slots=True)
class Position:
    """An open position: `side` 1 or -1, `quantity` above 0."""

    symbol: str
    side: int
    quantity: float
    decided_at: int
    entry_time: int
    entry_price: float
    stop: float | None
    target: float | None
    highest: float
    lowest: float
    bars: int = 0


@dataclass(frozen=True, slots=True)
class Trade:
    """A closed position. `result` is money before any cost; `reason` why it closed."""

    symbol: str
    side: str
    quantity: float
    decided_at: int
    entry_time: int
    entry_price: float
    exit_time: int
    exit_price: float
    reason: str
    bars: int
    stop: float | None
    target: float | None
    result: float


@dataclass
class Book:
    """Cash, positions and closed trades; `cut` counts entries held down by the limit."""

    cash: float
    positions: dict[str, Position] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    cut: int = 0

    def equity(self) -> float:
        """Cash plus every position at its symbol's last known price."""
        return self.cash + sum(
            one.side * one.quantity * self.marks[one.symbol]
            for one in self.positions.values()
        )

    def run_bar(self, symbol: str, bar: Bar, intent: Intent | None) -> None:
        """Act on the intent at the open, then on stop and target, then mark the close."""
        self.marks[symbol] = bar.open
        if symbol in self.positions:
            self.positions[symbol].bars += 1
        if intent is not None:
            self._act(symbol, bar, intent)
        position = self.positions.get(symbol)
        if position is not None:
            self._guard(position, bar)
        self.marks[symbol] = bar.close

    def _act(self, symbol: str, bar: Bar, intent: Intent) -> None:
        position = self.positions.get(symbol)
        if position and position.side in intent.exits:
            self._close(position, bar.time, bar.open, "exit")
        elif position and intent.enter == -position.side:
            self._close(position, bar.time, bar.open, "reverse")
        elif position:
            position.stop = tightened(position, intent)
        if intent.enter and symbol not in self.positions:
            self._open(symbol, bar, intent)

    def _open(self, symbol: str, bar: Bar, intent: Intent) -> None:
        exposure = min(intent.exposure, intent.limit - self._held())
        self.cut += exposure < intent.exposure
        quantity = exposure / bar.open
        if quantity <= 0:
            return
        self.cash -= intent.enter * quantity * bar.open
        position = Position(
            symbol=symbol,
            side=intent.enter,
            quantity=quantity,
            decided_at=intent.decided_at,
            entry_time=bar.time,
            entry_price=bar.open,
            stop=intent.stop,
            target=intent.target,
            highest=bar.open,
            lowest=bar.open,
        )
        position.stop = tightened(position, intent)
        self.positions[symbol] = position

    def _held(self) -> float:
        return sum(p.quantity * self.marks[p.symbol] for p in self.positions.values())

    def _guard(self, position: Position, bar: Bar) -> None:
        level = level_hit(position, bar)
        if level is not None:
            self._close(position, bar.time, *level)
            return
        position.highest = max(position.highest, bar.high)
        position.lowest = min(position.lowest, bar.low)

    def _close(self, position: Position, time: int, price: float, reason: str) -> None:
        self.cash += position.side * position.quantity * price
        del self.positions[position.symbol]
        gained = position.side * (price - position.entry_price) * position.quantity
        self.trades.append(
            Trade(
                symbol=position.symbol,
                side=SIDES[position.side],
                quantity=position.quantity,
                decided_at=position.decided_at,
                entry_time=position.entry_time,
                entry_price=position.entry_price,
                exit_time=time,
                exit_price=price,
                reason=reason,
                bars=position.bars,
                stop=position.stop,
                target=position.target,
                result=gained,
            )
        )


def level_hit(position: Position, bar: Bar) -> tuple[float, str] | None:
    """(price, "stop" or "target") at which the bar closes the position, or None.

    The open comes first in time, so a gap beyond a level fills there, the target's too.
    """
    side, stop, target = position.side, position.stop, position.target
    worst, best = (bar.low, bar.high) if side > 0 else (bar.high, bar.low)
    if stop is not None and side * (bar.open - stop) <= 0:
        return bar.open, "stop"
    if target is not None and side * (bar.open - target) >= 0:
        return bar.open, "target"
    if stop is not None and side * (worst - stop) <= 0:
        return stop, "stop"
    if target is not None and side * (best - target) >= 0:
        return target, "target"
    return None


def tightened(position: Position, intent: Intent) -> float | None:
    """The position's stop after a trailing one: it moves with the position only."""
    trail = intent.trail_long if position.side > 0 else intent.trail_short
    if trail is None or position.stop is None:
        return position.stop if trail is None else trail
    return max(position.stop, trail) if position.side > 0 else min(position.stop, trail)


def intent_of(
    values: Mapping[str, Any],
    *,
    time: int,
    proceed: bool,
    share: float,
    equity: float,
) -> Intent:
    """What the outputs of a stack at a bar's close ask for at the next open.

    Reads enter_long, enter_short, exit_long, exit_short, notional, leverage and the
    price levels {long,short}_{stop,target,trailing_stop}_price; a missing or null one
    asks for nothing. Without `notional` an entry takes `share` × leverage. `limit` is
    equity × leverage (1 when not given). Both entries at once are none; without
    `proceed`, or with a leverage below 1, nothing is entered, and exits still count.
    """
    enter = bool(values.get("enter_long")) - bool(values.get("enter_short"))
    given = values.get("leverage")
    leverage = 1.0 if given is None else given
    notional = values.get("notional")
    side = SIDES.get(enter, "")
    return Intent(
        decided_at=time,
        enter=enter if proceed and leverage >= 1 else 0,
        exits=tuple(s for s, word in SIDES.items() if values.get(f"exit_{word}")),
        exposure=share * leverage if notional is None else notional,
        limit=equity * leverage,
        stop=values.get(f"{side}_stop_price"),
        target=values.get(f"{side}_target_price"),
        trail_long=values.get("long_trailing_stop_price"),
        trail_short=values.get("short_trailing_stop_price"),
    )
