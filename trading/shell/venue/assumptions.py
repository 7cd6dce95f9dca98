"""What a simulated market assumes, in sentences made from the settings it ran with."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from trading.shell.venue.fees import market_of
from trading.shell.venue.funding import FundingSeries
from trading.shell.venue.orders import is_futures
from trading.shell.venue.rules import Rules

FILLS = (
    "A decision is made at a candle's close; its market order fills at the next "
    "candle's open.",
    "Stops and take-profits fire when a candle touches them and then trade at the "
    "market; beyond a gap they fill at the open.",
    "A limit order fills only when the price passes its limit, and at the open when "
    "the candle opens beyond it.",
    "Where one candle reaches both stop and target, the stop counts. A target does not "
    "count in the candle in which its entry filled, unless that was at the open.",
    "A stop and a target are placed when their entry fills, for what it has filled; "
    "when one has filled the other is withdrawn, and what is left of the entry.",
    "When nothing is held any more, entries of the same decision that nothing has filled "
    "are withdrawn, but for those that the price may have met before in that candle.",
    "What the account cannot pay for is not bought: a market order is cut to what it "
    "can pay for, or refused.",
)

LIMITS = (
    "Not modelled: the order book and market impact, latency, outages and rejections "
    "by an exchange, minima on orders that close, fee tiers by volume, taxes.",
)


def assumptions(rules: Rules) -> tuple[str, ...]:
    """Every assumption of a simulated venue with these rules."""
    futures = any(is_futures(one) for one in rules.instruments)
    return (
        *FILLS,
        _finer(rules),
        *_costs(rules),
        *_fees(rules),
        *_markets(rules),
        *(_perpetuals(rules) if futures else ()),
        *LIMITS,
    )


def percent(share: Decimal) -> str:
    """A share as a percentage without needless zeros: 0.0005 is 0.05 %."""
    return f"{(share * 100).normalize():f} %"


def _finer(rules: Rules) -> str:
    if rules.finer:
        return (
            f"The order of prices inside a candle comes from {rules.finer} candles "
            "where they are all of it: its open, high, low and close, and none missing."
        )
    return "There are no finer candles: the order of prices inside a candle is unknown."


def _costs(rules: Rules) -> Iterator[str]:
    costs = rules.costs
    yield (
        f"Every order at the market loses {percent(costs.slippage)} to slippage and "
        f"half of a spread of {percent(costs.spread)}, and is rounded to the tick "
        "against us."
    )
    for symbol in filter(costs.own, sorted(rules.instruments)):
        yield (
            f"On {symbol} the slippage is {percent(costs.slippage_of(symbol))} and the "
            f"spread {percent(costs.spread_of(symbol))}."
        )
    yield (
        f"Limit orders take at most {percent(costs.participation)} of a candle's "
        "volume, where it is known, and the rest waits; orders at the market fill whole."
    )


def _fees(rules: Rules) -> Iterator[str]:
    for market in dict.fromkeys(market_of(one) for one in rules.instruments):
        for row in rules.fees.rows.get(market, ()):
            yield (
                f"Fees on {market}: {percent(row.maker)} maker, {percent(row.taker)} "
                f"taker, known since {_day(row.since)} ({row.source}); earlier candles "
                "are charged the oldest known rates."
            )


def _markets(rules: Rules) -> Iterator[str]:
    for symbol in sorted(rules.derived):
        one = rules.instruments[symbol]
        yield (
            f"Nothing is documented of {symbol}: tick {one.tick:f}, lot {one.lot:f}, "
            f"minimum {one.minimum:f} and least cost {one.least_cost:f} are derived "
            "from the close of its first candle, the tick on the large side."
        )


def _perpetuals(rules: Rules) -> Iterator[str]:
    yield (
        "Perpetuals have isolated margin: cost / leverage, from which funding is paid. "
        "A liquidation at the maintenance margin loses the whole margin, never more."
    )
    for symbol, one in sorted(rules.instruments.items()):
        if is_futures(symbol):
            yield (
                f"{symbol} is liquidated at a maintenance margin of "
                f"{percent(one.maintenance)}, judged by traded prices, not by an index."
            )
            yield _funding(rules, symbol)


def unfunded(
    symbols: Iterable[str], funding: Mapping[str, FundingSeries], rate: Decimal
) -> Iterator[str]:
    """What each perpetual without a series is charged: `rate` an hour."""
    for symbol in symbols:
        if is_futures(symbol) and symbol not in funding:
            yield (
                f"No funding series of {symbol} was given: it is taken as "
                f"{percent(rate)} an hour."
            )


def _funding(rules: Rules, symbol: str) -> str:
    constant = f"{percent(rules.costs.funding)} an hour"
    series = rules.funding.get(symbol)
    if series is None:
        return next(unfunded([symbol], {}, rules.costs.funding))
    return (
        f"Funding of {symbol} is hourly from its series ({_day(series.times[0])} to "
        f"{_day(series.times[-1])}, {series.hours} h a rate), within ±0.25 %, on the "
        f"value at the candle's close; {constant} where the series says nothing."
    )


def _day(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d")
