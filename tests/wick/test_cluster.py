"""The same clones on a real Dask scheduler with two workers on loopback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
from distributed import Client

from core.errors import ConfigError
from core.settings import Settings
from tests.wick.judges import Deadly
from tests.wick.task_samples import RIGHT, earlier, module_task, plain_task
from tests.wick.test_ladder import OFF_BY_ONE, UP, never
from wick.clones import FREE, SEARCH
from wick.executors import Cluster, executor
from wick.ladder import climb

ROOT = Path(__file__).parents[2]
HERE = ("--host", "127.0.0.1", "--no-dashboard")
_LONG = 100.0  # seconds, however slow the machine


def started(stack: ExitStack, log: Path, kind: str, *words: str) -> None:
    """A scheduler or a worker, killed in the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words, *HERE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=stack.enter_context(log.open("w")),
    )
    stack.callback(process.wait)
    stack.callback(process.kill)


def scheduler(stack: ExitStack, folder: Path) -> str:
    """A scheduler that answers; its address."""
    log, told = folder / "scheduler.log", folder / "scheduler.json"
    own = ("--port", "0", "--scheduler-file", str(told), "--no-show")
    started(stack, log, "scheduler", *own)
    url = address(told)
    Client(url, timeout=_LONG, set_as_default=False).close()
    return url


def address(told: Path) -> str:
    """Where the scheduler says it is, once it says so."""
    until = monotonic() + _LONG
    while monotonic() < until:
        with suppress(FileNotFoundError, ValueError):  # not yet, or half of it
            return str(json.loads(told.read_text())["address"])
        sleep(0.05)
    pytest.fail("the scheduler did not start")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "prompts").mkdir()
    with ExitStack() as stack:
        url = scheduler(stack, folder)
        for number in "12":
            own = ("--nthreads", "2", "--no-nanny", "--local-directory", str(folder))
            started(stack, folder / f"{number}.log", "worker", url, *own)
        with Client(url, timeout=_LONG, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=_LONG)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("wick.executors._PATIENCE", _LONG)
            yield Settings(asza_root=folder, asza_cluster=url)


def test_the_free_rungs_are_climbed_on_the_cluster(cluster: Settings) -> None:
    states: list[str] = []
    task = module_task(earlier=earlier(RIGHT), root=cluster.root)
    with executor(cluster) as running:
        assert isinstance(running, Cluster)
        climbed = climb(
            task,
            running,
            seconds=60,
            judge_free=never,  # else none would be waited for once one has a repair
            on_event=lambda told: states.append(told.data["state"]),
        )
    assert [clone.rung for clone in climbed.clones] == list(FREE)
    assert climbed.clones[0].survivors
    assert climbed.clones[2].survivors
    assert "tried" in states, "a cluster's clones tell how far they are"


def test_a_cluster_gives_what_processes_give(cluster: Settings) -> None:
    task = plain_task(OFF_BY_ONE, UP)
    local = Settings(asza_root=cluster.root)
    found = []
    for settings in (cluster, local):
        with executor(settings, processes=2) as running:
            (clone,) = climb(task, running, allow=[SEARCH], seconds=60).clones
            found.append(clone.survivors[0].source)
    assert found[0] == found[1]


def test_a_worker_killed_in_the_middle_leaves_its_clone_to_the_other(
    cluster: Settings, tmp_path: Path
) -> None:
    task = plain_task(OFF_BY_ONE, UP, judge=Deadly(tmp_path))
    with executor(cluster) as running:
        (clone,) = climb(task, running, allow=[SEARCH], seconds=60).clones
    assert len(list(tmp_path.iterdir())) == 1, "the judge killed its worker"
    assert clone.survivors


def test_a_scheduler_without_a_worker_is_named(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wick.executors._PATIENCE", 8.0)
    with ExitStack() as stack:
        url = scheduler(stack, tmp_path)
        named = settings.model_copy(update={"asza_cluster": url})
        with pytest.raises(ConfigError) as caught, executor(named):
            pass
    assert "the scheduler has no worker" in caught.value.message
    assert f"dask worker {url}" in caught.value.remedy
