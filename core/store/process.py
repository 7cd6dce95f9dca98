"""Start, find and stop a server process that outlives the program that started it."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.errors import StoreError

# The shell exits at once: the server belongs to nobody, leaves no zombie behind in a
# long-running program, and a Ctrl-C at the terminal does not reach it.
LAUNCH = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'


@dataclass(frozen=True, slots=True)
class Account:
    """The system user a server runs as; None fields mean: the current one."""

    uid: int | None = None
    gid: int | None = None

    def options(self) -> dict[str, object]:
        """What `subprocess` needs to become this user."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


CURRENT = Account()


def spawn(command: Sequence[str], log: Path, cwd: Path, account: Account) -> int:
    """Start a server in a session of its own; its pid. Output is appended to `log`."""
    argv = ["/bin/sh", "-c", LAUNCH, "sh", str(log), *command]
    return int(run(argv, cwd, account, start_new_session=True))


def run(
    command: Sequence[str],
    cwd: Path,
    account: Account = CURRENT,
    *,
    start_new_session: bool = False,
) -> str:
    """Run a command to its end; its output. StoreError with what it said otherwise."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=_environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            start_new_session=start_new_session,
            **account.options(),  # type: ignore[call-overload]
        )
    except subprocess.CalledProcessError as error:
        raise StoreError(
            f"{Path(command[0]).name} failed: {error.stderr.strip()[-800:]}",
            remedy="look at free disk space and at the permissions of the state "
            "folder, or set DATABASE_URL and REDIS_URL to servers of your own",
        ) from error
    return str(done.stdout)


def running(pid: int, name: str, cwd: Path) -> bool:
    """Whether `pid` is that server: after a reboot the number may be another's."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.name().startswith(name) and Path(process.cwd()) == cwd.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def started(pid: int) -> float:
    """When a process started, seconds since 1970; -1 for one that is gone."""
    try:
        process = psutil.Process(pid)
        dead = process.status() == psutil.STATUS_ZOMBIE
        return -1.0 if dead else float(process.create_time())
    except psutil.Error:
        return -1.0


def stop(pid: int, polite: signal.Signals, patience: float = 20.0) -> None:
    """Ask a server to end, wait for it, kill it when it does not listen."""
    try:
        process = psutil.Process(pid)
        process.send_signal(polite)
        _wait(process, patience)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()
        with suppress(psutil.Error):  # it ends when the kernel comes to it
            _wait(process, patience)


def read_pid(file: Path) -> int | None:
    """The number on a pid file's first line; None when there is none."""
    try:
        lines = file.read_text().split("\n", 1)
    except (OSError, UnicodeDecodeError):
        return None
    return int(lines[0]) if lines[0].strip().isdigit() else None


def tail(log: Path, characters: int = 600) -> str:
    """The end of a server's log, for the error that says it did not start."""
    try:
        return log.read_text(errors="replace")[-characters:].strip()
    except OSError:
        return ""


def _wait(process: psutil.Process, patience: float) -> None:
    """Wait for an end; a zombie that nobody buries has ended too."""
    gone, _ = psutil.wait_procs([process], timeout=0.05)
    waited = 0.05
    while not gone and waited < patience:
        if process.status() == psutil.STATUS_ZOMBIE:
            return
        gone, _ = psutil.wait_procs([process], timeout=0.1)
        waited += 0.1
    if not gone:
        raise psutil.TimeoutExpired(patience, process.pid)


def _environment() -> Mapping[str, str]:
    """A server inherits no key of ours, and no locale the machine may not have."""
    kept = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
    return {"LC_ALL": "C", **{n: os.environ[n] for n in kept if n in os.environ}}
