"""The filter of system calls, as the kernel reads it, on both machines."""

import errno
import os
import struct

import pytest

from wick.runners.cpython_filter import MACHINES, for_children, for_server

ALLOWED, FAILS, KILLS = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT = 0x20, 0x15, 0x35, 0x45
REFUSED = FAILS | errno.EPERM
REFUSED_ALWAYS = ("execve", "kill", "mknodat", "setsid", "socket", "ptrace")
CALLS = ("read", "openat", "clone", "prlimit", *REFUSED_ALWAYS)
NUMBERS = {
    "x86_64": dict(
        zip(CALLS, (0, 257, 56, 302, 59, 62, 259, 112, 41, 101), strict=True)
    ),
    "aarch64": dict(
        zip(CALLS, (63, 56, 220, 261, 221, 129, 33, 157, 198, 117), strict=True)
    ),
}
machines = pytest.mark.parametrize("machine", sorted(MACHINES))


def answer(code: bytes, audit: int, number: int, *given: int) -> int:
    """What a filter answers to a call: the few instructions it uses, carried out."""
    arguments = (*given, *[0] * (6 - len(given)))
    data = struct.pack("=iIQ6Q", number, audit, 0, *arguments)
    steps = list(struct.iter_unpack("=HBBI", code))
    at = held = 0
    while True:
        kind, if_so, if_not, operand = steps[at]
        at += 1
        if kind == LOAD:
            (held,) = struct.unpack_from("=I", data, operand)
        elif kind in (EQUAL, AT_LEAST, ANY_BIT):
            so = {
                EQUAL: held == operand,
                AT_LEAST: held >= operand,
                ANY_BIT: held & operand,
            }
            at += if_so if so[kind] else if_not
        else:
            return operand


def both(machine: str, name: str, *given: int) -> int:
    """What a child gets: the stricter answer of the two filters it stands behind."""
    number, audit = NUMBERS[machine][name], MACHINES[machine].audit
    filters = (for_server(machine), for_children(machine))
    return min(answer(code, audit, number, *given) for code in filters)


@machines
@pytest.mark.parametrize("name", REFUSED_ALWAYS)
def test_what_starts_signals_or_writes_is_refused(machine: str, name: str):
    assert both(machine, name) == REFUSED


@machines
def test_files_are_opened_for_reading_alone(machine: str):
    assert both(machine, "read") == ALLOWED
    assert both(machine, "openat", 0, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOWED
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_TMPFILE | 1):
        assert both(machine, "openat", 0, 0, flags) == REFUSED


@machines
def test_threads_may_begin_processes_may_not(machine: str):
    assert both(machine, "clone", 0x3D0F00) == ALLOWED  # the C library's own flags
    assert both(machine, "clone", 17) == REFUSED


@machines
def test_limits_are_read_not_set_wherever_the_new_one_lies(machine: str):
    assert both(machine, "prlimit", 0, 9, 0, 4096) == ALLOWED
    for pointer in (4096, 1 << 32, (1 << 32) + 4096):
        assert both(machine, "prlimit", 0, 9, pointer, 0) == REFUSED


@machines
def test_the_server_forks_and_kills_and_nothing_more(machine: str):
    code, audit = for_server(machine), MACHINES[machine].audit
    assert answer(code, audit, NUMBERS[machine]["clone"], 17) == ALLOWED
    assert answer(code, audit, NUMBERS[machine]["kill"]) == ALLOWED
    assert answer(code, audit, NUMBERS[machine]["execve"]) == REFUSED


@machines
def test_no_call_gets_by_under_another_machines_number(machine: str):
    code, audit = for_server(machine), MACHINES[machine].audit
    assert answer(code, audit ^ 1, NUMBERS[machine]["read"]) == KILLS
    assert answer(code, audit, 0x40000000 | 520) == REFUSED


def test_an_unknown_machine_has_no_filter():
    assert for_server("m68k") == for_children("m68k") == b""
