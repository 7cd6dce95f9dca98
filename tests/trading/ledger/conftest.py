"""The journals that every ledger test runs on: in memory, and in both kinds of Postgres."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from core.settings import Settings
from core.store import Store, open_store
from tests.core.store.conftest import external, servers
from trading.shell.ledger import Account, Journal
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.venue.orders import Mode

__all__ = ["external", "servers"]

NAMES = count()
Opening = Callable[[], Journal]


@pytest.fixture
def account() -> Account:
    """One that no other test has."""
    return Account(Mode.PAPER, f"paper{next(NAMES)}")


@pytest.fixture
def ledger_store(servers: Settings) -> Iterator[Store]:
    """A migrated store on either kind of server; accounts keep tests apart."""
    with open_store(servers) as opened:
        yield opened


@pytest.fixture(params=["memory", "postgres"])
def opening(request: pytest.FixtureRequest, account: Account) -> Opening:
    """Open the journal of the test's account; in Postgres again and again."""
    if request.param == "postgres":
        store = request.getfixturevalue("store")
        return lambda: PostgresJournal(store, account, stack="trading")
    journal = MemoryJournal()
    return lambda: journal
