"""Real servers for every test: an embedded Postgres and Valkey a test process, no mocks.

`settings` is a fresh project; `store` is its database, empty and migrated; `sandbox` is
one pool of workers for the session. Nothing here reaches beyond this machine.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from filelock import FileLock
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_socket import socket_allow_hosts

from core.settings import SEALED, Settings, load_settings, variables
from core.store import Store, open_store
from core.store.connection import embedded_postgres, embedded_valkey
from core.store.lease import Lease

if TYPE_CHECKING:
    from core.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
HERE = ["127.0.0.1", "::1", "localhost"]
HOME = "asza-test-"
BITCOIN = "kraken_XBTUSD_1h_2020-2021.csv.gz"
# Tables that hold or held a row, or counted one: truncating makes a table's files anew.
TOUCHED = """
SELECT t.schemaname || '.' || t.tablename FROM pg_tables t
WHERE t.schemaname IN ('system_logs', 'trading_data')
  AND t.tablename NOT IN ('migrations', 'counters')
  AND (
    pg_relation_size((t.schemaname || '.' || t.tablename)::regclass) > 0
    OR EXISTS (
      SELECT 1 FROM pg_sequences s
      WHERE (s.schemaname, s.sequencename) = (t.schemaname, t.tablename || '_id_seq')
        AND s.last_value IS NOT NULL
    )
  )
"""

hypothesis_settings.register_profile(
    "asza",
    deadline=None,
    max_examples=60,
    derandomize="CI" in os.environ,  # a proof of a commit is the same each time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("asza")


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """The outside network does not exist."""
    socket_allow_hosts(HERE, allow_unix_socket=True)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A project of its own: empty `prompts/`, no `.env`, no variable of yours."""
    for name in (*variables(), SEALED):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    root = tmp_path / "project"
    (root / "prompts").mkdir(parents=True)
    monkeypatch.setenv("ASZA_ROOT", str(root))
    return load_settings(root)


@pytest.fixture
def store(
    settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """The project's store, empty and migrated; other processes find it by ASZA_HOME."""
    monkeypatch.setenv("ASZA_HOME", str(home))
    with open_store(load_settings(settings.root)) as opened:
        empty(opened)
        yield opened


@pytest.fixture(scope="session")
def sandbox() -> Iterator["Sandbox"]:
    """The workers that run bodies."""
    from core.sandbox import Sandbox

    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real candles, which is no part of the repository."""
    given = os.environ.get("ASZA_SHARED_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not (folder / BITCOIN).is_file():
        pytest.skip(f"no real candles in {folder}; set ASZA_SHARED_DATA to a folder")
    return folder


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A state folder whose servers run for the whole session."""
    bury_the_dead()
    folder = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getpid()}-"))
    with open_store(Settings(asza_home=folder)) as held:
        with held.pool.connection() as connection:
            connection.autocommit = True
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


def empty(store: Store) -> None:
    """Delete every row of ours; the store's schema stays, the ledger's tables go."""
    if store.row("SELECT 1 FROM pg_tables WHERE schemaname = 'trading_data'"):
        store.execute("DROP SCHEMA trading_data CASCADE; CREATE SCHEMA trading_data")
    if names := ", ".join(name for (name,) in store.rows(TOUCHED)):
        store.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    store.execute("DELETE FROM system_logs.counters WHERE name <> 'generation'")
    store.execute("UPDATE system_logs.counters SET value = 0")


def bury_the_dead() -> None:
    """Stop what test processes that were killed left running; one at a time does."""
    here = Path(tempfile.gettempdir())
    with FileLock(here / f"asza-burying-{os.geteuid()}.lock"):
        for folder in here.glob(f"{HOME}*"):
            pid = folder.name.removeprefix(HOME).partition("-")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                stop_servers(folder)
                shutil.rmtree(folder, ignore_errors=True)


def stop_servers(home: Path) -> None:
    """Stop a home's servers unless a living process holds them."""
    settings = Settings(asza_home=home)
    for server in (embedded_postgres(settings), embedded_valkey(settings)):
        if server.folder.is_dir():
            Lease(server).reap()
