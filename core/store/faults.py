"""Whatever dies underneath becomes one kind of error, with what to do about it."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors as pg
from psycopg_pool import PoolTimeout

from core.errors import StoreError
from core.redact import redact

DISK = "free disk space (`asza doctor` shows the sizes) and try again"
DATABASE = "check that Postgres runs and DATABASE_URL is right (`asza doctor`)"
REDIS = "check that Redis runs and REDIS_URL is right (`asza doctor`)"
SILENT = (
    "see with `asza doctor` whether the database runs; where it does, too many things "
    "use it at once: try again, or raise max_connections"
)
NEWER = "run `asza doctor`; the database may be older or newer than this program"


@contextmanager
def store_errors(doing: str) -> Iterator[None]:
    """Turn what psycopg, redis and the disk raise into a StoreError about `doing`."""
    try:
        yield
    except psycopg.Error as error:
        raise _failed(doing, error, _postgres_remedy(error)) from error
    except _redis_errors() as error:
        raise _failed(doing, error, REDIS) from error
    except OSError as error:
        raise _failed(doing, error, disk_remedy(error)) from error


def disk_remedy(error: OSError) -> str:
    """What to do about a file that cannot be read or written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "make the folder writable for this user, or set ASZA_HOME elsewhere"
    return DATABASE


def _redis_errors() -> tuple[type[Exception], ...]:
    """Nothing of Redis can fail in a program that never imported it."""
    module = sys.modules.get("redis")
    return (module.RedisError,) if module else ()


def _postgres_remedy(error: psycopg.Error) -> str:
    if isinstance(error, pg.DiskFull):
        return DISK
    if isinstance(error, pg.UndefinedTable | pg.UndefinedColumn | pg.InvalidSchemaName):
        return NEWER
    if isinstance(error, PoolTimeout):
        return SILENT
    return DATABASE


def _failed(doing: str, error: Exception, remedy: str) -> StoreError:
    said = redact(" ".join(str(error).split()) or type(error).__name__)
    return StoreError(f"{doing}: {said[:600]}", remedy=remedy)
