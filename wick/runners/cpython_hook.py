"""What Python itself refuses a candidate: what it announces, and what it keeps quiet.

A fence for Python code that means no harm. Who digs in the interpreter gets past it, and
meets the kernel's walls.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn

# Everything else that Python announces is refused: sockets, processes, files, signals…
_ALLOWED = frozenset(
    "array.__new__ builtins.id builtins.input builtins.input/result code.__new__ compile "
    "exec function.__new__ marshal.dumps marshal.load marshal.loads object.__delattr__ "
    "object.__getattr__ object.__setattr__ os.putenv os.unsetenv pickle.find_class sys._getframe "
    "sys.excepthook sys.settrace sys.unraisablehook time.sleep".split()
)
# Modules that start, open or share things without a word, or run code past the hook.
_NO_IMPORT = frozenset(
    "_ctypes _ctypes_test _dbm _gdbm _interpreters _multiprocessing _posixshmem "
    "_posixsubprocess _testbuffer _testcapi _testclinic _testimportmultiple "
    "_testinternalcapi _testmultiphase _xxsubinterpreters _xxtestfuzz ctypes ossaudiodev "
    "posix spwd".split()
)
# What libraries import of them for later, and what stands there instead.
_STAND_INS: Mapping[str, tuple[str, ...]] = {
    "_multiprocessing": (),
    "_posixshmem": ("shm_open", "shm_unlink"),
    "_posixsubprocess": ("fork_exec",),
}
_QUIET = (
    "chroot initgroups memfd_create mkfifo mknod nice openpty pidfd_open "
    "sched_setaffinity sched_setparam sched_setscheduler setegid seteuid setgid setgroups "
    "setpgid setpriority setregid setresgid setresuid setreuid setsid setuid sync"
).split()
_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC


def hide_quiet() -> None:
    """Put what acts unannounced out of reach; again after every import of a library."""
    for name in [name for name in sys.modules if _is_hidden(name)]:
        del sys.modules[name]
    for name, functions in _STAND_INS.items():
        sys.modules[name] = _stand_in(name, functions)
    for module in (os, sys.modules["posix"]):
        for name in filter(module.__dict__.__contains__, _QUIET):
            setattr(module, name, _refusing(f"os.{name}"))


def _is_hidden(name: str) -> bool:
    return name != "posix" and (name in _NO_IMPORT or "ctypes" in name)


def _stand_in(name: str, functions: Sequence[str]) -> ModuleType:
    made = ModuleType(name)
    for each in functions:
        setattr(made, each, _refusing(f"{name}.{each}"))
    return made


def _refusing(name: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError(f"'{name}' is refused here")

    return refuse


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
