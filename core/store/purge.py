"""Purge: everything of ours goes, nothing of anybody else's does, and a backup stays."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import redis

from core.errors import ConfigError
from core.events import glob_escaped
from core.store.backup import backup, drop_schemas
from core.store.connection import Store
from core.store.faults import store_errors

TYPED = "YES"
AT_ONCE = 500


@dataclass(frozen=True)
class Purged:
    """What went: rows and Redis keys; and where the backup is."""

    backup: Path
    rows: int
    keys: int


def purge(store: Store, typed: str, path: Path | None = None) -> Purged:
    """Back up, then drop schemas `trading_data` and `system_logs` and our Redis keys.

    `typed` is what the person typed: anything but YES is a ConfigError, and then nothing
    happens. The store cannot be used afterwards; the next `open_store` migrates anew.
    """
    if typed != TYPED:
        raise ConfigError(
            "nothing was purged: it must be confirmed",
            field="confirmation",
            value=typed,
            remedy=f"type {TYPED}, in capitals; a backup is made first",
        )
    client = store.redis()  # before anything is dropped: both or neither
    saved, manifest = backup(store, path)
    with store.connection("the store was not purged") as connection:
        drop_schemas(connection)
    return Purged(
        saved, manifest.rows, delete_keys(client, store.settings.redis_prefix)
    )


def delete_keys(client: redis.Redis, prefix: str) -> int:
    """Delete the keys that begin with `prefix`, found by SCAN; how many."""
    with store_errors("the Redis keys were not deleted"):
        found = client.scan_iter(match=f"{glob_escaped(prefix)}*", count=AT_ONCE)
        return sum(int(client.unlink(*keys)) for keys in _by(AT_ONCE, found))


def _by(size: int, keys: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(keys, size)):
        yield some
