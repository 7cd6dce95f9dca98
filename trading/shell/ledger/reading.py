"""The door through which everything a person is told about an account is read.

Every method reads one account: rows of another mode or account never appear. Times are
UTC seconds, money `Decimal`; the newest come first where nothing else is said. Raises
StoreError when the database cannot be read.
"""

from typing import Any, TypeVar

from core.store import Store
from trading.shell.ledger import Account, shown
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.events import (
    Decided,
    Halted,
    Scanned,
    Signalled,
    Snapshot,
)
from trading.shell.ledger.row import moment, seconds
from trading.shell.ledger.schema import prepare_ledger
from trading.shell.ledger.shown import Shown
from trading.shell.ledger.told import (
    ALL,
    EVERY,
    FOREVER,
    Balance,
    Counts,
    ExecutedOrder,
    Lifecycle,
    OrderRow,
    PositionRow,
    Which,
)
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import Fill, Funding, Mode

T = TypeVar("T")
NEWEST_SCANS = (
    "SELECT symbol, max(at) FROM trading_data.scan_results"
    " WHERE mode = %s AND account = %s GROUP BY symbol"
)
ACCOUNTS = (
    "SELECT mode, name, quote, opened_at FROM trading_data.accounts"
    " ORDER BY opened_at, mode, name"
)
OPEN = (
    "SELECT {} FROM {} WHERE mode = %s AND account = %s"
    " AND status NOT IN ('filled', 'ended', 'refused') ORDER BY seq"
)
COUNTS = """
SELECT
    (SELECT count(*) FROM trading_data.scan_results WHERE {here} AND at >= %(since)s),
    (SELECT count(*) FROM trading_data.decisions
        WHERE {here} AND at >= %(since)s AND symbol <> ''),
    (SELECT count(*) FROM trading_data.signals
        WHERE {here} AND at >= %(since)s AND action = 'enter' AND acted),
    (SELECT count(*) FROM trading_data.signals
        WHERE {here} AND at >= %(since)s AND action = 'enter' AND NOT acted),
    (SELECT count(*) FROM trading_data.orders WHERE {here} AND at >= %(since)s),
    (SELECT count(*) FROM trading_data.executed_orders
        WHERE {here} AND filled_at >= %(since)s),
    (SELECT count(*) FROM trading_data.executed_orders
        WHERE {here} AND filled_at >= %(since)s AND purpose = 'entry'),
    (SELECT count(*) FROM trading_data.fills WHERE {here} AND at >= %(since)s),
    (SELECT count(*) FROM trading_data.trades WHERE {here} AND closed_at >= %(since)s)
""".replace("{here}", "mode = %(mode)s AND account = %(account)s")


def accounts(store: Store) -> list[tuple[Account, int]]:
    """Every account there is, and when it was opened; the oldest first."""
    prepare_ledger(store)
    return [
        (Account(Mode(mode), name, quote), seconds(at))
        for mode, name, quote, at in store.rows(ACCOUNTS)
    ]


