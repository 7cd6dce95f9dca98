"""Every store test runs on the embedded servers and on external ones.

External servers are those of ASZA_TEST_DATABASE_URL and ASZA_TEST_REDIS_URL, else
whatever listens on this machine's usual ports. Each test process makes a database of its
own there and drops it, and uses a Redis prefix of its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from core.settings import Settings, load_settings
from core.store import Store, open_store
from core.store.purge import delete_keys
from tests.conftest import empty

POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/0"
SCRATCH = "asza_test_"


@pytest.fixture(params=["embedded", "external"])
def servers(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The project's settings, on one kind of server or the other."""
    if request.param == "embedded":
        monkeypatch.setenv("ASZA_HOME", str(request.getfixturevalue("home")))
    else:
        for name, url in request.getfixturevalue("external").items():
            monkeypatch.setenv(name, url)
    monkeypatch.setenv("ASZA_REDIS_PREFIX", f"{SCRATCH}{os.getpid()}:")
    return load_settings(settings.root)


@pytest.fixture
def store(servers: Settings) -> Iterator[Store]:
    """The project's store, empty and migrated, on both kinds of server."""
    with open_store(servers) as opened:
        empty(opened)
        yield opened


@pytest.fixture(scope="session")
def external() -> Iterator[dict[str, str]]:
    """The variables that name the external servers; skips where there are none."""
    admin = os.environ.get("ASZA_TEST_DATABASE_URL", POSTGRES)
    redis_url = os.environ.get("ASZA_TEST_REDIS_URL", REDIS)
    name = f"{SCRATCH}{os.getpid()}"
    try:
        client = redis.Redis.from_url(redis_url, socket_connect_timeout=3)
        client.ping()
        create_database(admin, name)
    except (psycopg.OperationalError, redis.ConnectionError) as error:
        pytest.skip(f"no external Postgres and Redis for tests: {error}")
    yield {"DATABASE_URL": with_database(admin, name), "REDIS_URL": redis_url}
    drop_database(admin, name)
    delete_keys(client, f"{SCRATCH}{os.getpid()}:")
    client.close()


def create_database(admin: str, name: str) -> None:
    """A database of our own; those of test processes that were killed go."""
    with psycopg.connect(admin, autocommit=True, connect_timeout=3) as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        for (old,) in rows:
            pid = old.removeprefix(SCRATCH)
            if old != pid and pid.isdigit() and not psutil.pid_exists(int(pid)):
                _drop(connection, old)
        _drop(connection, name)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name)
            )
        )


def drop_database(admin: str, name: str) -> None:
    """Even while somebody is connected."""
    with psycopg.connect(admin, autocommit=True) as connection:
        _drop(connection, name)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    old = conninfo_to_dict(url)["dbname"]
    head, _, rest = url.rpartition(f"/{old}")
    return f"{head}/{name}{rest}"


def fresh(settings: Settings, home: Path) -> Settings:
    """The same project with a state folder of its own."""
    return settings.model_copy(update={"asza_home": home})


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )
