"""How far a clone in another process is: figures sent as datagrams, for a table.

A courtesy and nothing more. A lost datagram loses a figure that the next one brings;
no result travels here, nothing that arrives is obeyed, and nobody waits.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

_HERE = "127.0.0.1"
_LONGEST = 1_024  # bytes; a report has some eighty


class Figures(NamedTuple):
    """What a rung has tried so far, what survived, and the process that does it."""

    rung: str
    tried: int
    survivors: int
    process: int


@dataclass(frozen=True, slots=True)
class Teller:
    """Sends a rung's figures to whoever listens; it pickles."""

    address: tuple[str, int]
    token: str
    rung: str

    def __call__(self, tried: int, survivors: int) -> None:
        """One report; no error, whatever becomes of it."""
        figures = Figures(self.rung, tried, survivors, os.getpid())
        line = json.dumps([self.token, *figures]).encode()
        with suppress(OSError), _socket() as wire:
            wire.sendto(line, self.address)


class Listener:
    """Hears tellers, those on a cluster too where `towards` is their scheduler's URL."""

    def __init__(self, towards: str = "") -> None:
        self._wire = _socket()
        self._wire.bind((_reached_at(towards), 0))
        self._wire.setblocking(False)
        self._token = secrets.token_hex(8)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wire.close()

    def teller(self, rung: str) -> Teller:
        """What a rung reports with."""
        host, port = self._wire.getsockname()
        return Teller((host, port), self._token, rung)

    def heard(self) -> Iterator[Figures]:
        """Everything that has arrived and is ours; it does not wait."""
        with suppress(BlockingIOError):
            while True:
                figures = _figures(self._wire.recv(_LONGEST), self._token)
                if figures is not None:
                    yield figures


def _figures(line: bytes, token: str) -> Figures | None:
    with suppress(ValueError, TypeError):
        said, rung, tried, survivors, process = json.loads(line)
        if said == token:
            return Figures(str(rung), int(tried), int(survivors), int(process))
    return None


def _reached_at(url: str) -> str:
    """This machine's address as the host of a URL sees it."""
    parts = urlsplit(url)
    if not parts.hostname:
        return _HERE
    with suppress(OSError), _socket() as wire:
        wire.connect((parts.hostname, parts.port or 1))  # a datagram's: nothing is sent
        return str(wire.getsockname()[0])
    return _HERE


def _socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
