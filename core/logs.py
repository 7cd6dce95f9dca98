"""Logs: one JSON object a line in <home>/logs, a file a day, thirty days, no secrets.

Every process appends to the day's file, so no process ever renames another's.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

from core.errors import StoreError
from core.home import open_private, state_folder
from core.settings import Settings

if TYPE_CHECKING:
    from loguru import Record

FILE = "asza-{time:YYYY-MM-DD}.jsonl"
KEPT = timedelta(days=30)


def start_logging(settings: Settings, *, stderr: str | None = None) -> Path:
    """Log to files from now on; the folder. `stderr` names a level to show there too.

    Replaces whatever logging was set up before. Raises StoreError when the folder cannot
    be written.
    """
    folder = settings.home / "logs"
    logger.remove()
    try:
        state_folder(settings.home, folder.name)
        forget(folder, datetime.now(UTC))
        logger.add(
            folder / FILE,
            level=settings.asza_log_level,
            format=json_format(settings),
            rotation="00:00",
            retention=KEPT,
            encoding="utf-8",
            opener=open_private,
            backtrace=False,
            diagnose=False,
        )
    except OSError as error:
        raise StoreError(
            f"the log cannot be written: {error}",
            where=str(folder),
            remedy="free disk space, or set ASZA_HOME to a folder you may write",
        ) from error
    if stderr is not None:
        logger.add(sys.stderr, level=stderr, format=text_format(settings))
    return folder


def json_format(settings: Settings) -> Callable[["Record"], str]:
    """A loguru format that writes a record as one line of JSON without secrets."""

    def line(record: "Record") -> str:
        plain = settings.redacted(as_dict(record))
        record["extra"]["_line"] = json.dumps(plain, default=str)
        return "{extra[_line]}\n"

    return line


def as_dict(record: "Record") -> dict[str, Any]:
    """What is worth keeping of a log record."""
    extra = {k: v for k, v in record["extra"].items() if k != "_line"}
    exception = record["exception"]
    failed = (
        {"error": f"{exception.type.__name__}: {exception.value}"}
        if (exception and exception.type)
        else {}
    )
    return {
        "at": record["time"].isoformat(),
        "level": record["level"].name,
        "message": record["message"],
        "logger": record["name"],
        "function": record["function"],
        "line": record["line"],
        "process": record["process"].id,
        **failed,
        **({"extra": extra} if extra else {}),
    }


def forget(folder: Path, now: datetime) -> list[Path]:
    """Delete log files last written more than thirty days ago; which they were.

    Loguru's own retention runs when a file is rotated: a command that lives for a second
    never sees that.
    """
    oldest = (now - KEPT).timestamp()
    old = [f for f in folder.glob("asza-*.jsonl") if f.stat().st_mtime < oldest]
    for file in old:
        file.unlink(missing_ok=True)
    return old


def text_format(settings: Settings) -> Callable[["Record"], str]:
    """A loguru format for people: the level, the message, what failed, no secrets."""

    def line(record: "Record") -> str:
        said = as_dict(record)
        failed = f" ({said['error']})" if "error" in said else ""
        text = f"{said['level']}: {said['message']}{failed}"
        record["extra"]["_line"] = settings.redacted(text)
        return "{extra[_line]}\n"

    return line
