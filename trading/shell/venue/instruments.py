"""What a market allows, and numbers brought onto its grid toward the safe side.

Safe means: a quantity is never more than was asked (down). A limit is never a worse
price than was asked (buy down, sell up). A stop or take-profit that reduces a position
fires no later than was asked, so that no more is lost and no more is won than planned;
one that enters fires no sooner, so that a breakout is really through its level.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from pathlib import Path

from core.errors import DataError
from trading.shell.changed import changed
from trading.shell.market_names import in_dollars
from trading.shell.venue import Instrument
from trading.shell.venue.orders import Intent, Kind, Side, is_futures

FILE = Path(__file__).with_name("instruments.toml")
LEAST_COST = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.002")}
USUAL_LEAST_COST = Decimal(5)
FINEST_LOT, FINEST_TICK = -8, -12  # as powers of ten
ASSUMED_LEVERAGE = Decimal(10)
ASSUMED_MAINTENANCE = Decimal("0.05")


@cache
def known_instruments() -> Mapping[str, Instrument]:
    """The markets in instruments.toml, by symbol."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))["symbols"]
    return {symbol: _read(symbol, row) for symbol, row in data.items()}


def _read(symbol: str, row: Mapping[str, str]) -> Instrument:
    return Instrument(
        symbol,
        tick=Decimal(row["tick"]),
        lot=Decimal(row["lot"]),
        minimum=Decimal(row["minimum"]),
        least_cost=Decimal(row["least_cost"]),
        most_leverage=Decimal(row.get("most_leverage", 1)),
        maintenance=Decimal(row.get("maintenance", 0)),
    )


def instrument_of(symbol: str, price: float) -> Instrument:
    """The market's documented instrument, or a cautious one derived from a price of it.

    DataError when the price is not above 0.
    """
    known = known_instruments().get(in_dollars(symbol))
    return replace(known, symbol=symbol) if known else derived(symbol, price)


def is_documented(symbol: str) -> bool:
    """Whether the market's instrument is known and need not be derived."""
    return in_dollars(symbol) in known_instruments()


def instruments_of(prices: Mapping[str, float]) -> dict[str, Instrument]:
    """Instruments of several markets, from one price of each."""
    return {symbol: instrument_of(symbol, price) for symbol, price in prices.items()}


def derived(symbol: str, price: float) -> Instrument:
    """An instrument of a market that nobody documented, from a price of it.

    The tick has five significant digits of the price, the lot is worth a thousandth to
    a hundredth of a cent of a dollar market, and an order costs at least 5 (0.0001 BTC,
    0.002 ETH). Nobody knows what the price comes to later: a least quantity worth 5 now
    would be worth 5,000 after a rise to the thousandfold. So the least quantity is a
    lot, and the least cost, which is money, is what holds at every price.
    """
    if not 0 < price < float("inf"):
        raise DataError(
            f"no instrument of {symbol} can be derived from the price {price}",
            field="price",
            value=price,
            remedy="give a price above 0",
        )
    digits = Decimal(repr(float(price))).adjusted()
    least = LEAST_COST.get(symbol.partition(":")[0].partition("/")[2])
    cost = USUAL_LEAST_COST if least is None else least
    lot = _power(min(0, -digits - 5), FINEST_LOT)
    futures = is_futures(symbol)
    return Instrument(
        symbol,
        tick=_power(digits - 4, FINEST_TICK),
        lot=lot,
        minimum=lot,
        least_cost=cost,
        most_leverage=ASSUMED_LEVERAGE if futures else Decimal(1),
        maintenance=ASSUMED_MAINTENANCE if futures else Decimal(0),
    )


def quantity_on(instrument: Instrument, quantity: Decimal) -> Decimal:
    """A quantity in whole lots, never more than was asked."""
    return _onto(quantity, instrument.lot, ROUND_FLOOR)


def level_on(
    instrument: Instrument, side: Side, kind: Kind, price: Decimal, *, reduces: bool
) -> Decimal:
    """The price of a limit, or the trigger of a stop or take-profit, in whole ticks."""
    sooner = reduces and kind is not Kind.LIMIT
    up = rises(side, kind) != sooner
    return _onto(price, instrument.tick, ROUND_CEILING if up else ROUND_FLOOR)


def against(instrument: Instrument, side: Side, price: Decimal) -> Decimal:
    """An execution's price in whole ticks, never better for us than `price`."""
    return _onto(
        price, instrument.tick, ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
    )


def rises(side: Side, kind: Kind) -> bool:
    """Whether an order fires when the price rises to its level rather than falls."""
    return (side is Side.BUY) == (kind is Kind.STOP)


def on_grid(intent: Intent, instrument: Instrument) -> Intent:
    """The intent with quantity, price, trigger, stop and target on the market's grid."""
    side, kind, reduces = intent.side, intent.kind, intent.reduce_only

    def level(
        price: Decimal | None, side: Side, kind: Kind, reduces: bool
    ) -> Decimal | None:
        if price is None:
            return None
        return level_on(instrument, side, kind, price, reduces=reduces)

    return changed(
        intent,
        quantity=quantity_on(instrument, intent.quantity),
        price=level(intent.price, side, kind, reduces),
        trigger=level(intent.trigger, side, kind, reduces),
        stop=level(intent.stop, side.opposite, Kind.STOP, True),
        target=level(intent.target, side.opposite, Kind.TAKE_PROFIT, True),
    )


def is_on(step: Decimal, values: Iterable[Decimal | None]) -> bool:
    """Whether all given values are whole steps."""
    return all(value is None or value % step == 0 for value in values)


def _onto(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step


def _power(exponent: int, finest: int) -> Decimal:
    return Decimal(1).scaleb(max(exponent, finest))
