"""The reference strategy by plain arithmetic: what the engine has to come to.

Nothing of the engine, the venue, the ledger or the indicators is used: lists of floats,
loops, and Decimal money. The rules are those of docs/backtest-assumptions.md, for one
spot market that the strategy is either in or out of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_UP, Decimal
from itertools import pairwise

Bar = tuple[int, float, float, float, float, float]
"""time of the open (UTC seconds), open, high, low, close, volume"""

FEE, SLIPPAGE = Decimal("0.0040"), Decimal("0.0005")
STOP, TARGET, SHARE = 0.98, 1.04, 0.95
CENT = Decimal("0.00000001")
WARM_UP = 21  # bars before every value exists: the 21-bar average, one bar ago


@dataclass(frozen=True)
class Grid:
    """A market's price step and quantity step."""

    tick: Decimal
    lot: Decimal


@dataclass(frozen=True)
class Dealt:
    """One trade from flat to flat, at its execution prices; `net` is after fees."""

    opened_at: int
    closed_at: int
    quantity: Decimal
    entry: Decimal
    exit: Decimal
    fees: Decimal
    net: Decimal
    reason: str


@dataclass
class Account:
    """Cash, what is held, and what has been traded."""

    cash: Decimal
    quantity: Decimal = Decimal(0)
    entry: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    opened_at: int = 0
    stop: Decimal = Decimal(0)
    target: Decimal = Decimal(0)
    trades: list[Dealt] = field(default_factory=list)

    def worth(self, price: float) -> Decimal:
        """Equity with what is held valued at a price."""
        return self.cash + self.quantity * Decimal(repr(price))


def oracle(bars: Sequence[Bar], deposit: Decimal, grid: Grid) -> Account:
    """The strategy over `bars`, from a deposit."""
    account = Account(deposit)
    enters, leaves = signals(bars)
    enter = leave = False
    for number, bar in enumerate(bars):
        if leave and account.quantity:
            sell(account, grid, bar[1], bar[0], "exit_long")
        if enter:
            before = bars[number - 1][4]
            buy(account, grid, bar, before)
        protect(account, grid, bar)
        enter = enters[number] and not account.quantity
        leave = leaves[number] and bool(account.quantity)
    return account


def signals(bars: Sequence[Bar]) -> tuple[list[bool], list[bool]]:
    """Whether each close asks to go in, and to go out."""
    closes, volumes = [bar[4] for bar in bars], [bar[5] for bar in bars]
    fast, slow = ema(closes, 9), ema(closes, 21)
    strength, usual = rsi(closes, 14), means(volumes, 20)
    enters, leaves = [False] * len(bars), [False] * len(bars)
    for at in range(WARM_UP, len(bars)):
        up = fast[at - 1] <= slow[at - 1] and fast[at] > slow[at]
        busy = volumes[at] > 1.2 * usual[at]
        enters[at] = up and strength[at] < 70 and busy
        leaves[at] = fast[at - 1] >= slow[at - 1] and fast[at] < slow[at]
    return enters, leaves


def ema(values: Sequence[float], bars: int) -> list[float]:
    """An exponential average that begins at the first value."""
    weight, found = 2 / (bars + 1), [values[0]]
    for value in values[1:]:
        found.append(weight * value + (1 - weight) * found[-1])
    return found


def rsi(values: Sequence[float], bars: int) -> list[float]:
    """Wilder's strength index: smoothed rises against smoothed falls, from 0."""
    up = down = 0.0
    found = [50.0]
    for before, value in pairwise(values):
        up += (max(value - before, 0.0) - up) / bars
        down += (max(before - value, 0.0) - down) / bars
        found.append(100 * up / (up + down) if up + down else 50.0)
    return found


def means(values: Sequence[float], bars: int) -> list[float]:
    """The average of the last `bars` values; of those there are at the beginning."""
    return [
        sum(values[max(0, at + 1 - bars) : at + 1]) / min(bars, at + 1)
        for at in range(len(values))
    ]


def buy(account: Account, grid: Grid, bar: Bar, close: float) -> None:
    """Fill at the bar's open what was decided at `close`, as far as the cash goes."""
    wanted = lots(share_of(account.worth(close)) / Decimal(repr(close)), grid)
    price = step(Decimal(repr(bar[1])) * (1 + SLIPPAGE), grid.tick, ROUND_CEILING)
    quantity = min(wanted, lots(account.cash / (price * (1 + FEE)), grid))
    fee = fee_of(quantity * price)
    account.cash -= quantity * price + fee
    account.quantity, account.entry, account.paid = quantity, price, fee
    account.opened_at = bar[0]
    account.stop = step(Decimal(repr(close * STOP)), grid.tick, ROUND_CEILING)
    account.target = step(Decimal(repr(close * TARGET)), grid.tick, ROUND_FLOOR)


def protect(account: Account, grid: Grid, bar: Bar) -> None:
    """The stop and the target inside a bar: the open first, then the worse one."""
    time, open_, high, low = bar[:4]
    if not account.quantity:
        return
    stop, target = float(account.stop), float(account.target)
    if open_ <= stop:
        sell(account, grid, open_, time, "stop")
    elif open_ >= target:
        sell(account, grid, open_, time, "target")
    elif low <= stop:
        sell(account, grid, stop, time, "stop")
    elif high >= target:
        sell(account, grid, target, time, "target")


def sell(account: Account, grid: Grid, base: float, time: int, reason: str) -> None:
    """Close what is held where the market is at `base`."""
    price = step(Decimal(repr(base)) * (1 - SLIPPAGE), grid.tick, ROUND_FLOOR)
    quantity, proceeds = account.quantity, account.quantity * price
    fee = fee_of(proceeds)
    account.cash += proceeds - fee
    fees = account.paid + fee
    net = proceeds - quantity * account.entry - fees
    account.trades.append(
        Dealt(
            account.opened_at, time, quantity, account.entry, price, fees, net, reason
        )
    )
    account.quantity = Decimal(0)


def share_of(equity: Decimal) -> Decimal:
    """What one position is worth, as the module reckons it: in floats."""
    return Decimal(repr(float(equity) * SHARE))


def fee_of(cost: Decimal) -> Decimal:
    """The taker's fee, rounded up."""
    return (cost * FEE).quantize(CENT, ROUND_UP)


def lots(quantity: Decimal, grid: Grid) -> Decimal:
    """A quantity in whole lots, never more."""
    return step(quantity, grid.lot, ROUND_DOWN)


def step(value: Decimal, size: Decimal, rounding: str) -> Decimal:
    """A value in whole steps."""
    return (value / size).to_integral_value(rounding) * size
