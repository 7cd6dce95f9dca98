"""The account in plain numbers: what is held, refreshed as ledger and candles change it.

Every number follows from the two, so a restart gives the same ones.
"""

from dataclasses import dataclass, field
from typing import Any

from trading.shell.engine.rates import Rates
from trading.shell.ledger.state import LedgerState
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import Purpose, is_futures

RECENT = 20  # trades that a recent win rate is of


@dataclass(slots=True)
class Holder:
    """One symbol's share of the account, refreshed when the ledger changes it.

    `decided` is the close of the newest candle that the engine decided on.
    """

    symbol: str
    quantity: float = 0.0
    cost: float = 0.0
    entry_bar: int = 0
    stop: float | None = None
    regime: str = "none"
    last: Trade | None = None
    highest: float = 0.0
    lowest: float = 0.0
    time: int = 0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    decided: int = 0

    @property
    def news(self) -> Trade | None:
        """The newest trade, if it ended since the candle that was decided on last."""
        return self.last if self.last and self.last.closed_at >= self.decided else None

    @property
    def held(self) -> int:
        """1 long, -1 short, 0 flat."""
        return (self.quantity > 0) - (self.quantity < 0)

    def is_tighter(self, level: Any) -> bool:
        """Whether a stop at `level` would lose less than the one there is.

        What is no number is for the law to look at, and counts as one.
        """
        if level is None:
            return False
        if type(level) not in (float, int) or self.stop is None:
            return True
        beyond = level > self.stop if self.quantity > 0 else level < self.stop
        return bool(beyond or level != level)

    def see(self, time: int, high: float, low: float, close: float) -> None:
        """A candle closed."""
        self.time, self.high, self.low, self.close = time, high, low, close
        if self.quantity:
            self.highest, self.lowest = max(self.highest, high), min(self.lowest, low)

    def recall(self, highest: float, lowest: float) -> None:
        """What the candles since the entry were, after a restart."""
        self.highest, self.lowest = highest, lowest


@dataclass
class AccountView:
    """Figures of one account; `step` is seconds a candle.

    `refresh` is told of every symbol the ledger has changed, `see` of every candle.
    """

    state: LedgerState
    step: int
    rates: Rates
    holders: dict[str, Holder] = field(default_factory=dict)
    equity: float = 0.0
    recent_win_rate: float = 0.0
    last_loss: int | None = None
    _counted: int = 0

    def holder(self, symbol: str) -> Holder:
        """The symbol's share of the account."""
        if symbol not in self.holders:
            self.holders[symbol] = Holder(symbol)
            self.refresh(symbol)
        return self.holders[symbol]

    def refresh(self, symbol: str) -> None:
        """Read what the ledger now says of a symbol."""
        one = self.holders.setdefault(symbol, Holder(symbol))
        was, since = one.quantity, one.entry_bar
        held = self.state.holdings.get(symbol)
        self._take_trades()
        if held is None:
            one.quantity, one.cost, one.stop, one.regime = 0.0, 0.0, None, "none"
        else:
            one.quantity, one.cost = float(held.quantity), float(held.cost)
            one.entry_bar = held.opened_at - held.opened_at % self.step
            one.regime, one.stop = held.regime or "none", self._stop(symbol)
        opened = was * one.quantity <= 0 or since != one.entry_bar
        if opened:  # inside this candle, or it is flat
            one.highest, one.lowest = one.high, one.low
        self.measure()

    def measure(self) -> None:
        """Equity at the newest closes."""
        equity = float(self.state.cash)
        for symbol in self.state.holdings:
            one = self.holders.setdefault(symbol, Holder(symbol))
            worth = one.quantity * one.close if one.close else one.cost
            equity += worth - one.cost if is_futures(symbol) else worth
        self.equity = equity

    def _take_trades(self) -> None:
        """Remember the newest trade of each symbol, and when the newest loss was."""
        for trade in self.state.trades[self._counted :]:
            one = self.holders.setdefault(trade.symbol, Holder(trade.symbol))
            one.last = trade
            if trade.net <= 0:
                self.last_loss = self._close_after(trade.closed_at)
        if self._counted != len(self.state.trades):
            self.recent_win_rate = float(self.state.win_rate(RECENT) or 0)
        self._counted = len(self.state.trades)

    def _close_after(self, second: int) -> int:
        """The close of the candle a second lies in: when inside it is not known."""
        return second - second % self.step + self.step

    def _stop(self, symbol: str) -> float | None:
        """The nearest trigger of the stops that rest for a symbol."""
        found = [
            float(order.intent.trigger)
            for order in self.state.working.values()
            if order.intent.symbol == symbol
            and order.intent.purpose is Purpose.STOP
            and order.intent.trigger is not None
        ]
        if not found:
            return None
        return max(found) if self.holders[symbol].quantity > 0 else min(found)
