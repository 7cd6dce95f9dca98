"""What holds the CPython worker in: limits, an audit hook, and the kernel's own walls.

Each wall that the kernel refuses is left out and not told as in force.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, SIGKILL = 1, 38, 9
# The same numbers on x86-64 and on ARM.
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
EVERY_FILE_ACCESS, READING = (1 << 13) - 1, 0b1101
TIME_ZONES = "/usr/share/zoneinfo"
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")

# Everything else that Python announces is refused: sockets, processes, files, signals…
_ALLOWED = frozenset(
    "array.__new__ builtins.id builtins.input builtins.input/result code.__new__ compile "
    "exec function.__new__ marshal.dumps marshal.load marshal.loads object.__delattr__ "
    "object.__getattr__ object.__setattr__ os.putenv os.unsetenv pickle.find_class sys._getframe "
    "sys.excepthook sys.settrace sys.unraisablehook time.sleep".split()
)
_NO_IMPORT = frozenset({"ctypes", "_ctypes"})
_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC


class Walls(NamedTuple):
    """Which walls stand, in words, and how a child makes sure to die with its parent."""

    told: tuple[str, ...]
    die_with_parent: Callable[[], None]


def raise_walls(roots: tuple[str, ...]) -> Walls:
    """Leave the network and, where the kernel can, all files but Python's own."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    told = ["no environment", "own process group", "resource limits", "audit hook"]
    if _without_network(libc):
        told.append("own network namespace")
    if _without_files(ctypes, libc, (*roots, *LIBRARIES)):
        told.append("files by Landlock")
    prctl = libc.prctl
    forget_ctypes()
    return Walls(tuple(told), lambda: prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))


def forget_ctypes() -> None:
    """So that importing it is announced again, and refused."""
    for name in [name for name in sys.modules if "ctypes" in name]:
        del sys.modules[name]


def _without_network(libc: Any) -> bool:
    """A network namespace of its own has no way out, not even to this machine."""
    flags = (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET)
    return any(libc.unshare(each) == 0 for each in flags)


def _without_files(ctypes: Any, libc: Any, readable: tuple[str, ...]) -> bool:
    """Landlock: reading below `readable`, and nothing else, for this process tree."""
    handled = ctypes.c_uint64(EVERY_FILE_ACCESS)
    rules = libc.syscall(LANDLOCK_CREATE, ctypes.byref(handled), 8, 0)
    if rules < 0:
        return False
    for folder in filter(os.path.exists, readable):
        place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        access = READING if Path(folder).is_dir() else READING & 0b101
        rule = access.to_bytes(8, sys.byteorder) + place.to_bytes(4, sys.byteorder)
        libc.syscall(LANDLOCK_ADD, rules, 1, rule, 0)
        os.close(place)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    done: int = libc.syscall(LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)
    return done == 0


def limit(memory: int, seconds: float) -> None:
    """Bound a child: CPU, memory, files, no processes, no core. It cannot go back."""
    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) + 2),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (value, value))


def refuse_events(roots: tuple[str, ...]) -> None:
    """Refuse what Python announces, but for reading below `roots`. For good.

    The hook uses nothing that the code it watches could replace.
    """

    def hook(
        event: str,
        given: tuple[Any, ...],
        allowed: frozenset[str] = _ALLOWED,
        no_import: frozenset[str] = _NO_IMPORT,
        kind: Callable[[Any], type] = type,
        text: type = str,
        refusal: type[Exception] = PermissionError,
        no_module: type[Exception] = ImportError,
        read_only: int = _READ_ONLY,
    ) -> None:
        if event == "open":
            path, _, flags = given
            reads = kind(path) is text and not flags & ~read_only
            if reads and ".." not in path and path.startswith(roots):
                return
        elif event == "import":
            if given[0] not in no_import:
                return
            raise no_module(f"'{given[0]}' is refused here")
        elif event in allowed:
            return
        elif event == "os.listdir":
            folder = given[0]
            if kind(folder) is text and f"{folder}/".startswith(roots):
                return
        raise refusal(f"'{event}' is refused here")

    sys.addaudithook(hook)
