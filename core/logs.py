"""Logs: one JSON object a line in <home>/logs, a file a day, thirty days, no secrets.

Every process appends to the day's file, so no process ever renames another's.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

from core.errors import StoreError
from core.redact import redact_value
from core.settings import Settings

if TYPE_CHECKING:
    from loguru import FilterFunction, Record

FILE = "asza-{time:YYYY-MM-DD}.jsonl"
KEPT = "30 days"


def start_logging(settings: Settings, *, stderr: str | None = None) -> Path:
    """Log to files from now on; the folder. `stderr` names a level to show there too.

    Replaces whatever logging was set up before. Raises StoreError when the folder cannot
    be written.
    """
    folder = settings.home / "logs"
    logger.remove()
    try:
        logger.add(
            folder / FILE,
            level=settings.asza_log_level,
            format=json_format(settings),
            rotation="00:00",
            retention=KEPT,
            encoding="utf-8",
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
        _show(settings, stderr)
    return folder


def json_format(settings: Settings) -> Callable[["Record"], str]:
    """A loguru format that writes a record as one line of JSON without secrets."""

    def line(record: "Record") -> str:
        plain = redact_value(as_dict(record), settings.secrets())
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


def _show(settings: Settings, level: str) -> None:
    clean = _cleaner(settings)
    logger.add(
        sys.stderr,
        level=level,
        format="{level.name}: {message}",
        filter=clean,
        backtrace=False,
        diagnose=False,
    )


def _cleaner(settings: Settings) -> "FilterFunction":
    def clean(record: "Record") -> bool:
        record["message"] = redact_value(record["message"], settings.secrets())
        return True

    return clean
