"""Trades in groups: by symbol, side, regime, hour, weekday and reason of the exit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from trading.shell.ledger.trades import Trade

ZERO = Decimal(0)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Key = Callable[[Trade], str]


@dataclass(frozen=True, slots=True)
class Group:
    """Closed trades that share `key`; money is net of fees and funding.

    `profit_factor` is None where no trade was lost.
    """

    key: str
    trades: int
    wins: int
    net: Decimal
    fees: Decimal
    hold_hours: float
    profit_factor: float | None

    @property
    def win_rate(self) -> float:
        """Wins as a share of the trades; a group has at least one."""
        return self.wins / self.trades

    @property
    def average(self) -> Decimal:
        """Net a trade."""
        return self.net / self.trades


def hour_of(trade: Trade) -> str:
    """The UTC hour of the entry, two digits."""
    return f"{_opened(trade).hour:02d}"


def weekday_of(trade: Trade) -> str:
    """The UTC weekday of the entry."""
    return WEEKDAYS[_opened(trade).weekday()]


def _opened(trade: Trade) -> datetime:
    return datetime.fromtimestamp(trade.opened_at, UTC)


KEYS: dict[str, Key] = {
    "symbol": lambda trade: trade.symbol,
    "side": lambda trade: trade.side,
    "regime": lambda trade: trade.regime or "unknown",
    "exit": lambda trade: trade.reason or "unknown",
    "hour": hour_of,
    "weekday": weekday_of,
}


def groups(trades: Sequence[Trade]) -> dict[str, list[Group]]:
    """Every grouping of KEYS, each in the order of its keys."""
    return {name: grouped(trades, key) for name, key in KEYS.items()}


def grouped(trades: Iterable[Trade], key: Key) -> list[Group]:
    """One group a key: days in the order of the week, everything else by name."""
    members: dict[str, list[Trade]] = {}
    for trade in trades:
        members.setdefault(key(trade), []).append(trade)
    return [_group(name, members[name]) for name in sorted(members, key=_place)]


def heatmap(trades: Sequence[Trade]) -> dict[tuple[int, int], Group]:
    """Groups by (weekday, hour) of the entry, Monday 0, UTC."""
    rows = grouped(trades, lambda t: f"{_opened(t).weekday()} {_opened(t).hour}")
    return {(int(row.key.split()[0]), int(row.key.split()[1])): row for row in rows}


def _place(name: str) -> tuple[int, str]:
    return (WEEKDAYS.index(name) if name in WEEKDAYS else 0, name)


def _group(key: str, trades: Sequence[Trade]) -> Group:
    nets = [trade.net for trade in trades]
    lost = -sum((net for net in nets if net < 0), ZERO)
    won = sum((net for net in nets if net > 0), ZERO)
    return Group(
        key=key,
        trades=len(trades),
        wins=sum(net > 0 for net in nets),
        net=sum(nets, ZERO),
        fees=sum((trade.fees for trade in trades), ZERO),
        hold_hours=sum(t.closed_at - t.opened_at for t in trades) / 3600 / len(trades),
        profit_factor=float(won / lost) if lost else None,
    )
