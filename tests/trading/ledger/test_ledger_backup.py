"""The ledger is in every backup, and its tables come and go with the store's."""

from pathlib import Path

import pytest

from core.errors import StoreError
from core.store import Store
from core.store.backup import backup
from core.store.restore import restore
from core.store.retention import sizes
from tests.trading.ledger.story import START, D
from tests.trading.ledger.test_journals import whole_story
from tests.trading.ledger.test_postgres_journal import rows
from trading.shell.ledger import Account
from trading.shell.ledger.events import Deposited
from trading.shell.ledger.memory import summed
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.ledger.schema import LEDGER, prepare_ledger


def test_a_ledger_comes_back_from_a_backup_and_goes_on(
    ledger_store: Store, account: Account, tmp_path: Path
) -> None:
    PostgresJournal(ledger_store, account).append(whole_story())
    before = rows(ledger_store, account)
    path, manifest = backup(ledger_store, tmp_path / "b.tar.gz")
    assert list(manifest.beside) == ["trading_data"]
    PostgresJournal(ledger_store, account).append([Deposited(D(7), START)])
    assert restore(ledger_store, path, also=[LEDGER]) == manifest
    assert rows(ledger_store, account) == before
    again = PostgresJournal(ledger_store, account)
    again.append([Deposited(D(1), START + 5000)])
    assert again.state == summed([*whole_story(), Deposited(D(1), START + 5000)])


def test_a_backup_with_a_ledger_is_not_restored_without_its_tables(
    store: Store, account: Account, tmp_path: Path
) -> None:
    PostgresJournal(store, account).append(whole_story())
    before = rows(store, account)
    path, _ = backup(store, tmp_path / "b.tar.gz")
    with pytest.raises(StoreError, match="tables of trading_data"):
        restore(store, path)
    assert rows(store, account) == before


def test_a_backup_from_before_there_was_a_ledger_leaves_an_empty_one(
    store: Store, account: Account, tmp_path: Path
) -> None:
    path, manifest = backup(store, tmp_path / "b.tar.gz")
    assert manifest.beside == {}
    PostgresJournal(store, account).append(whole_story())
    restore(store, path, also=[LEDGER])
    assert list(PostgresJournal(store, account).events()) == []


def test_a_ledger_newer_than_this_program_is_refused(store: Store) -> None:
    prepare_ledger(store)
    store.execute(
        "INSERT INTO trading_data.migrations (number, name, digest)"
        " VALUES (99, 'later', 'x')"
    )
    with pytest.raises(StoreError, match="at version 99"):
        prepare_ledger(store)


def test_a_ledger_migration_changed_after_the_fact_is_refused(store: Store) -> None:
    prepare_ledger(store)
    store.execute("UPDATE trading_data.migrations SET digest = 'other'")
    with pytest.raises(StoreError, match="0001 was changed"):
        prepare_ledger(store)


def test_the_ledgers_tables_are_in_the_sizes(store: Store) -> None:
    prepare_ledger(store)
    assert "trading_data.fills" in {table.name for table in sizes(store)}
