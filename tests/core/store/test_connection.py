"""Whatever dies underneath is a StoreError that says what to do."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from core.errors import StoreError
from core.settings import Settings
from core.store import Modules, Store, open_store
from core.store.faults import store_errors


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Bound, so that no other test gets it, and not listened at."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def at(settings: Settings, **urls: str) -> Settings:
    return settings.model_copy(update={n: SecretStr(u) for n, u in urls.items()})


def test_a_database_that_is_not_there_is_named(
    settings: Settings, closed_port: int
) -> None:
    url = f"postgresql://me:hunter22@127.0.0.1:{closed_port}/db"
    with pytest.raises(StoreError, match="cannot be used") as caught:
        open_store(at(settings, database_url=url))
    assert "DATABASE_URL" in caught.value.remedy
    assert caught.value.exit_code == 9
    assert "hunter22" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    "url", ["postgresql://127.0.0.1:port/db", "postgresql://u@h/db?nonsense=1"]
)
def test_a_url_that_makes_no_sense_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(StoreError):
        open_store(at(settings, database_url=url))


def test_a_database_that_does_not_exist_is_refused(
    settings: Settings, external: dict[str, str]
) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        open_store(at(settings, database_url=external["DATABASE_URL"] + "_nowhere"))


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}/0", "redis://127.0.0.1:x/0"])
def test_a_redis_that_is_not_there_is_named(
    store: Store, closed_port: int, url: str
) -> None:
    wrong = at(store.settings, redis_url=url.format(port=closed_port))
    with open_store(wrong) as other:
        with pytest.raises(StoreError) as caught:
            other.redis()
        assert "REDIS_URL" in caught.value.remedy
        assert Modules(other).generation() == 0


def test_a_query_on_a_dead_connection_fails_and_the_next_one_works(
    store: Store,
) -> None:
    with pytest.raises(StoreError, match="the tick was lost"):
        query_a_killed_connection(store)
    assert store.row("SELECT 1") == (1,)


def query_a_killed_connection(store: Store) -> None:
    with store.connection("the tick was lost") as connection:
        with psycopg.connect(store.conninfo, autocommit=True) as killer:
            pid = connection.info.backend_pid
            killer.execute("SELECT pg_terminate_backend(%s)", (pid,))
        connection.execute("SELECT 1")


def test_connections_that_died_while_idle_are_not_handed_out(store: Store) -> None:
    store.row("SELECT 1")
    with psycopg.connect(store.conninfo, autocommit=True) as killer:
        killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
    assert store.row("SELECT 1") == (1,)


def test_an_error_rolls_everything_back(store: Store) -> None:
    with pytest.raises(StoreError):
        fail_half_way(store)
    assert Modules(store).generation() == 0


def fail_half_way(store: Store) -> None:
    with store.connection() as connection:
        connection.execute("UPDATE system_logs.counters SET value = 99")
        connection.execute("SELECT 1 / 0")


def test_a_closed_store_says_so(store: Store) -> None:
    with open_store(store.settings) as other:
        pass
    with pytest.raises(StoreError):
        other.row("SELECT 1")


def disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def postgres_disk_full() -> None:
    raise psycopg.errors.DiskFull("could not extend file")


@pytest.mark.parametrize("fail", [disk_full, postgres_disk_full])
def test_a_full_disk_asks_for_space(fail: Callable[[], None]) -> None:
    with pytest.raises(StoreError) as caught, store_errors("nothing was written"):
        fail()
    assert "free disk space" in caught.value.remedy


def test_a_state_folder_that_cannot_be_made_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    wrong = settings.model_copy(update={"asza_home": tmp_path / "file" / "home"})
    with pytest.raises(StoreError) as caught:
        open_store(wrong)
    assert str(tmp_path / "file") in caught.value.where


def test_the_session_is_the_same_on_every_server(store: Store) -> None:
    names = ("timezone", "datestyle", "client_encoding")
    shown = [(store.row(f"SHOW {name}") or ("",))[0] for name in names]
    assert (shown[0], shown[1][:3], shown[2]) == ("UTC", "ISO", "UTF8")


def test_a_rehearsal_sees_what_it_wrote_and_nothing_of_it_stays(store: Store) -> None:
    with store.rehearsal("nothing was rehearsed") as rehearsal:
        rehearsal.execute("CREATE TABLE rehearsed (n int)")
        rehearsal.execute("INSERT INTO rehearsed VALUES (1), (2)")
        with pytest.raises(StoreError):
            rehearsal.execute("INSERT INTO rehearsed VALUES ('many')")
        assert rehearsal.row("SELECT sum(n) FROM rehearsed") == (3,)
    assert store.row("SELECT to_regclass('rehearsed')") == (None,)
