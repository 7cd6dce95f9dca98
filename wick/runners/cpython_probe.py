"""Which walls around the CPython worker really stand: a child is held in, and tries."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NoReturn

from wick.runners.cpython_confine import Walls
from wick.runners.cpython_hook import refuse_events

_MEMORY, _SECONDS = 2**30, 1.0
_SET_BY_PYTHON = {"LC_CTYPE"}


def standing(walls: Walls, roots: tuple[str, ...]) -> tuple[str, ...]:
    """The walls that held a child in which tried them, in words."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _tell(write, walls, roots)
    os.close(write)
    with os.fdopen(read, encoding="ascii") as told:
        names = told.read()
    os.waitpid(child, 0)
    return tuple(filter(None, names.split(",")))


def _tell(write: int, walls: Walls, roots: tuple[str, ...]) -> NoReturn:
    try:
        walls.hold(_MEMORY, _SECONDS)
        os.write(write, ",".join(_found(walls, roots)).encode())
    finally:
        os._exit(0)


def _found(walls: Walls, roots: tuple[str, ...]) -> Iterator[str]:
    for name, stands in (
        ("no environment", not set(os.environ) - _SET_BY_PYTHON),
        ("own process group", walls.own_group),
        ("resource limits", _is_limited()),
        ("own network namespace", walls.no_network),
        ("own PID namespace", walls.own_pids and os.getppid() == 1),
        ("files by Landlock", _refused(_read_root, errno.EACCES)),
        ("capabilities dropped", walls.few_capabilities),
        ("system calls by seccomp", _calls_are_refused()),
    ):
        if stands:
            yield name
    refuse_events(roots)  # last: it would answer for the kernel
    if _refused(_read_root, None):
        yield "audit hook"


def _is_limited() -> bool:
    memory = resource.getrlimit(resource.RLIMIT_AS)
    size = resource.getrlimit(resource.RLIMIT_FSIZE)
    return memory == (_MEMORY, _MEMORY) and size == (0, 0)


def _calls_are_refused() -> bool:
    return _refused(_run_root, errno.EPERM) and _refused(_fork, errno.EPERM)


def _refused(attempt: Callable[[], None], number: int | None) -> bool:
    """Whether it fails for want of permission, with just this error number."""
    try:
        attempt()
    except PermissionError as error:
        return error.errno == number
    except OSError:
        return False
    return False


def _read_root() -> None:
    os.close(os.open("/", os.O_RDONLY))


def _run_root() -> None:
    # A folder is never run: without a filter this is EACCES, not EPERM.
    os.execv("/", ["/"])  # noqa: S606 it cannot start anything


def _fork() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
