"""Open the store: embedded or external, it is the same Store afterwards."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from logging import CRITICAL, getLogger
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

from core.errors import StoreError
from core.home import state_folder
from core.settings import Settings
from core.store.codec import loads
from core.store.faults import REDIS, disk_remedy, store_errors
from core.store.lease import Lease
from core.store.migrate import migrate
from core.store.postgres import EmbeddedPostgres
from core.store.valkey import EmbeddedValkey

if TYPE_CHECKING:
    import redis

OLDEST = 13
PATIENCE = 10  # seconds to a connection
SESSION = (
    "SELECT set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false),"
    " set_config('extra_float_digits', '1', false),"
    " set_config('lock_timeout', '60s', false),"
    " set_config('idle_in_transaction_session_timeout', '10min', false)"
)
Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]


class Statements:
    """What can be asked of a database, wherever its transactions come from."""

    def connection(
        self, doing: str = "the database failed"
    ) -> AbstractContextManager[Connection]:
        """One transaction: committed at the end, rolled back on an error.

        Raises StoreError, saying what was being done.
        """
        raise NotImplementedError(doing)

    def rows(self, query: str, values: Any = ()) -> list[Row]:
        """The rows of one statement, in a transaction of its own."""
        with self.connection() as connection:
            return connection.execute(query.encode(), values).fetchall()

    def row(self, query: str, values: Any = ()) -> Row | None:
        """The first row of one statement."""
        with self.connection() as connection:
            return connection.execute(query.encode(), values).fetchone()

    def execute(self, query: str, values: Any = ()) -> int:
        """Run one statement; how many rows it touched."""
        with self.connection() as connection:
            return connection.execute(query.encode(), values).rowcount


class Rehearsal(Statements):
    """Statements on one connection, each transaction a savepoint of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextmanager
    def connection(self, doing: str = "the database failed") -> Iterator[Connection]:
        with store_errors(doing), self._connection.transaction():
            yield self._connection


class Store(Statements):
    """A migrated database and a Redis. Query doors take it; close it, or use `with`.

    Thread-safe. Redis is started or connected to when it is first asked for.
    """

    def __init__(self, settings: Settings, conninfo: str, closing: ExitStack) -> None:
        self.settings = settings
        self.conninfo = conninfo
        self._closing = closing
        self._redis: redis.Redis | None = None
        self.pool: ConnectionPool[Connection] = _pool(conninfo)
        closing.callback(self.pool.close)
        atexit.register(self.close)

    @property
    def embedded(self) -> bool:
        """Whether the database is ours to start and stop."""
        return self.settings.database_url is None

    @contextmanager
    def connection(self, doing: str = "the database failed") -> Iterator[Connection]:
        with store_errors(doing), self.pool.connection() as connection:
            yield connection

    @contextmanager
    def rehearsal(self, doing: str) -> Iterator[Rehearsal]:
        """Statements that see what they wrote, and of which nothing stays.

        Raises StoreError, saying what was being done.
        """
        with (
            self.connection(doing) as connection,
            connection.transaction(force_rollback=True),
        ):
            yield Rehearsal(connection)

    def redis(self) -> redis.Redis:
        """The Redis client, text in and out. StoreError when there is no server."""
        if self._redis is None:
            self._redis = self._closing.enter_context(_redis(self.settings))
        return self._redis

    def close(self) -> None:
        """Give everything back; the last one out stops the embedded servers."""
        atexit.unregister(self.close)
        self._redis = None
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(settings: Settings) -> Store:
    """Start or reach the database, migrate it, and hand over the Store.

    Raises StoreError: unreachable, refused, too old, newer than this program, disk full.
    """
    with ExitStack() as stack:
        conninfo = stack.enter_context(_postgres(settings))
        with store_errors("the database cannot be used"):
            prepare(conninfo)
        return Store(settings, conninfo, stack.pop_all())


def prepare(conninfo: str) -> None:
    """Check the server's version and bring the schema up to date."""
    with psycopg.connect(
        conninfo, autocommit=True, connect_timeout=PATIENCE
    ) as connection:
        version = connection.info.server_version // 10_000
        if version < OLDEST:
            raise StoreError(
                f"this Postgres is version {version}; ASZA needs {OLDEST} or newer",
                field="DATABASE_URL",
                value=version,
                remedy="use a newer server, or remove DATABASE_URL for the embedded one",
            )
        migrate(connection)


def embedded_postgres(settings: Settings) -> EmbeddedPostgres:
    """The server of this home, running or not."""
    return EmbeddedPostgres(settings.home / "postgres")


def embedded_valkey(settings: Settings) -> EmbeddedValkey:
    """The server of this home, running or not."""
    return EmbeddedValkey(settings.home / "valkey")


@contextmanager
def _postgres(settings: Settings) -> Iterator[str]:
    """A connection string for as long as it is needed."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = embedded_postgres(settings)
    with _lease(server, server.folder) as conninfo:
        yield conninfo


@contextmanager
def _redis(settings: Settings) -> Iterator[redis.Redis]:
    with ExitStack() as stack:
        url = stack.enter_context(_redis_url(settings))
        with store_errors("Redis cannot be used"):
            client = connect(url)
            stack.callback(client.close)
            client.ping()
        yield client


@contextmanager
def _redis_url(settings: Settings) -> Iterator[str]:
    if settings.redis_url is not None:
        yield settings.redis_url.get_secret_value()
        return
    server = embedded_valkey(settings)
    with _lease(server, server.folder) as url:
        yield url


def connect(url: str) -> redis.Redis:
    """A client for a URL, not connected yet. StoreError when it is no Redis URL."""
    import redis  # 0.1 s that `asza list` need not spend
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        client: redis.Redis = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),  # a wake-up that is late is worth nothing
        )
    except ValueError as error:
        raise StoreError(
            f"REDIS_URL is not usable: {error}", field="REDIS_URL", remedy=REDIS
        ) from error
    return client


def _lease(
    server: EmbeddedPostgres | EmbeddedValkey, folder: Path
) -> AbstractContextManager[str]:
    @contextmanager
    def held() -> Iterator[str]:
        with _disk(folder):
            state_folder(folder.parent, folder.name)
            lease = Lease(server)
            address = lease.enter()
        try:
            yield address
        finally:
            with _disk(folder):
                lease.leave()

    return held()


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the state folder cannot be used: {error}",
            where=str(folder),
            remedy=disk_remedy(error),
        ) from error


def _pool(conninfo: str) -> ConnectionPool[Connection]:
    # Its warnings would go to stderr, before the error that says the same in our words.
    getLogger("psycopg.pool").setLevel(CRITICAL)
    return ConnectionPool(
        conninfo,
        kwargs={"client_encoding": "utf8", "connect_timeout": PATIENCE},
        min_size=1,
        max_size=8,
        timeout=PATIENCE,
        reconnect_timeout=PATIENCE,
        check=ConnectionPool.check_connection,
        configure=_configure,
        open=True,
        name="asza",
    )


def _configure(connection: Connection) -> None:
    """The same everywhere, whatever an external server's defaults are."""
    set_json_loads(loads, connection)
    connection.prepare_threshold = 3
    connection.execute(SESSION)
    connection.commit()
