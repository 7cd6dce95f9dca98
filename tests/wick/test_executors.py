"""Where clones run: sealed processes that are replaced when they die, and a real cluster."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from core.errors import ConfigError
from core.settings import SECRETS, Settings
from wick.executors import Workers, executor
from wick.progress import Figures, Listener, Teller

ROOT = Path(__file__).parents[2]
LONG = 100.0  # seconds, however slow the machine


def keys() -> dict[str, str]:
    return {name: os.environ[name] for name in SECRETS if name in os.environ}


def reads_a_key(root: Path) -> str | None:
    from core.settings import load_settings

    return load_settings(root).secret("OPENAI_API_KEY")


def group() -> tuple[int, int]:
    return os.getpid(), os.getpgrp()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat() -> int:
    return len(bytearray(3 * 2**30))


def hang_with_a_child(file: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    file.write_text(f"{os.getpid()} {child.pid}")
    child.wait()


def says(teller: Teller) -> None:
    teller(1_000, 2)


@pytest.fixture
def workers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdefghij")
    (settings.root / ".env").write_text("OPENAI_API_KEY=sk-0123456789abcdefghij\n")
    with executor(settings, processes=2) as running:
        assert isinstance(running, Workers)
        yield running


def test_a_process_holds_no_key_and_cannot_read_one(
    workers: Workers, settings: Settings
) -> None:
    assert keys() != {}
    assert workers.submit(keys).result() == {}
    error = workers.submit(reads_a_key, settings.root).exception()
    assert isinstance(error, ConfigError)


def test_a_process_leads_a_group_that_is_not_ours(workers: Workers) -> None:
    number, leads = workers.submit(group).result()
    assert number == leads != os.getpgrp()


def test_a_worker_that_dies_costs_its_own_call_and_is_replaced(
    workers: Workers,
) -> None:
    dead, alive = workers.submit(die), workers.submit(group)
    assert isinstance(dead.exception(), BrokenProcessPool)
    assert alive.exception() is None
    again = [workers.submit(group).result()[0] for _ in range(4)]
    assert all(map(psutil.pid_exists, again))


def test_what_is_abandoned_is_killed_with_everything_it_started(
    workers: Workers, tmp_path: Path
) -> None:
    os.mkfifo(file := tmp_path / "pids")
    future = workers.submit(hang_with_a_child, file)
    pids = written(file)
    workers.abandon(future)
    assert isinstance(future.exception(), BrokenProcessPool)
    assert ended(pids)
    assert workers.submit(group).exception() is None


def test_leaving_stops_what_still_runs(settings: Settings, tmp_path: Path) -> None:
    os.mkfifo(file := tmp_path / "pids")
    with executor(settings, processes=2) as running:
        running.submit(hang_with_a_child, file)
        pids = written(file)
    assert ended(pids)


def test_memory_is_bounded(workers: Workers) -> None:
    assert isinstance(workers.submit(eat).exception(), MemoryError)


def test_nothing_outlives_a_parent_that_is_killed(
    settings: Settings, tmp_path: Path
) -> None:
    os.mkfifo(file := tmp_path / "pids")
    code = (
        "from pathlib import Path; from core.settings import load_settings\n"
        "from wick.executors import executor\n"
        "from tests.wick.test_executors import hang_with_a_child\n"
        "if __name__ == '__main__':\n"
        "    with executor(load_settings(), processes=1) as running:\n"
        f"        running.submit(hang_with_a_child, Path({str(file)!r})).result()\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen([sys.executable, str(script)], env=environment, cwd=ROOT)
    pids = written(file)
    parent.kill()
    parent.wait()
    assert ended(pids)


def test_figures_arrive_from_another_process(workers: Workers) -> None:
    with Listener() as listener:
        workers.submit(says, listener.teller("search")).result()
        (heard,) = listener.heard()
    assert heard[:3] == ("search", 1_000, 2)


def test_what_is_not_ours_is_not_heard() -> None:
    with Listener() as listener, Listener() as other:
        host, port = listener.teller("search").address
        other.teller("search")(1, 1)
        Teller((host, port), "another token", "search")(9, 9)
        listener.teller("search")(3, 1)
        heard = list(listener.heard())
        assert heard == [Figures("search", 3, 1, os.getpid())]
        assert list(listener.heard()) == []


def test_nobody_listening_is_no_error() -> None:
    with Listener() as listener:
        teller = listener.teller("search")
    teller(1, 0)


def test_a_cluster_that_does_not_answer_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wick.executors._PATIENCE", 0.5)
    url = "tcp://127.0.0.1:9"
    named = settings.model_copy(update={"asza_cluster": url})
    with pytest.raises(ConfigError) as caught, executor(named):
        pass
    assert caught.value.field == "ASZA_CLUSTER"
    assert url in caught.value.message
    assert "unset ASZA_CLUSTER" in caught.value.remedy


def test_dask_is_imported_only_for_a_cluster() -> None:
    code = (
        "import sys, wick.executors, wick.ladder\n"
        "print({'distributed', 'dask', 'openai', 'anthropic'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


def written(file: Path) -> list[int]:
    """The numbers that a process writes into a pipe with a name, once it does."""
    return list(map(int, file.read_text().split()))


def ended(pids: list[int]) -> bool:
    """Whether the processes have ended, waited for; a zombie has, whoever buries it."""
    until = monotonic() + LONG
    while any(map(alive, pids)) and monotonic() < until:
        sleep(0.02)
    return not any(map(alive, pids))


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
