"""A finished backtest into Postgres: everything at once, with COPY."""

from collections.abc import Iterable, Sequence

from core.errors import LedgerError
from core.store import Store
from core.store.codec import plain
from core.store.connection import Connection
from trading.shell.ledger import Account, derived, sql
from trading.shell.ledger.events import LedgerEvent
from trading.shell.ledger.memory import summed
from trading.shell.ledger.postgres import KEPT, owned
from trading.shell.ledger.row import Row
from trading.shell.ledger.rows import TABLES
from trading.shell.ledger.schema import prepare_ledger
from trading.shell.ledger.state import LedgerState
from trading.shell.venue.orders import Mode


def copy_all(store: Store, account: Account, events: Sequence[LedgerEvent]) -> int:
    """Write a whole backtest (`MemoryJournal.everything()`), all or nothing; the rows.

    The same account again is replaced. Raises StoreError when it cannot be kept, and
    LedgerError for an account that is no backtest's: those are written event by event.
    """
    if account.mode is not Mode.BACKTEST:
        raise LedgerError(
            f"the ledger of {account.mode} {account.name} cannot be copied over",
            field="account",
            value=account.name,
            remedy="only a backtest's is written all at once",
        )
    prepare_ledger(store)
    owner = (account.mode.value, account.name)
    with store.connection(KEPT) as connection:
        connection.execute(sql.CLOSE.encode(), owner)
        connection.execute(sql.OPEN.encode(), (*owner, account.quote))
        connection.execute(sql.MOVE.encode(), (len(events), "", *owner, 0))
        written = _copy_events(connection, owner, events)
        return written + _copy_derived(connection, account, summed(events))


def forget(store: Store, account: Account) -> None:
    """Delete a backtest and everything of it; LedgerError for any other account."""
    copy_all(store, account, ())
    with store.connection(KEPT) as connection:
        connection.execute(sql.CLOSE.encode(), (account.mode.value, account.name))


def _copy_events(
    connection: Connection, owner: tuple[str, str], events: Sequence[LedgerEvent]
) -> int:
    """A table at a time, so that nothing is held twice."""
    written = 0
    for kind, table in TABLES.items():
        rows = (
            owned(owner, table, number, event)
            for number, event in enumerate(events, 1)
            if type(event) is kind
        )
        written += _copy(connection, table.name, table.all_columns, rows)
    return written


def _copy_derived(connection: Connection, account: Account, state: LedgerState) -> int:
    orders = (*state.finished.values(), *state.working.values())
    held = state.holdings
    symbols = {*state.closed_at, *held}
    return sum(
        _copy(
            connection,
            table.name,
            table.all_columns,
            ((account.mode.value, account.name, *row) for row in rows),
        )
        for table, rows in (
            (derived.STANDING, map(derived.standing, orders)),
            (derived.TRADES, map(derived.trade, state.trades)),
            (
                derived.POSITIONS,
                (derived.position(h, state.clock) for h in held.values()),
            ),
            (derived.BALANCES, derived.balances(state, account.quote, symbols)),
        )
    )


def _copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(sql.copy(table, columns)) as copy:
            for row in rows:
                copy.write_row([plain(v) if type(v) is str else v for v in row])
        return max(cursor.rowcount, 0)
