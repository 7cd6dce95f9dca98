"""Embedded servers: shared by processes, stopped by the last, sound after a kill."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from loguru import logger

from core.settings import Settings
from core.store import Modules, Plans, open_store
from core.store.connection import embedded_postgres, embedded_valkey
from core.store.lease import Lease
from core.store.postgres import (
    LONGEST_SOCKET,
    fits_a_socket,
    open_the_way,
    short_path,
)
from core.store.process import Account
from tests.conftest import HOME, stop_servers

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from core.settings import Settings
from core.store import Plans, open_store
store = open_store(Settings(asza_home=Path(sys.argv[1])))
store.redis().ping()
Plans(store).save("demo", "from another process", {}, "offline")
print("open", flush=True)
sys.stdin.readline()
store.close()
print("closed", flush=True)
"""
Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """A home whose database was created once; every test finds its servers stopped."""
    folder = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getpid()}-"))
    open_store(Settings(asza_home=folder)).close()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """Not pytest's own: another session of it closes that to other users again."""
    folder = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getpid()}-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def alone(shared_home: Path) -> Iterator[Settings]:
    """Settings of that home."""
    yield Settings(asza_home=shared_home)
    stop_servers(shared_home)


@pytest.fixture
def start(alone: Settings) -> Iterator[Start]:
    """Start another program that has the store open."""
    with ExitStack() as stack:

        def started() -> "subprocess.Popen[str]":
            command = [sys.executable, "-c", PROGRAM, str(alone.home)]
            pipe = subprocess.PIPE
            child = subprocess.Popen(
                command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True
            )
            stack.callback(child.kill)
            stack.enter_context(child)
            assert child.stdout is not None
            assert child.stdout.readline() == "open\n"
            return child

        yield started


def leave(child: "subprocess.Popen[str]") -> None:
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()
    assert child.wait(120) == 0


def up(settings: Settings) -> tuple[bool, bool]:
    """Whether Postgres and Valkey run."""
    postgres, valkey = embedded_postgres(settings), embedded_valkey(settings)
    return postgres.pid() is not None, valkey.pid() is not None


def test_the_last_one_out_stops_the_servers(alone: Settings, start: Start) -> None:
    first, second = start(), start()
    leave(first)  # the one that started them
    assert up(alone) == (True, True)
    with open_store(alone) as store:
        assert [p.request for p in Plans(store).list()][:2] == [
            "from another process"
        ] * 2
    leave(second)
    assert up(alone) == (False, False)


def test_a_program_killed_with_9_is_struck_off(alone: Settings, start: Start) -> None:
    child = start()
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert up(alone) == (True, True)
    with open_store(alone) as store:
        assert store.redis().ping()
    assert up(alone) == (False, False)


def test_two_stores_of_one_process_are_two_holders(alone: Settings) -> None:
    one, other = open_store(alone), open_store(alone)
    one.close()
    assert up(alone)[0]
    other.close()
    assert up(alone) == (False, False)


def test_closing_twice_is_closing_once(alone: Settings) -> None:
    one, other = open_store(alone), open_store(alone)
    one.close()
    one.close()
    assert up(alone)[0]
    other.close()


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_server_killed_with_9_is_started_again_with_its_data(
    alone: Settings, kind: str
) -> None:
    with open_store(alone) as store:
        number = Plans(store).save("kept", "kept", {}, "offline")
        store.redis()
        servers = {"postgres": embedded_postgres, "valkey": embedded_valkey}
        pid = servers[kind](alone).pid()
        assert pid is not None
        psutil.Process(pid).kill()
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], 5)
    with open_store(alone) as store:
        latest = Plans(store).latest("kept")
        assert latest is not None
        assert latest.id == number
        assert store.redis().ping()


