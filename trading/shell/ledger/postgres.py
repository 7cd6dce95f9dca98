"""The ledger in Postgres: one transaction an append, one writer an account."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import merge
from operator import itemgetter
from uuid import uuid4

from core.errors import AszaError, StoreError
from core.store import Store
from core.store.codec import plain
from core.store.connection import Connection
from core.store.runs import State, save_state
from trading.shell.ledger import Account, derived, sql
from trading.shell.ledger.batch import Batch
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.decision_rows import DECISIONS
from trading.shell.ledger.events import LedgerEvent
from trading.shell.ledger.memory import summed
from trading.shell.ledger.row import Row, Table
from trading.shell.ledger.rows import TABLES
from trading.shell.ledger.schema import prepare_ledger
from trading.shell.ledger.state import LedgerState
from trading.shell.ledger.steps import ENTER
from trading.shell.ledger.trades import Trade

Mark = tuple[int, str]
"""The number of the newest entry, and the name of the journal that made it."""
NOBODY: Mark = 0, ""
KEPT = "the ledger could not be written"
READ = "the ledger could not be read"


class AnotherWriter(AszaError):
    """Another process writes to the same ledger. No StoreError: nothing that waits for a
    database to come back may wait for this to be over."""

    exit_code = StoreError.exit_code


class PostgresJournal:
    """The journal of one account. What `append` returned from is durable; what it raised
    for is not there, or is there whole and may be appended again without effect.

    `stack` names whose module states are kept along. Once another process has appended to
    the same account nothing more is appended here: AnotherWriter.
    """

    def __init__(
        self, store: Store, account: Account, *, stack: str = "", tolerance: int = DAY
    ) -> None:
        self.account = account
        self._store = store
        self._stack = stack
        self._tolerance = tolerance
        self._owner = (account.mode.value, account.name)
        self._name = uuid4().hex
        self._mark: Mark | None = None  # of the newest append whose end is known
        self._tried: Mark | None = None  # of one whose end is not
        self._state: LedgerState | None = None
        prepare_ledger(store)
        store.execute(sql.OPEN, (*self._owner, account.quote))

    @property
    def state(self) -> LedgerState:
        """The sum of what was appended; ask for it again after an append that raised."""
        if self._state is None:
            with self._store.connection(READ) as connection:
                events, mark = read_events(connection, self.account)
            self._require_ours(mark)
            self._state = summed(events, self._tolerance)
        return self._state

    def append(
        self, events: Sequence[LedgerEvent], states: State | None = None
    ) -> None:
        """Write events in order, all or none, each once; module states with them.

        Raises StoreError when they cannot be kept, LedgerError when one cannot have
        happened.
        """
        state = self.state
        with self._forgetting():
            trades = len(state.trades)
            new = [event for event in events if state.apply(event)]
            if new or states:
                with self._store.connection(KEPT) as connection:
                    self._write(connection, new, state, state.trades[trades:], states)
                self._mark, self._tried = self._tried, None

    def events(self) -> Sequence[LedgerEvent]:
        """Everything that changes balances, orders and positions, oldest first."""
        with self._store.connection(READ) as connection:
            return read_events(connection, self.account)[0]

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """After an error the truth is in the database: the state is read again."""
        state, self._state = self._state, None
        yield
        self._state = state

    def _write(
        self,
        connection: Connection,
        new: Sequence[LedgerEvent],
        state: LedgerState,
        trades: Sequence[Trade],
        states: State | None,
    ) -> None:
        last, _ = self._mark or NOBODY
        self._tried = after, name = last + max(1, len(new)), self._name
        batch = Batch()
        for number, event in enumerate(new, last + 1):
            table = TABLES[type(event)]
            batch.add(table, [owned(self._owner, table, number, event)])
        symbols = derived.touched_symbols(new)
        _derive(batch, self.account, new, state, symbols, trades)
        query, values = batch.statement()
        flat = [plain(symbol) for symbol in symbols - state.holdings.keys()]
        with connection.pipeline():  # one round trip
            moved = connection.execute(
                query, (after, name, *self._owner, last, *values)
            )
            if flat:
                connection.execute(sql.FLAT.encode(), (*self._owner, flat))
            save_state(connection, self._stack, self.account.keeps, states or {})
        if moved.fetchone() is None:
            raise self._overtaken(connection)

    def _overtaken(self, connection: Connection) -> AszaError:
        """Somebody wrote in between: another, or an append of ours that came late."""
        row = connection.execute(sql.LAST.encode(), self._owner).fetchone()
        if row and row[1] == self._name:
            return StoreError(
                "an append that failed came late: the ledger is read again"
            )
        return _another_writer(self.account)

    def _require_ours(self, mark: Mark) -> None:
        """Read for the first time, or nobody but this journal has written since."""
        known = self._mark is None or mark in (self._mark, self._tried)
        if not known and mark[1] != self._name:
            raise _another_writer(self.account)
        self._mark, self._tried = mark, None


def owned(owner: tuple[str, str], table: Table, number: int, event: LedgerEvent) -> Row:
    """The whole row of an event."""
    head = (*owner, number) if table.sequenced else owner
    return (*head, *table.write(event))


def _derive(
    batch: Batch,
    account: Account,
    new: Sequence[LedgerEvent],
    state: LedgerState,
    symbols: set[str],
    trades: Sequence[Trade],
) -> None:
    """Rewrite what the new events changed in the derived tables."""
    orders = [o for name in derived.touched_orders(new) if (o := state.order(name))]
    held = [h for symbol in symbols if (h := state.holdings.get(symbol))]
    money = derived.balances(state, account.quote, symbols) if new else []
    for table, rows in (
        (derived.STANDING, [derived.standing(order) for order in orders]),
        (derived.TRADES, [derived.trade(one) for one in trades]),
        (derived.POSITIONS, [derived.position(h, state.clock) for h in held]),
        (derived.BALANCES, money),
    ):
        batch.add(table, [(account.mode.value, account.name, *row) for row in rows])


def read_events(
    connection: Connection, account: Account
) -> tuple[list[LedgerEvent], Mark]:
    """An account's events of `Journal.events`, oldest first, and who made the newest."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    owner = (account.mode.value, account.name)
    last, name = connection.execute(sql.LAST.encode(), owner).fetchone() or NOBODY
    found = [_read(connection, table, owner) for table in TABLES.values()]
    return [event for _, event in merge(*found, key=itemgetter(0))], (last, name)


def _read(
    connection: Connection, table: Table, owner: tuple[str, str]
) -> list[tuple[int, LedgerEvent]]:
    if not table.sequenced:
        return []
    entries = f"AND action = '{ENTER}'" if table is DECISIONS else ""
    query = sql.select(table.name, table.columns, entries)
    return [(row[0], table.read(row[1:])) for row in connection.execute(query, owner)]


def _another_writer(account: Account) -> AnotherWriter:
    return AnotherWriter(
        f"another process writes to the ledger of {account.mode} {account.name}",
        field="account",
        value=account.name,
        remedy="end the other process, or this one: only one may trade an account",
    )
