"""An engine put together from its parts: the same for a backtest and for paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import DataError
from core.stack.fused import FusedRun
from trading.shell.candles import Candles
from trading.shell.config import TradeSettings
from trading.shell.engine.account import AccountView
from trading.shell.engine.accounting import Accountant
from trading.shell.engine.acting import Broker
from trading.shell.engine.books import Books
from trading.shell.engine.deciding import Decider
from trading.shell.engine.engine import Engine
from trading.shell.engine.guard import LawGuard, Watch
from trading.shell.engine.rates import Rates
from trading.shell.engine.settling import owed, unanswered
from trading.shell.engine.tape import Asking
from trading.shell.law.limits import Limits
from trading.shell.ledger import Account, Journal
from trading.shell.ledger.state import LedgerState
from trading.shell.market_names import money_of
from trading.shell.venue.fees import read_fees
from trading.shell.venue.funding import FundingSeries
from trading.shell.venue.instruments import instruments_of, is_documented
from trading.shell.venue.rules import Rules
from trading.shell.venue.simulated import SimulatedVenue


@dataclass(frozen=True)
class Parts:
    """What an engine is made of. `state` is the journal's own where `summed`."""

    run: FusedRun
    account: Account
    settings: TradeSettings
    limits: Limits
    journal: Journal
    state: LedgerState
    venue: SimulatedVenue
    symbols: tuple[str, ...]
    summed: bool = False
    asking: Asking | None = None


def assemble(
    parts: Parts, *, records: bool = False, watch: Watch | None = None
) -> Engine:
    """The engine of these parts. With `records` everything is written, else what acts."""
    rules = parts.venue.rules
    view = AccountView(parts.state, rules.step, Rates(rules))
    states = (lambda: parts.run.state) if records else None
    books = Books(parts.state, parts.journal, view, parts.summed, states)
    guard = LawGuard(books, parts.limits, snapshots=records, watch=watch)
    broker = Broker(
        parts.account,
        books,
        parts.venue,
        parts.limits,
        rules.instruments,
        parts.settings.session.entry_expires * rules.step,
        {order.intent.id for order in unanswered(parts.state)},
    )
    for symbol in parts.symbols:
        view.refresh(symbol)
    return Engine(
        broker,
        Decider(parts.run, view, parts.asking),
        guard,
        Accountant(parts.run, books),
        played=parts.venue,
        records=records,
        markets=len(parts.symbols),
        owed=owed(parts.state),
    )


def rules_of(
    candles: Sequence[Candles],
    settings: TradeSettings,
    detail: Sequence[Candles] = (),
    funding: Mapping[str, FundingSeries] | None = None,
) -> Rules:
    """What a simulated venue holds these markets to.

    Of what nobody documented only the first candle is read: at the first decision no
    later one is known.
    """
    prices = {one.symbol: float(one.frame["close"].iloc[0]) for one in candles}
    return Rules(
        step=candles[0].step,
        fees=read_fees(),
        instruments=instruments_of(prices),
        costs=settings.costs,
        funding=funding or {},
        derived=tuple(symbol for symbol in prices if not is_documented(symbol)),
        finer=", ".join(sorted({one.timeframe for one in detail})),
    )


def require_session(candles: Sequence[Candles]) -> str:
    """The currency of a session; refuse candles that are none: no candles, a market
    twice, two timeframes, or two currencies, whose amounts do not add up."""
    steps = {one.timeframe for one in candles}
    symbols = [one.symbol for one in candles]
    if len(steps) == 1 and len(set(symbols)) == len(symbols):
        return _currency(symbols)
    raise DataError(
        "a session has one timeframe and each market once"
        if candles
        else "there are no candles to trade on",
        field="candles",
        value=sorted(f"{one.symbol} {one.timeframe}" for one in candles),
        remedy="give files of one timeframe, one a market",
    )


def _currency(symbols: Sequence[str]) -> str:
    found = sorted(set(map(money_of, symbols)))
    if len(found) > 1:
        raise DataError(
            f"these markets are in {' and '.join(found)}, and a session's money is of one "
            "currency: nothing is converted",
            field="symbols",
            value=sorted(symbols),
            remedy="trade each currency's markets in a session of their own",
        )
    return found[0]