class Reading:
    """What is known of one account."""

    def __init__(self, store: Store, account: Account) -> None:
        prepare_ledger(store)
        self.account = account
        self._store = store
        self._owner = (account.mode.value, account.name)

    # -- now ------------------------------------------------------------------------------

    def latest(self) -> Snapshot | None:
        """Equity and its parts at the last candle's close; None before the first."""
        return self._one(shown.SNAPSHOTS)

    def balances(self) -> list[Balance]:
        """Amounts by currency, the quote currency among them."""
        return self._page(shown.BALANCES)

    def positions(self) -> list[PositionRow]:
        """What is held, the oldest position first."""
        return self._page(shown.POSITIONS, oldest_first=True)

    def open_orders(self) -> list[OrderRow]:
        """Orders that may still be filled, unsettled ones too, the oldest first."""
        table = shown.ORDERS
        query = OPEN.format(", ".join(table.columns), table.source)
        return [table.read(row) for row in self._store.rows(query, self._owner)]

    def halts(self, until: int = FOREVER) -> list[Halted]:
        """Every halt and resumption before `until`, the oldest first: one that is left
        out may be the one in force."""
        which = Which(until=until, limit=None)
        return self._page(shown.HALTS, which, oldest_first=True)

    # -- what happened --------------------------------------------------------------------

    def orders(self, which: Which = ALL) -> list[OrderRow]:
        """Orders by when they were intended, as they now stand."""
        return self._page(shown.ORDERS, which)

    def orders_of(self, decision: str) -> list[OrderRow]:
        """All orders of a decision, however many came after them."""
        return self._page(shown.ORDERS, EVERY, decision=decision)

    def order(self, name: str) -> OrderRow | None:
        """An order by its client id."""
        return self._one(shown.ORDERS, id=name)

    def executed(self, which: Which = ALL) -> list[ExecutedOrder]:
        """Orders that were filled whole, by when."""
        return self._page(shown.EXECUTED, which)

    def fills(self, which: Which = ALL) -> list[Fill]:
        """Executions."""
        return [event.fill for event in self._page(shown.FILLS, which)]

    def fills_of(self, order: str) -> list[Fill]:
        """An order's executions, the oldest first."""
        found = self._page(shown.FILLS, EVERY, oldest_first=True, order_id=order)
        return [event.fill for event in found]

    def funding(self, which: Which = ALL) -> list[Funding]:
        """Funding paid (negative: received)."""
        return [event.funding for event in self._page(shown.FUNDING, which)]

    def trades(self, which: Which = ALL) -> list[Trade]:
        """Closed positions, by when they were closed."""
        return self._page(shown.TRADES, which)

    def trade(self, name: str) -> Trade | None:
        """A closed position by its id."""
        return self._one(shown.TRADES, id=name)

    def equity(self, which: Which = ALL) -> list[Snapshot]:
        """The equity curve, the oldest first."""
        return self._page(shown.SNAPSHOTS, which, oldest_first=True)

    # -- why ------------------------------------------------------------------------------

    def decisions(self, which: Which = ALL) -> list[Decided]:
        """What was decided."""
        return self._page(shown.DECISIONS, which)

    def decision(self, name: str) -> Decided | None:
        """A decision by its id."""
        return self._one(shown.DECISIONS, id=name)

    def decisions_of(self, trade: Trade) -> tuple[Decided | None, Decided | None]:
        """What opened a trade and what closed it: None where a resting order did."""
        return self.decision(trade.decision), self.decision(trade.exit_decision)

    def launches(self, which: Which = ALL) -> list[Decided]:
        """Modules that failed, and whether Wick was started for them."""
        return self._page(shown.DECISIONS, which, action="wick")

    def signals(
        self, which: Which = ALL, *, acted: bool | None = None
    ) -> list[Signalled]:
        """Signals, with the reason of each that was rejected; only acted on, or not."""
        only = {} if acted is None else {"acted": acted}
        return self._page(shown.SIGNALS, which, **only)

    def signals_of(self, decision: str) -> list[Signalled]:
        """All signals of a decision, however many came after them."""
        return self._page(shown.SIGNALS, EVERY, decision=decision)

    def scans(self, which: Which = ALL) -> list[Scanned]:
        """What scans saw, signal or not."""
        return self._page(shown.SCANS, which)

    def newest_scans(self) -> dict[str, int]:
        """The candle of each symbol's newest scan."""
        found = self._store.rows(NEWEST_SCANS, self._owner)
        return {symbol: seconds(at) for symbol, at in found}

    def lifecycle(self, symbol: str, which: Which = ALL) -> Lifecycle:
        """Everything of one symbol within `which`; what is open is of now."""
        of_it = Which(symbol, which.since, which.until, which.limit)
        return Lifecycle(
            symbol,
            self.scans(of_it),
            self.decisions(of_it),
            self.signals(of_it),
            self.executed(of_it),
            self.fills(of_it),
            [order for order in self.open_orders() if order.symbol == symbol],
            self._one(shown.POSITIONS, symbol=symbol),
            self.trades(of_it),
        )

    def counts(self, now: int, seconds_back: int = DAY) -> Counts:
        """How many there were in the last 24 hours, or another span."""
        mode, account = self._owner
        since = moment(now - seconds_back)
        row = self._store.row(
            COUNTS, {"mode": mode, "account": account, "since": since}
        )
        return Counts(*(row or ()))

    # -- how ------------------------------------------------------------------------------

    def _page(
        self,
        table: Shown[T],
        which: Which = ALL,
        *,
        oldest_first: bool = False,
        **equal: Any,
    ) -> list[T]:
        if which.symbol is not None:
            equal["symbol"] = which.symbol
        query = shown.page(table, tuple(equal), oldest_first=oldest_first)
        mode, account = self._owner
        values = {
            "mode": mode,
            "account": account,
            "since": moment(which.since),
            "until": moment(which.until),
            "limit": which.limit,
            **equal,
        }
        rows = self._store.rows(query, values)
        return [table.read(row) for row in rows]

    def _one(self, table: Shown[T], **equal: Any) -> T | None:
        found = self._page(table, Which(limit=1), **equal)
        return found[0] if found else None
