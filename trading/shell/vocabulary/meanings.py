"""What a trading sentence can mean: one small record a kind of statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.llm.offline.rules.tree import Num, Number, Truth

Side = Literal["long", "short"]
Measure = Literal["percent", "atr", "money", "level", "multiple"]


@dataclass(frozen=True, slots=True)
class Entry:
    side: Side
    when: Truth


@dataclass(frozen=True, slots=True)
class Exit:
    """Closing a side, or whichever is open."""

    side: Side | None
    when: Truth


NOTHING = Num(0)


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a stop or target is: percent, times an ATR, money, a level, times risk."""

    measure: Measure
    amount: float = 0
    level: Number = NOTHING
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """A stop, a trailing stop or a target."""

    kind: Literal["stop", "trailing", "target"]
    distance: Distance
    sides: Side | Literal["both"] | None = None
    away: Literal["below", "above"] | None = None


@dataclass(frozen=True, slots=True)
class Money:
    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class Size:
    """How much: `risk` or `share` in percent of equity, `money`, or `coins`.

    At most `cap`. `sides` says whose stops measure the risk; `levered` that leverage
    multiplies it. `coin` is which coins are counted, where said; `currency` the money.
    """

    kind: Literal["risk", "share", "money", "coins"]
    amount: float
    cap: float | None = None
    sides: Side | Literal["both"] | None = None
    levered: bool = False
    coin: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Leverage:
    value: Number
    said: str


@dataclass(frozen=True, slots=True)
class Only:
    """A condition that every entry must also meet; `side` is the one it was said of."""

    when: Truth
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    name: str
    when: Truth


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time said in place of bars: so many bars on one chart only."""

    chart: str
    quote: str


@dataclass(frozen=True, slots=True)
class Setting:
    symbols: tuple[str, ...] = ()
    timeframe: str = ""
