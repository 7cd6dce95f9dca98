"""A database or Redis that is dead, dying or somebody else: exit 9, and back again."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

import core.store.connection as connections
from core.settings import Settings
from core.store import open_store
from core.store.connection import embedded_postgres, embedded_valkey
from tests.faults.conftest import RULE, SUM, Asza, begin, check_whole, finish

FOUR = (
    "Buy when RSI 14 is below 30. Sell when RSI 14 rises above 60. "
    "Stop loss 2 ATR, take profit 3 ATR."
)
SECRET = "hunter2hunter2"


@contextmanager
def answering(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a free port that does this with each connection."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                talk(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(server.getsockname()[1])
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(60)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def refuses_the_password(client: socket.socket) -> None:
    """Postgres' wire: no TLS, a password in clear text, and then no."""
    asked = client.recv(1024)
    while len(asked) == 8:  # asks for TLS or GSS
        client.sendall(b"N")
        asked = client.recv(1024)
    client.sendall(message(b"R", (3).to_bytes(4, "big")))
    client.recv(1024)
    said = b'password authentication failed for user "me"'
    client.sendall(message(b"E", b"SFATAL\0C28P01\0M" + said + b"\0\0"))


def talks_http(client: socket.socket) -> None:
    client.recv(1024)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def hangs_up(client: socket.socket) -> None:
    client.recv(1)


def at(port: int) -> str:
    return f"postgresql://me:{SECRET}@127.0.0.1:{port}/db?gssencmode=disable"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Bound, so that no other test gets it, and not listened at."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


@pytest.mark.parametrize(
    "command",
    [
        ("plan", RULE), ("ask", RULE), ("build",), ("run", "x"), ("history", "a.b"),
        ("show", "a.b"), ("budget",), ("thoughts",), ("reflections",),
        ("rollback", "a.b"), ("diff", "a.b"), ("store", "sizes"), ("store", "backup"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_database_is_told_by_every_command_that_needs_it(
    refused: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    closed_port: int,
    command: tuple[str, ...],
) -> None:
    monkeypatch.setenv("DATABASE_URL", at(closed_port))
    refused(9, *command, says="DATABASE_URL")


def test_what_needs_no_database_works_without_one(
    asza: Asza, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    monkeypatch.setenv("DATABASE_URL", at(closed_port))
    done = asza("list", "--json").went()
    assert [each["module"] for each in done.json] == ["sums.f"]
    assert "Showing what the files say" in done.err
    doctor = asza("doctor")
    assert doctor.code == 9
    assert SECRET not in doctor.out + doctor.err
    assert "DATABASE_URL" in doctor.out


@pytest.mark.parametrize(
    ("talk", "says"),
    [
        (refuses_the_password, "password authentication failed"),
        (talks_http, "DATABASE_URL"),
        (hangs_up, "DATABASE_URL"),
    ],
)
def test_a_server_that_is_none_of_ours_is_told_without_the_password(
    asza: Asza,
    monkeypatch: pytest.MonkeyPatch,
    talk: Callable[[socket.socket], None],
    says: str,
) -> None:
    with answering(talk) as port:
        monkeypatch.setenv("DATABASE_URL", at(port))
        done = asza("plan", RULE).refused(9, says)
    assert SECRET not in done.err


def test_a_server_that_never_answers_is_given_up(
    asza: Asza, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 2)
    with answering(lambda client: time.sleep(3)) as port:
        monkeypatch.setenv("DATABASE_URL", at(port))
        asza("plan", RULE).refused(9, "DATABASE_URL")


def test_a_dead_redis_stops_nothing_that_does_not_need_it(
    asza: Asza, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://:{SECRET}@127.0.0.1:{closed_port}/0")
    asza("ask", SUM, "--stack", "sums").went()
    asza("run", "sums", "--in", '{"a": "x", "b": 1}').refused(11)
    doctor = asza("doctor")
    assert doctor.code == 9
    assert "REDIS_URL" in doctor.out
    assert SECRET not in doctor.out


def kill(pid: int | None) -> None:
    """-9 to a server and everything it started; it is gone when this returns."""
    assert pid is not None
    psutil.Process(pid).suspend()  # or it could start one that is not in the list
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=60)


def test_a_server_killed_in_the_middle_of_a_build_is_told_and_comes_back(
    alone: Settings, here: Asza
) -> None:
    with open_store(alone):
        process = begin(("ask", FOUR, "--stack", "four", "--no-run"))
        module = alone.root / "generated" / "four" / "long_entry.py"
        while not module.exists() and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGSTOP)  # or it might be through before the end
        kill(embedded_postgres(alone).pid())
        process.send_signal(signal.SIGCONT)
        finish(process).refused(9, "asza doctor")
    here("list").went()
    here("ask", FOUR, "--stack", "four", "--no-run").went()
    with open_store(alone) as store:
        check_whole(store)


def test_everything_killed_with_9_starts_again(alone: Settings, here: Asza) -> None:
    here("ask", SUM, "--stack", "sums", "--no-run").went()
    holder = begin(("ask", RULE, "--stack", "dips", "--no-run"))
    while not (alone.root / "generated" / "dips").exists() and holder.poll() is None:
        time.sleep(0.005)
    kill(holder.pid)
    holder.communicate()
    kill(embedded_postgres(alone).pid())
    here("build").went()
    with open_store(alone) as store:
        check_whole(store)
        store.redis().ping()
        kill(embedded_valkey(alone).pid())
    here("doctor").went()
    assert embedded_postgres(alone).pid() is None, "the last one out stops it"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[[1, 2, 3]]", json.dumps([[os.getpid(), 0.0, "old"]]), "\x00"],
    ids=["empty", "cut", "strange", "another program", "NUL"],
)
def test_stale_locks_and_lists_are_recognised(
    alone: Settings, here: Asza, text: str
) -> None:
    here("list").went()
    folder = alone.home / "postgres"
    (folder / "holders.json").write_text(text)
    (folder / "holders.lock").write_text("")
    pid_file = folder / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{folder}\n0\n5432\n\n\n\nready\n")
    (alone.home / "locks").mkdir(exist_ok=True)
    (alone.home / "locks" / "modules.lock").write_text("")
    here("ask", SUM, "--stack", "sums", "--no-run").went()
    with open_store(alone) as store:
        check_whole(store)
