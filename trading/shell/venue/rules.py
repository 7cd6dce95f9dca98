"""What a simulated venue holds its markets to: costs, fees, instruments, funding."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_UP, Decimal

from trading.shell.config import Costs
from trading.shell.venue import Instrument
from trading.shell.venue.fees import FeeTable
from trading.shell.venue.funding import FundingSeries, hours_in
from trading.shell.venue.instruments import against, quantity_on
from trading.shell.venue.mirror import LEAST_MONEY, margin_of, worth_closing
from trading.shell.venue.orders import ZERO, Position, Side, is_futures


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a simulated venue; `step` is seconds a candle.

    `funding` are series by symbol, `costs.funding` the rate where they say nothing.
    `derived` are the symbols whose instrument is an assumption, `finer` names the
    timeframe of the finer candles, "" without any.
    """

    step: int
    fees: FeeTable
    instruments: Mapping[str, Instrument]
    costs: Costs = field(default_factory=Costs)
    funding: Mapping[str, FundingSeries] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    finer: str = ""

    def executed(self, symbol: str, side: Side, base: float) -> Decimal:
        """What a market order gets when the market is at `base`: half the spread and the
        slippage worse, in whole ticks."""
        worse = self.costs.slippage_of(symbol) + self.costs.spread_of(symbol) / 2
        price = Decimal(repr(base)) * (1 + side.sign * worse)
        instrument = self.instruments[symbol]
        return max(against(instrument, side, price), instrument.tick)

    def fee(self, symbol: str, cost: Decimal, at: int, *, maker: bool) -> Decimal:
        """The fee of an execution, rounded up."""
        rates = self.fees.assumed(symbol, at)
        rate = rates.maker if maker else rates.taker
        return (cost * rate).quantize(LEAST_MONEY, ROUND_UP)

    def needed(
        self, symbol: str, cost: Decimal, leverage: Decimal, fee: Decimal
    ) -> Decimal:
        """The cash that an entry of that cost takes."""
        return fee + (margin_of(cost, leverage) if is_futures(symbol) else cost)

    def affordable(
        self,
        symbol: str,
        price: Decimal,
        leverage: Decimal,
        cash: Decimal,
        at: int,
        *,
        maker: bool,
    ) -> Decimal:
        """The largest quantity that `cash` pays for with its fee, 0 or more."""
        instrument = self.instruments[symbol]
        rates = self.fees.assumed(symbol, at)
        share = (1 / leverage if is_futures(symbol) else 1) + (
            rates.maker if maker else rates.taker
        )
        quantity = quantity_on(instrument, max(ZERO, cash) / (price * share))
        while quantity > 0:
            cost = quantity * price
            fee = self.fee(symbol, cost, at, maker=maker)
            if self.needed(symbol, cost, leverage, fee) <= cash:
                break
            quantity -= instrument.lot
        return quantity

    def taken_of(self, symbol: str, volume: float | None) -> Decimal | None:
        """What one candle gives a limit order; None when its volume is unknown."""
        if volume is None:
            return None
        share = Decimal(repr(volume)) * self.costs.participation
        return quantity_on(self.instruments[symbol], share)

    def is_funded(self, symbol: str) -> bool:
        """Whether a perpetual of `symbol` can owe funding at all."""
        return symbol in self.funding or bool(self.costs.funding)

    def hourly(self, symbol: str, time: int) -> Decimal:
        """The funding rate of the hour that begins at `time`."""
        series = self.funding.get(symbol)
        known = series.at(time) if series else None
        return self.costs.funding if known is None else known

    def funding_rate(self, symbol: str, start: int, end: int) -> Decimal:
        """The rates of the hours that end after `start` and up to `end`, added up."""
        hours = hours_in(start, end)
        return sum((self.hourly(symbol, hour - 3600) for hour in hours), ZERO)

    def liquidation_price(self, position: Position) -> Decimal | None:
        """Where the margin left is the maintenance margin; None on spot.

        margin + side × (price − entry) × quantity = maintenance × quantity × price.
        """
        if not is_futures(position.symbol):
            return None
        maintenance = self.instruments[position.symbol].maintenance
        price = (position.cost - position.margin) / (
            position.quantity * (1 - position.side.sign * maintenance)
        )
        return max(price, ZERO)

    def no_worse_than_margin(
        self, position: Position, quantity: Decimal, price: Decimal
    ) -> Decimal:
        """A closing price moved to where no more than the margin is lost."""
        if not is_futures(position.symbol):
            return price
        tick = self.instruments[position.symbol].tick
        short = -worth_closing(position, quantity, price)
        if short <= 0:
            return price
        ticks = (short / quantity / tick).to_integral_value(ROUND_FLOOR)
        moved = price + position.side.sign * ticks * tick
        while worth_closing(position, quantity, moved) < 0:
            moved += position.side.sign * tick
        return moved

    def closing_fee(
        self, position: Position, quantity: Decimal, price: Decimal, fee: Decimal
    ) -> Decimal:
        """The fee of a close, no more than the margin that is left can pay."""
        if not is_futures(position.symbol):
            return fee
        worth = worth_closing(position, quantity, price)
        return min(fee, worth.quantize(LEAST_MONEY, ROUND_DOWN))
