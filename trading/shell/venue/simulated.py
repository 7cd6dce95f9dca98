"""Simulated venues: the matching model behind the Venue Protocol.

The engine tells a simulated venue of each candle: `begin` when it opens, `finish` when
it is over. The asynchronous methods never wait for anything.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from core.errors import DataError
from trading.shell.venue import Candle, FeeRates, Instrument, Ticker
from trading.shell.venue.assumptions import assumptions
from trading.shell.venue.instruments import against
from trading.shell.venue.matching import Finer, Matching
from trading.shell.venue.orders import (
    ZERO,
    Intent,
    OpenOrder,
    Position,
    Receipt,
    Side,
    VenueEvent,
    is_futures,
)
from trading.shell.venue.rules import Rules

CandleSource = Callable[[str, str, int], Awaitable[Sequence[Candle]]]
"""The newest closed candles of a symbol and timeframe, at most so many, oldest first."""


class SimulatedVenue:
    """An account at an exchange that is only simulated: see docs/backtest-assumptions.md.

    `busy`, `is_quiet`, `lull`, `begin` and `finish` are the matching model's own methods.
    """

    def __init__(
        self,
        rules: Rules,
        cash: Decimal,
        *,
        quote: str = "USD",
        finer: Finer | None = None,
        source: CandleSource | None = None,
    ) -> None:
        self.rules = rules
        self.quote = quote
        self.matching = Matching(rules, cash, finer)
        self.busy = self.matching.busy
        self.is_quiet = self.matching.is_quiet
        self.lull = self.matching.lull
        self.begin = self.matching.begin
        self.finish = self.matching.finish
        self.take_events = self.matching.take_events
        self._source = source

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is assumed of this market, in sentences, from its actual settings."""
        return assumptions(self.rules)

    @property
    def cash(self) -> Decimal:
        """Cash that is neither spent nor set aside as margin."""
        return self.matching.mirror.cash

    async def instruments(self) -> Mapping[str, Instrument]:
        """What each market allows."""
        return self.rules.instruments

    async def fees(self, symbol: str) -> FeeRates:
        """What an order costs now."""
        return self.rules.fees.assumed(symbol, self.matching.now)

    async def candles(
        self, symbol: str, timeframe: str, limit: int
    ) -> Sequence[Candle]:
        """The newest closed candles from the venue's source; DataError without one."""
        if self._source is None:
            raise DataError(
                f"this simulated venue was given no candles of {symbol}",
                field="source",
                value=symbol,
                remedy="make it with a source, or read the candles from your data",
            )
        return await self._source(symbol, timeframe, limit)

    async def ticker(self, symbol: str) -> Ticker:
        """The last price with half the spread on either side; DataError before one."""
        known = self.matching.mark(symbol)
        if known is None:
            raise DataError(
                f"no candle of {symbol} has passed this simulated venue yet",
                field="symbol",
                value=symbol,
                remedy="ask after its first candle has begun",
            )
        price, at = Decimal(repr(known[0])), known[1]
        half = price * self.rules.costs.spread_of(symbol) / 2
        instrument = self.rules.instruments[symbol]
        bid = against(instrument, Side.SELL, price - half)
        return Ticker(symbol, bid, against(instrument, Side.BUY, price + half), at)

    async def place(self, intent: Intent) -> Receipt:
        """Send an order; the same id twice is one order."""
        return self.matching.place(intent)

    async def amend(
        self,
        order: str,
        *,
        quantity: Decimal | None = None,
        trigger: Decimal | None = None,
    ) -> Receipt:
        """Change a living order's quantity, or the level at which it fires."""
        return self.matching.amend(order, quantity, trigger)

    async def cancel(self, order: str) -> Receipt:
        """Withdraw a living order."""
        return self.matching.cancel(order)

    async def open_orders(self) -> Sequence[OpenOrder]:
        """What waits or rests."""
        return self.matching.open_orders()

    async def find(self, order: str) -> Receipt | None:
        """The order's receipt, its reason saying how it ended; None if never placed."""
        return self.matching.find(order)

    async def events(self) -> Sequence[VenueEvent]:
        """Fills, ends of orders and funding since last asked, as they happened."""
        return self.matching.take_events()

    async def balances(self) -> Mapping[str, Decimal]:
        """Cash with the margins in it, and what is held on spot, by currency."""
        held = self.matching.mirror.positions.values()
        amounts = {self.quote: self.cash + sum((one.margin for one in held), ZERO)}
        for one in held:
            if not is_futures(one.symbol):
                base = one.symbol.partition("/")[0]
                amounts[base] = amounts.get(base, ZERO) + one.quantity
        return amounts

    async def positions(self) -> Sequence[Position]:
        """What is held, oldest first."""
        return list(self.matching.mirror.positions.values())

    async def set_leverage(self, symbol: str, leverage: Decimal) -> Receipt:
        """The leverage that entries must have from now on."""
        return self.matching.set_leverage(symbol, leverage)


class BacktestVenue(SimulatedVenue):
    """The simulated venue of a backtest: candles come from history, all at once."""


class PaperVenue(SimulatedVenue):
    """The simulated venue of paper trading: candles come as they close, and a restart
    takes the account up where its ledger left it."""

    def restore(
        self,
        *,
        positions: Iterable[Position] = (),
        orders: Iterable[OpenOrder] = (),
        ended: Iterable[Receipt] = (),
        filled: Iterable[OpenOrder] = (),
        now: int = 0,
    ) -> None:
        """Take over positions, open orders and the last receipts of those that ended.

        The venue was made with the cash that was left. `now` is when it stopped. An
        entry that has filled in part gets the conditional closes that it lacks; those
        of an entry that is over (`filled`) are for what it has filled.
        """
        self.matching.now = max(self.matching.now, now)
        self.matching.restore(positions, orders, ended, filled)
