"""Where clones run: processes of this machine, or the workers of a Dask scheduler.

A process here holds no key: it is sealed before it does anything, so what needs a model
runs as a thread of the parent instead, where waiting for a network costs nothing. Each
process leads a process group of its own, which is killed whole, Monty's workers too.
On a cluster the workers are its owner's: start them in the project's folder, without
keys; a clone there can be given up, not killed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, runtime_checkable
from weakref import WeakKeyDictionary

from core.errors import ConfigError
from wick.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client

    from core.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE = 5.0  # seconds for a scheduler to answer, and to show a worker
_MOST = 4  # the free rungs, and a body written afresh offline


@runtime_checkable
class Abandoning(Protocol):
    """An executor that can stop what runs."""

    def abandon(self, future: Future[Any]) -> None:
        """Stop a call at once, with everything it started."""


@contextmanager
def executor(settings: Settings, processes: int = 0) -> Iterator[Executor]:
    """Where to run clones, warm and ready; who leaves stops whatever still runs.

    `processes` of this machine (0: one a core, two to four), or the workers of the
    scheduler that ASZA_CLUSTER names. ConfigError when that cannot be used.
    """
    if settings.asza_cluster:
        with _cluster(settings.asza_cluster) as running:
            yield running
    else:
        with Workers(processes or _cores(), settings.root) as workers:
            yield workers


class Workers(Executor):
    """Processes that each run one call at a time; one that dies costs its call alone."""

    def __init__(self, processes: int, root: Path) -> None:
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="clone")
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._workers = [Worker(root) for _ in range(processes)]
        self._places: WeakKeyDictionary[Future[Any], _Place] = WeakKeyDictionary()
        for worker in self._workers:
            self._threads.submit(self._warmed, worker)

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a call in the next idle process.

        Its future raises BrokenProcessPool where that process died; the next call
        gets a new one.
        """
        place = _Place()
        future = self._threads.submit(self._run, partial(fn, *args, **kwargs), place)
        self._places[future] = place
        return future

    def abandon(self, future: Future[Any]) -> None:
        """Kill the process group a call runs in; one that waits is taken back."""
        if not future.cancel() and (place := self._places.get(future)):
            place.kill()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:
        """Stop every process at once, busy or idle: a clone's work is never half kept."""
        self._threads.shutdown(wait=False, cancel_futures=cancel_futures)
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(wait=wait)

    def _warmed(self, worker: Worker) -> None:
        try:
            worker.start()
        finally:  # one that cannot start says so to whoever calls
            self._idle.put(worker)

    def _run(self, call: Callable[[], T], place: _Place) -> T:
        worker = self._idle.get()
        place.worker = worker
        try:
            return worker.run(call)
        finally:
            place.worker = None
            self._idle.put(worker)


class _Place:
    """Where a call runs at the moment, if it does."""

    worker: Worker | None = None

    def kill(self) -> None:
        if self.worker is not None:
            self.worker.kill()


class Cluster(Executor):
    """The workers of a Dask scheduler; `scheduler` is where it is reached."""

    def __init__(self, client: Client, scheduler: str) -> None:
        self.scheduler = scheduler
        self._running = client.get_executor(  # type: ignore[no-untyped-call]
            pure=False, retries=0
        )

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Run a call on any worker; where that is lost, Dask chooses another."""
        future: Future[T] = self._running.submit(fn, *args, **kwargs)
        return future

    def abandon(self, future: Future[Any]) -> None:
        """Wait for a call no longer: its worker ends it by the call's own allowance."""
        future.cancel()

    def shutdown(
        self,
        wait: bool = True,
        *,
        cancel_futures: bool = True,  # noqa: ARG002  Dask cancels unless it waits
    ) -> None:
        """Give up what still runs, or wait for it."""
        self._running.shutdown(wait=wait)


def _cores() -> int:
    return min(_MOST, max(2, os.cpu_count() or 2))


@contextmanager
def _cluster(url: str) -> Iterator[Executor]:
    with _client(url) as client:
        running = Cluster(client, url)
        try:
            yield running
        finally:
            running.shutdown(wait=False)


def _client(url: str) -> Client:
    """A client of a scheduler that has a worker."""
    try:
        from distributed import Client
    except ImportError as error:
        raise _unusable(
            url, f"Dask is not installed ({error})", "install requirements.txt again"
        ) from error
    try:
        client = Client(url, timeout=_PATIENCE, set_as_default=False, name="wick")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        why = f"no Dask scheduler answers there ({type(error).__name__})"
        raise _unusable(url, why, "start one with `dask scheduler`") from error
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        client.close()  # type: ignore[no-untyped-call]
        remedy = f"start one in the project's folder: `dask worker {url}`"
        raise _unusable(url, "the scheduler has no worker", remedy) from error
    return client


def _unusable(url: str, why: str, remedy: str) -> ConfigError:
    return ConfigError(
        f"the cluster {url} cannot be used: {why}",
        field="ASZA_CLUSTER",
        value=url,
        remedy=f"{remedy}, or unset ASZA_CLUSTER: processes of this machine do as well",
    )
