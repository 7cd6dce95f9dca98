"""Which system calls a candidate's process may not make: a seccomp filter for it.

A list of what is refused, not of what is allowed: libraries keep working, and what
computes and reads costs nothing. Refused are new programs and processes, signals,
sockets, everything that writes to files or outlasts a process, and the machine's own
settings.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_FOREIGN = 0x40000000  # the numbers of x32, a second way to the same calls
_THREAD = 0x10000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_REFUSE = (_RETURN, 0, 0, _FAIL | errno.EPERM)
_CLONE3, _OPENAT2 = 435, 437  # their flags are out of a filter's reach

Step = tuple[int, int, int, int]  # code, jump if so, jump if not, operand


class Calls(NamedTuple):
    """One machine's numbers; `opened` pairs a call with the place of its flags.

    `refused` is refused to the server and all its children, `of_children` to them
    alone: the server forks, kills and limits them.
    """

    audit: int
    refused: str
    of_children: str
    clone: int
    limits: int
    opened: tuple[tuple[int, int], ...]


# In order: programs and processes, network, files, mounts, the machine, what is left
# behind.
MACHINES = {
    "x86_64": Calls(
        audit=0xC000003E,
        refused="""
        59 322 112 109 101 310 311 434 438 272 308 312
        41 53 425 426 427 206
        85 133 259 83 258 84 87 263 82 264 316 86 265 88 266 90 91 268 452 92 93 94 260
        76 132 235 280 261 188 189 190 197 198 199 304 319
        165 166 155 161 428 429 430 431 432 433 442 167 168
        169 170 171 164 227 159 305 175 313 176 246 320 172 173 163 103 321 298 323 250
        248 249 300
        29 68 64 240""",
        of_children="57 58 62 200 234 129 297 424 160",
        clone=56,
        limits=302,
        opened=((2, 1), (257, 2)),
    ),
    "aarch64": Calls(
        audit=0xC00000B7,
        refused="""
        221 281 157 154 117 270 271 434 438 97 268 272
        198 199 425 426 427 0
        33 34 35 38 276 37 36 52 53 452 55 54 45 88 5 6 7 14 15 16 265 279
        40 39 41 51 428 429 430 431 432 433 442 224 225
        142 161 162 170 112 171 266 105 273 106 104 294 89 116 280 241 282 219 217 218
        262
        194 186 190 180""",
        of_children="129 130 131 138 240 424 164",
        clone=220,
        limits=261,
        opened=((56, 2),),
    ),
}


def for_server(machine: str) -> bytes:
    """The filter for the server and all it forks; nothing for an unknown machine.

    `machine` is what `os.uname` calls it.
    """
    calls = MACHINES.get(machine)
    return b"" if calls is None else _packed(_of_all(calls))


def for_children(machine: str) -> bytes:
    """What each child adds; short, since the kernel compiles it for every child."""
    calls = MACHINES.get(machine)
    return b"" if calls is None else _packed(_of_children(calls))


def _packed(steps: Sequence[Step]) -> bytes:
    every = [*steps, _returning(_ALLOW)]
    return b"".join(struct.pack("=HBBI", *step) for step in every)


def _of_all(calls: Calls) -> list[Step]:
    unknown = _returning(_FAIL | errno.ENOSYS)  # the C library then takes the old call
    steps = [
        _load(_MACHINE_AT),
        (_EQUAL, 1, 0, calls.audit),
        _returning(_KILL),
        _load(_NUMBER_AT),
        (_AT_LEAST, 0, 1, _FOREIGN),
        _REFUSE,
        *_never(calls.refused),
        *_when(_CLONE3, [unknown]),
        *_when(_OPENAT2, [unknown]),
    ]
    for number, argument in calls.opened:
        steps += _when(number, _reading_only(_of_argument(argument)))
    return steps


def _of_children(calls: Calls) -> list[Step]:
    steps = [_load(_NUMBER_AT), *_never(calls.of_children)]
    return [
        *steps,
        *_when(calls.clone, _threads_only()),
        *_when(calls.limits, _asking_only()),
    ]


def _never(numbers: str) -> list[Step]:
    each = (_when(number, [_REFUSE]) for number in map(int, numbers.split()))
    return [step for steps in each for step in steps]


def _when(number: int, then: Sequence[Step]) -> list[Step]:
    return [(_EQUAL, 0, len(then), number), *then]


def _reading_only(flags: int) -> list[Step]:
    writes = (_ANY_BIT, 0, 1, _WRITING)
    return [_load(flags), writes, _REFUSE, _returning(_ALLOW)]


def _threads_only() -> list[Step]:
    threads = (_ANY_BIT, 1, 0, _THREAD)
    return [_load(_of_argument(0)), threads, _REFUSE, _returning(_ALLOW)]


def _asking_only() -> list[Step]:
    """A limit may be asked for, not set: no pointer to a new one, in either half."""
    low = _of_argument(2)
    halves = [_load(low), (_EQUAL, 0, 2, 0), _load(low + 4), (_EQUAL, 1, 0, 0)]
    return [*halves, _REFUSE, _returning(_ALLOW)]


def _of_argument(index: int) -> int:
    return _ARGUMENTS_AT + 8 * index


def _load(place: int) -> Step:
    return _LOAD, 0, 0, place


def _returning(answer: int) -> Step:
    return _RETURN, 0, 0, answer
