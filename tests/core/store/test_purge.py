"""Purge: all of ours, nothing of anybody else's, and only after a typed YES."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ConfigError, StoreError
from core.store import Modules, Store, open_store
from core.store.purge import purge
from core.store.restore import restore
from tests.core.store.test_backup import contents, fill
from tests.core.store.test_modules import ROW


@pytest.fixture
def neighbours(store: Store) -> Iterator[None]:
    """Somebody else's table and keys, in the same database and the same Redis."""
    store.execute("CREATE SCHEMA neighbour")
    store.execute("CREATE TABLE neighbour.orders AS SELECT 1 AS n")
    client = store.redis()
    prefix = store.settings.redis_prefix
    theirs = [f"x{prefix}key", "other:key", prefix.rstrip(":") + "2:key"]
    for key in theirs:
        client.set(key, "theirs")
    yield
    with open_store(store.settings) as again:
        assert again.rows("SELECT n FROM neighbour.orders") == [(1,)]
        again.execute("DROP SCHEMA neighbour CASCADE")
        assert [again.redis().getdel(key) for key in theirs] == ["theirs"] * 3


@pytest.mark.usefixtures("neighbours")
def test_ours_goes_and_the_neighbours_stay(store: Store, tmp_path: Path) -> None:
    fill(store)
    client, prefix = store.redis(), store.settings.redis_prefix
    for number in range(1200):
        client.set(f"{prefix}{number}", number)
    purged = purge(store, "YES", tmp_path / "b.tar.gz")
    assert (purged.keys, purged.rows) == (1200, 7)
    assert list(client.scan_iter(f"{prefix}*")) == []
    left = store.rows(
        "SELECT nspname FROM pg_namespace"
        " WHERE nspname IN ('system_logs', 'trading_data')"
    )
    assert left == []


def test_what_was_purged_is_in_the_backup(store: Store, tmp_path: Path) -> None:
    fill(store)
    before = contents(store)
    purged = purge(store, "YES", tmp_path / "b.tar.gz")
    with open_store(store.settings) as again:
        assert Modules(again).all_live() == []
        restore(again, purged.backup)
        assert contents(again) == before


@pytest.mark.parametrize("typed", ["", "yes", "y", "YES ", "Yes"])
def test_without_the_typed_word_nothing_happens(
    store: Store, tmp_path: Path, typed: str
) -> None:
    Modules(store).add_version(ROW)
    with pytest.raises(ConfigError, match="nothing was purged"):
        purge(store, typed, tmp_path / "b.tar.gz")
    assert len(Modules(store).history(ROW.module)) == 1
    assert not (tmp_path / "b.tar.gz").exists()


def test_without_a_backup_nothing_is_dropped(store: Store, tmp_path: Path) -> None:
    Modules(store).add_version(ROW)
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        purge(store, "YES", tmp_path / "file" / "b.tar.gz")
    assert len(Modules(store).history(ROW.module)) == 1


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE VIEW neighbour.seen AS SELECT stack FROM system_logs.plans",
        "CREATE TABLE neighbour.seen (r text REFERENCES system_logs.runs)",
    ],
)
def test_what_others_built_on_ours_is_not_dropped_with_it(
    store: Store, tmp_path: Path, theirs: str
) -> None:
    store.execute("CREATE SCHEMA neighbour")
    store.execute(theirs)
    try:
        with pytest.raises(StoreError, match=r"neighbour\.seen"):
            purge(store, "YES", tmp_path / "b.tar.gz")
        assert store.rows("SELECT count(*) FROM neighbour.seen") == [(0,)]
    finally:
        store.execute("DROP SCHEMA neighbour CASCADE")
