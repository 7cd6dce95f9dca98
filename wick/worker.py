"""One process for clones: sealed, bounded, in a group of its own, replaced when it dies."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TypeVar

from core.settings import load_settings

T = TypeVar("T")

# What a clone needs: imported once by the server that all processes are forked from.
_WARM = ("wick.clones.search", "wick.clones.last_good", "wick.clones.fresh")
_MEMORY = 2 * 2**30  # bytes of data a process may have; Monty's heaps are bounded apart
_POLITE = 5  # the program that is being repaired goes first


class Worker:
    """A process that runs one call at a time; for one thread, but `kill` from any."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._closed = False
        self._pool: ProcessPoolExecutor | None = None
        self._pid: Future[int] = Future()

    def start(self) -> None:
        """Start the process, which imports what clones need before it is asked."""
        with self._lock:
            if self._pool is None and not self._closed:
                self._pool, self._pid = _started(self._root)

    def run(self, call: Callable[[], T]) -> T:
        """What a call gives. BrokenProcessPool where the process died of it."""
        self.start()
        if self._pool is None:
            raise CancelledError
        try:
            return self._pool.submit(call).result()
        except BrokenProcessPool:
            self._replace()
            raise

    def kill(self) -> None:
        """End the process and everything it started; the next call gets a new one."""
        with suppress(ProcessLookupError, BrokenProcessPool):
            os.killpg(self._pid.result(), signal.SIGKILL)

    def close(self) -> None:
        """End it for good."""
        with self._lock:
            self._closed = True
        if self._pool is not None:
            self.kill()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _replace(self) -> None:
        """Another process, warm before it is needed."""
        with self._lock:
            if self._pool is not None and not self._closed:
                self._pool.shutdown(wait=False)
                self._pool = None
        self.start()


def _started(root: Path) -> tuple[ProcessPoolExecutor, Future[int]]:
    """A pool of one process, and the process's number once it is sealed."""
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_WARM))
    pool = ProcessPoolExecutor(1, context, _begin, (root,))
    pid = pool.submit(os.getpid)
    pool.submit(_warm)
    return pool, pid


def _begin(root: Path) -> None:
    """In the new process, before anything else."""
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    load_settings(root).seal()
    os.nice(_POLITE)
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_parent() -> None:
    """Whoever wanted the result is gone, perhaps by kill -9: so is its work."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _warm() -> None:
    for name in _WARM:
        import_module(name)
