"""The CPython worker's streams: two pipes out of a candidate's reach, and nowhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any


class Nowhere:
    """What a candidate prints to."""

    encoding, errors, closed = "utf-8", "replace", False

    def write(self, text: str) -> int:
        """Taken, and forgotten."""
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""

    def isatty(self) -> bool:
        """Nobody looks."""
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def readline(self, _: int = -1) -> str:
        """Nothing is typed."""
        return ""

    read = readline


def received(handle: int, size: int) -> bytes:
    """So many bytes, or what there is before the end."""
    data = b""
    while len(data) < size:
        piece = os.read(handle, size - len(data))
        if not piece:
            break
        data += piece
    return data


def say(handle: int, data: bytes) -> None:
    """All of it, however often that takes."""
    while data:
        data = data[os.write(handle, data) :]


def streams() -> tuple[int, int]:
    """Our two pipes out of reach of `print` and `input`, which get nothing at all."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    jobs, answers = os.dup(0), os.dup(1)
    for handle in (0, 1, 2):
        os.dup2(nowhere, handle)
    sink: Any = Nowhere()
    sys.stdin = sys.stdout = sys.stderr = sink
    sys.__stdin__ = sys.__stdout__ = sys.__stderr__ = sink  # type: ignore[misc]
    return jobs, answers