def test_a_pid_file_from_before_a_reboot_is_seen_through(alone: Settings) -> None:
    """The number in it belongs to another program by now: to this test."""
    stale = f"{os.getpid()}\n{alone.home}/postgres/data\n1\n5432\n/tmp\n\n1 1\nready\n"
    (alone.home / "postgres" / "data" / "postmaster.pid").write_text(stale)
    valkey = alone.home / "valkey"
    valkey.mkdir(exist_ok=True)
    (valkey / "valkey.pid").write_text(f"{os.getpid()}\n")
    (valkey / "valkey.sock").unlink(missing_ok=True)
    (valkey / "valkey.sock").write_text("not a socket")
    with open_store(alone) as store:
        assert Modules(store).generation() >= 0
        assert store.redis().ping()


@pytest.mark.parametrize("left", ["", "[[1, 2", '{"a": 1}', "[[1, 0.5, 7]]"])
def test_a_damaged_list_of_holders_is_nobody(alone: Settings, left: str) -> None:
    file = alone.home / "postgres" / "holders.json"
    file.write_text(left)
    server = embedded_postgres(alone)
    assert Lease(server).holders() == []
    lease = Lease(server)
    lease.enter()
    assert [h[0] for h in lease.holders()] == [os.getpid()]
    lease.leave()
    assert json.loads(file.read_text()) == []
    assert server.pid() is None


def test_a_number_given_to_another_process_is_not_a_holder(alone: Settings) -> None:
    file = alone.home / "postgres" / "holders.json"
    file.write_text(json.dumps([[os.getpid(), 12345.0, "old"]]))
    assert Lease(embedded_postgres(alone)).reap()


def test_no_server_listens_on_the_network(alone: Settings) -> None:
    with open_store(alone) as store:
        store.redis()
        for server in (embedded_postgres(alone), embedded_valkey(alone)):
            process = psutil.Process(server.pid() or 0)
            listening = [
                c for c in process.net_connections("inet") if c.status == "LISTEN"
            ]
            assert listening == []


def test_a_servers_process_holds_no_key(
    alone: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-Ab12Cd34Ef56Gh78")
    with open_store(alone) as store:
        store.redis()
        for server in (embedded_postgres(alone), embedded_valkey(alone)):
            names = psutil.Process(server.pid() or 0).environ()
            assert "OPENAI_API_KEY" not in names


def test_a_long_path_with_odd_letters_works(
    own_folder: Path,
) -> None:
    """A unix socket's path is limited; so is the list of folders Postgres reads."""
    home = own_folder / ("x" * LONGEST_SOCKET) / 'it\'s "here", ü $HOME'
    settings = Settings(asza_home=home)
    assert not fits_a_socket(home / "postgres" / "data" / ".s.PGSQL.5432")
    with open_store(settings) as store:
        assert Modules(store).generation() == 0
        assert store.redis().ping()
    assert up(settings) == (False, False)
    assert not short_path(home / "postgres").exists()
    assert not short_path(home / "valkey").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root opens folders")
def test_only_folders_that_cannot_be_passed_are_opened_and_each_is_logged(
    own_folder: Path,
) -> None:
    shut, data = own_folder / "shut", own_folder / "shut" / "theirs"
    data.mkdir(parents=True)
    for folder, mode in ((own_folder, 0o711), (shut, 0o700), (data, 0o700)):
        folder.chmod(mode)
    os.chown(data, 12345, 12345)
    said: list[str] = []
    handler = logger.add(said.append, format="{message}")
    root = Path("/").stat().st_mode
    open_the_way(data, Account(12345, 12345))
    logger.remove(handler)
    modes = [f.stat().st_mode & 0o777 for f in (own_folder, shut, data)]
    assert modes == [0o711, 0o701, 0o700]
    assert Path("/").stat().st_mode == root
    assert [line for line in said if str(own_folder) in line] == [
        f"opening {shut} to pass, not to read: 1\n"
    ]


def test_without_being_root_no_folder_is_opened(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_folder.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    open_the_way(own_folder, Account(12345, 12345))
    assert own_folder.stat().st_mode & 0o777 == 0o700
