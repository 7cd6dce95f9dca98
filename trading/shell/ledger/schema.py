"""The ledger's tables: schema `trading_data`, made by the numbered SQL beside this file."""

from core.store import Statements
from core.store.migrate import History, catch_up

LEDGER = History("trading.shell.ledger", "trading_data")


def prepare_ledger(store: Statements) -> None:
    """Make the ledger's tables, or bring them up to date. Any number of times.

    Raises StoreError when the database is newer than this program.
    """
    with store.connection("the ledger's tables were not made") as connection:
        catch_up(connection, LEDGER)
