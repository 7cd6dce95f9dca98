"""What trading a symbol costs and allows, as the plain numbers modules read."""

from dataclasses import dataclass, field

from trading.shell.ledger.curve import DAY
from trading.shell.venue.rules import Rules


@dataclass(frozen=True, eq=False)
class Rates:
    """Shares of the cost of one side; fees are looked up once a day, costs once."""

    rules: Rules
    _fees: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)
    _costs: dict[str, tuple[float, float]] = field(default_factory=dict)

    def taker(self, symbol: str, time: int) -> float:
        """The fee of a market order."""
        return self._of_day(symbol, time // DAY)[1]

    def maker(self, symbol: str, time: int) -> float:
        """The fee of a resting limit order."""
        return self._of_day(symbol, time // DAY)[0]

    def slippage(self, symbol: str) -> float:
        """What a market order loses."""
        return self._costs_of(symbol)[0]

    def spread(self, symbol: str) -> float:
        """Between bid and ask."""
        return self._costs_of(symbol)[1]

    def funding(self, symbol: str, time: int) -> float:
        """The hourly rate of a perpetual; 0 on spot."""
        return float(self.rules.hourly(symbol, time)) if ":" in symbol else 0.0

    def most_leverage(self, symbol: str) -> float:
        """1 on spot."""
        return float(self.rules.instruments[symbol].most_leverage)

    def least_notional(self, symbol: str, close: float) -> float:
        """The value of the smallest order at a price."""
        one = self.rules.instruments[symbol]
        return max(float(one.least_cost), float(one.minimum) * close)

    def round_trip(self, symbol: str, time: int) -> float:
        """In and out again with market orders."""
        side = (
            self.taker(symbol, time) + self.slippage(symbol) + self.spread(symbol) / 2
        )
        return 2 * side

    def _costs_of(self, symbol: str) -> tuple[float, float]:
        found = self._costs.get(symbol)
        if found is None:
            costs = self.rules.costs
            slippage, spread = costs.slippage_of(symbol), costs.spread_of(symbol)
            found = self._costs[symbol] = float(slippage), float(spread)
        return found

    def _of_day(self, symbol: str, day: int) -> tuple[float, float]:
        found = self._fees.get((symbol, day))
        if found is None:
            rates = self.rules.fees.assumed(symbol, day * DAY)
            found = self._fees[symbol, day] = float(rates.maker), float(rates.taker)
        return found
