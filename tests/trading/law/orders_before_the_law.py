"""An account and an order that the law allows, to be changed one figure at a time."""

from decimal import Decimal
from typing import Any

from trading.shell.changed import changed
from trading.shell.law import Standing, Verdict
from trading.shell.law.checks import judge
from trading.shell.law.limits import Limits, loosest
from trading.shell.venue import Instrument
from trading.shell.venue.orders import Intent, Kind, Mode, Purpose, Side

D = Decimal
PRICE = D(100)
ROUND_TRIP = D("0.009")
SPOT = Instrument("BTC/USD", D("0.1"), D("0.001"), D("0.001"), D("0.5"))
FUTURES = Instrument(
    "BTC/USD:USD", D("0.1"), D("0.001"), D("0.001"), D(0), D(50), D("0.01")
)
STANDING = Standing(
    at=86_400 * 100 + 60,
    equity=D(1000),
    cash=D(1000),
    exposure=D(0),
    open_risk=D(0),
    positions=0,
    holds_symbol=False,
    held=D(0),
    symbol_exposure=D(0),
    trades_today=0,
    symbol_trades_today=0,
    day_start_equity=D(1000),
    peak_equity=D(1000),
    consecutive_losses=0,
    trades=100,
)
ENTRY = Intent(
    id="az1",
    symbol="BTC/USD",
    side=Side.BUY,
    kind=Kind.MARKET,
    purpose=Purpose.ENTRY,
    quantity=D(1),
    decided_at=0,
    stop=D(98),
    target=D(104),
)
EXIT = changed(ENTRY, id="az2", side=Side.SELL, purpose=Purpose.EXIT, stop=None)


def limits(**changes: Any) -> Limits:
    """The loosest paper limits but for `changes`."""
    return changed(loosest(Mode.PAPER), **changes)


UNDER = limits()


def law(
    *,
    intent: Intent = ENTRY,
    instrument: Instrument = SPOT,
    price: Any = PRICE,
    round_trip: Any = ROUND_TRIP,
    under: Limits | None = None,
    **standing: Any,
) -> Verdict:
    """The law's word on an order at 100, with some of the account's figures changed."""
    account = changed(STANDING, **standing)
    return judge(under or UNDER, account, intent, instrument, price, round_trip)
