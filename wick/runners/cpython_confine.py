"""What holds the CPython worker in: limits, and the kernel's own walls.

A wall that the kernel refuses is left out; `cpython_probe` tries which ones stand.
"""

from __future__ import annotations

import errno
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from wick.runners.cpython_filter import for_children, for_server

CLONE_NEWIPC, CLONE_NEWUSER = 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER, SIGKILL = 2, 9
# The same numbers on x86-64 and on ARM.
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
EVERY_FILE_ACCESS, TRUNCATING, READING = (1 << 13) - 1, 1 << 14, 0b1101
TIME_ZONES = "/usr/share/zoneinfo"
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
# An installation may be somebody else's, who lets nobody but root read it.
_READ_ALL = 1 << 2
_CAPABILITIES_V3 = 0x20080522
_INTERNET, _DATAGRAMS = 2, 2
_MYSELF = struct.pack("=H", _INTERNET) + bytes((0, 9, 127, 0, 0, 1)) + bytes(8)


class Walls(NamedTuple):
    """What was raised around the whole worker, and what each child adds for itself."""

    own_group: bool
    no_network: bool
    few_capabilities: bool
    own_pids: bool
    die_with_parent: Callable[[], None]
    filter_server: Callable[[], None]
    filter_child: Callable[[], None]

    def hold_server(self) -> None:
        """Hold in the server, and so every child it forks."""
        self.die_with_parent()
        self.filter_server()

    def hold(self, memory: int, seconds: float) -> None:
        """Hold a child in: bytes, CPU seconds, system calls. It cannot go back."""
        self.die_with_parent()
        limit(memory, seconds)
        self.filter_child()


def raise_walls(roots: tuple[str, ...]) -> Walls:
    """Leave network, other processes and, where the kernel can, all files but Python's.

    The first process that is forked from here on is the first of its PID namespace:
    when it dies, the kernel kills every other in it.
    """
    import ctypes

    libc, machine = ctypes.CDLL(None, use_errno=True), os.uname().machine
    no_network = _left(libc, CLONE_NEWNET) and _is_cut_off(ctypes, libc)
    own_pids = _left(libc, CLONE_NEWPID)
    _left(libc, CLONE_NEWIPC)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _without_files(ctypes, libc, (*roots, *LIBRARIES))
    prctl = libc.prctl  # and no more of ctypes: what a closure holds can be dug out
    return Walls(
        own_group=os.getpgrp() == os.getpid(),
        no_network=no_network,
        few_capabilities=_without_capabilities(ctypes, libc),
        own_pids=own_pids,
        die_with_parent=lambda: prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0),
        filter_server=_filtering(ctypes, prctl, for_server(machine)),
        filter_child=_filtering(ctypes, prctl, for_children(machine)),
    )


def _left(libc: Any, kind: int) -> bool:
    """A namespace of its own; who may not have one may in a user namespace."""
    return any(libc.unshare(flags) == 0 for flags in (kind, CLONE_NEWUSER | kind))


def _is_cut_off(ctypes: Any, libc: Any) -> bool:
    """Whether not even this machine can be reached; no packet is sent."""
    handle = libc.socket(_INTERNET, _DATAGRAMS, 0)
    if handle < 0:
        return True
    refused: int = libc.connect(handle, _MYSELF, len(_MYSELF))
    why: int = ctypes.get_errno()
    os.close(handle)
    return refused != 0 and why == errno.ENETUNREACH


def _without_files(ctypes: Any, libc: Any, readable: tuple[str, ...]) -> None:
    """Landlock: reading below `readable`, and nothing else, for this process tree."""
    version = libc.syscall(LANDLOCK_CREATE, None, 0, 1)
    accesses = EVERY_FILE_ACCESS | (TRUNCATING if version >= 3 else 0)
    handled = ctypes.c_uint64(accesses)
    rules = libc.syscall(LANDLOCK_CREATE, ctypes.byref(handled), 8, 0)
    if rules < 0:
        return
    for folder in filter(os.path.exists, readable):
        place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        access = READING if Path(folder).is_dir() else READING & 0b101
        rule = access.to_bytes(8, sys.byteorder) + place.to_bytes(4, sys.byteorder)
        libc.syscall(LANDLOCK_ADD, rules, 1, rule, 0)
        os.close(place)
    libc.syscall(LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)


def _without_capabilities(ctypes: Any, libc: Any) -> bool:
    """Give up root's powers but reading; whether the kernel says they are gone."""
    head = struct.pack("=Ii", _CAPABILITIES_V3, 0)
    held = ctypes.create_string_buffer(24)
    if libc.capget(head, held) != 0:
        return False
    effective, permitted = struct.unpack_from("=II", held.raw)
    kept = _READ_ALL & effective & permitted
    libc.capset(head, struct.pack("=6I", kept, kept, 0, 0, 0, 0))
    asked = libc.capget(head, held)
    words: tuple[int, ...] = struct.unpack("=6I", held.raw)
    return asked == 0 and words == (kept, kept, 0, 0, 0, 0)


def _filtering(ctypes: Any, prctl: Any, code: bytes) -> Callable[[], None]:
    """What makes the kernel refuse this process calls, from then on."""
    kept = ctypes.create_string_buffer(code, len(code) or 1)
    told = struct.pack("@HP", len(code) // 8, ctypes.addressof(kept))

    def filtering(_code: Any = kept) -> None:
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, told, 0, 0)

    return filtering


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
