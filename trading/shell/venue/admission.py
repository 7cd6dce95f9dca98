"""What a simulated venue refuses when an order is placed, in Kraken's words."""

from collections.abc import Iterable
from decimal import Decimal

from trading.shell.venue import Instrument
from trading.shell.venue.instruments import is_on
from trading.shell.venue.live import Book, Live, level_of
from trading.shell.venue.orders import (
    ZERO,
    Intent,
    Kind,
    Position,
    Purpose,
    Side,
    is_futures,
)

MOST = Decimal(10**15)

UNKNOWN_MARKET = "EQuery:Unknown asset pair"
CLOSED_MARKET = "EService:Market in cancel_only mode"
BAD_VOLUME = "EGeneral:Invalid arguments:volume"
BAD_PRICE = "EGeneral:Invalid arguments:price"
BAD_LEVERAGE = "EGeneral:Invalid arguments:leverage"
OFF_TICK = "EOrder:Tick size check failed"
TOO_SMALL = "EOrder:Order minimum not met"
TOO_CHEAP = "EOrder:Cost minimum not met"
NO_FUNDS = "EOrder:Insufficient funds"
NOTHING_HELD = "EOrder:Reduce only:No position exists"
OPPOSING = "EOrder:Cannot open opposing position"
TOO_MUCH_LEVERAGE = "EOrder:Margin allowance exceeded"
UNKNOWN_ORDER = "EOrder:Unknown order"


def why_malformed(intent: Intent, instrument: Instrument) -> str:
    """Why the market does not take the order whatever the account holds, or ""."""
    prices = (intent.price, intent.trigger, intent.stop, intent.target)
    level = level_of(intent)
    refusals = (
        (not instrument.trading, CLOSED_MARKET),
        (not _is_positive(intent.quantity), BAD_VOLUME),
        (not all(p is None or _is_positive(p) for p in prices), BAD_PRICE),
        (intent.kind is not Kind.MARKET and level is None, BAD_PRICE),
        (not _is_positive(intent.leverage) or intent.leverage < 1, BAD_LEVERAGE),
    )
    why = next((reason for wrong, reason in refusals if wrong), "")
    return why or _why_off_grid(intent, instrument)


def _why_off_grid(intent: Intent, instrument: Instrument) -> str:
    prices = (intent.price, intent.trigger, intent.stop, intent.target)
    if not is_on(instrument.lot, (intent.quantity,)):
        return BAD_VOLUME
    if not is_on(instrument.tick, prices):
        return OFF_TICK
    if intent.leverage > instrument.most_leverage:
        return TOO_MUCH_LEVERAGE
    return "" if intent.reduce_only else _why_small(intent, instrument)


def _why_small(intent: Intent, instrument: Instrument) -> str:
    level = level_of(intent)
    if intent.quantity < instrument.minimum:
        return TOO_SMALL
    if level is not None and intent.quantity * level < instrument.least_cost:
        return TOO_CHEAP
    return ""


def why_unfit(
    intent: Intent, book: Book, cash: Decimal, leverage: Decimal | None
) -> str:
    """Why the account cannot place the order, or "".

    `cash` is what no other order has claimed, `leverage` what was set for the market.
    """
    if intent.reduce_only:
        return "" if _may_reduce(intent, book) else NOTHING_HELD
    if not is_futures(intent.symbol) and intent.side is Side.SELL:
        return NO_FUNDS
    if leverage is not None and leverage != intent.leverage:
        return BAD_LEVERAGE
    if is_opposing(intent, book.position) and not _leaves(book):
        return OPPOSING
    return NO_FUNDS if claim_of(intent, intent.quantity) > cash else ""


def is_opposing(intent: Intent, position: Position | None) -> bool:
    """Whether an entry goes against what is held."""
    return position is not None and position.side is not intent.side


def claim_of(intent: Intent, quantity: Decimal) -> Decimal:
    """The cash that an order with a level keeps from others; 0 for a market order."""
    level = level_of(intent)
    if level is None or intent.reduce_only:
        return ZERO
    return quantity * level / intent.leverage


def claimed(orders: Iterable[Live], but: Live | None = None) -> Decimal:
    """The cash that orders keep from another."""
    return sum(
        (claim_of(one.intent, one.left) for one in orders if one is not but), ZERO
    )


def _may_reduce(intent: Intent, book: Book) -> bool:
    """With a position to reduce, or an entry on its way that will make one."""
    if book.position is not None:
        return book.position.side is not intent.side
    return any(
        one.intent.purpose is Purpose.ENTRY and one.intent.side is not intent.side
        for one in book.orders()
    )


def _leaves(book: Book) -> bool:
    """Whether the position is about to be closed at the next open."""
    return any(one.intent.reduce_only for one in book.waiting)


def _is_positive(value: Decimal) -> bool:
    return value.is_finite() and 0 < value < MOST
