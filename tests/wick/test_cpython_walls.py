"""What a candidate that wants out of the CPython worker meets, wall by wall."""

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from wick.runners.cpython import CPythonRunner
from wick.runners.cpython_confine import Walls
from wick.runners.cpython_probe import standing
from wick.subject import Case, Ran

ROOT = Path(__file__).resolve().parents[2]
# A process in a session of its own, which runs Python and never runs its program.
ESCAPE = """def f(a):
    import _posixsubprocess, os, select, time
    def stay():
        late = time.monotonic() + 600
        while time.monotonic() < late:
            select.select([], [], [], 1)
    er, ew = os.pipe()
    return _posixsubprocess.fork_exec(
        [b"/bin/true"], [b"/bin/true"], True, (ew,), None, [], -1, -1, -1, -1, -1, -1,
        er, ew, True, True, -1, None, None, None, -1, stay, False)"""
# Native code behind the hook's back: any system call, from the one function that is
# left of ctypes, whose own place in memory says where the C library's `syscall` is.
DIG = """import sys
def f(further, *given):
    frame = sys._getframe()
    while "Server" not in type(frame.f_locals.get("self")).__name__:
        frame = frame.f_back
    kept = frame.f_locals["self"].walls.die_with_parent.__closure__[0].cell_contents
    place = int.from_bytes(bytes(memoryview(kept)), sys.byteorder)
    return type(kept)(place + further)(*given)"""
NAMES = ("getpid", "clone", "execve", "kill", "mknodat", "setsid")
CALLS = {
    "x86_64": dict(zip(NAMES, (39, 56, 59, 62, 259, 112), strict=True)),
    "aarch64": dict(zip(NAMES, (172, 220, 221, 129, 33, 157), strict=True)),
}


@pytest.fixture(scope="module")
def runner() -> Iterator[CPythonRunner]:
    """One worker for the whole file."""
    made = CPythonRunner(seconds=60)
    yield made
    made.close()


def one(runner: CPythonRunner, source: str, *args: Any) -> Ran:
    """What comes of one source with these arguments."""
    return runner.each("", [source], Case(args))[0]


def orphans() -> set[psutil.Process]:
    """Processes of a worker's that nobody waits for."""
    found = psutil.process_iter(["ppid", "cmdline"])
    return {
        each
        for each in found
        if each.info["ppid"] == 1
        and "cpython_worker" in " ".join(each.info["cmdline"] or ())
    }


def test_a_process_in_a_session_of_its_own_is_not_had():
    others, runner = orphans(), CPythonRunner()
    ran = one(runner, ESCAPE, 1)
    runner.close()
    assert (ran.ok, ran.error) == (False, "PermissionError")
    until = time.monotonic() + 100  # another test's may be dying just now
    while not orphans() <= others and time.monotonic() < until:
        time.sleep(0.1)
    assert orphans() <= others


def test_native_code_meets_the_kernels_filter(runner: CPythonRunner):
    calls = CALLS.get(os.uname().machine, {})
    if not calls or "Seccomp:" not in Path("/proc/self/status").read_text():
        pytest.skip("this kernel has no filter of system calls")
    assert "system calls by seccomp" in runner.isolation
    libc = ctypes.CDLL(None)
    places = [ctypes.cast(f, ctypes.c_void_p).value for f in (libc.syscall, libc.prctl)]
    further = places[0] - places[1]
    assert one(runner, DIG, further, calls["getpid"]).value > 0
    for name, given in (
        ("clone", (17, 0, 0, 0, 0)),
        ("execve", (b"/bin/true", 0, 0)),
        ("kill", (1, 0)),
        ("mknodat", (-100, b"/tmp/asza", 0o10600, 0)),
        ("setsid", ()),
    ):
        assert one(runner, DIG, further, calls[name], *given).value == -1, name


@pytest.mark.parametrize(
    "body",
    [
        "import _posixsubprocess as m\n    m.fork_exec()",
        "import subprocess\n    subprocess._fork_exec()",
        "import sys, posix\n    del sys.modules['posix']\n    import posix",
        "import sys, subprocess\n    del sys.modules['_posixsubprocess']\n"
        "    import _posixsubprocess",
        "import _testcapi",
        "import _xxsubinterpreters",
        "import _ctypes",
        "import multiprocessing.synchronize as m\n    m.Lock()",
        "import os\n    os.mkfifo('{mark}')",
        "import posix\n    posix.mknod('{mark}')",
        "import os\n    os.chroot('/')",
        "import os\n    os.setsid()",
        "import os\n    os.memfd_create('x')",
    ],
)
def test_what_acts_without_a_word_is_refused(
    runner: CPythonRunner, tmp_path: Path, body: str
):
    mark = tmp_path / "mark"
    ran = one(runner, f"def f(a):\n    {body.format(mark=mark)}", 1)
    assert not ran.ok
    assert "refused here" in ran.message or ran.error == "ImportError"
    assert not mark.exists()


def test_libraries_that_start_processes_can_still_be_imported(runner: CPythonRunner):
    source = (
        "import asyncio, subprocess, multiprocessing.connection\n"
        "def f(a):\n    return subprocess.list2cmdline(['a b', a])"
    )
    assert one(runner, source, "c").value == '"a b" c'


NAMESPACE = """
import os, select, signal, sys
from wick.runners.cpython_confine import raise_walls
read, write = os.pipe()
walls = raise_walls(())
if not walls.own_pids:
    sys.exit(3)
first = os.fork()
if not first:
    if not os.fork():
        os.setsid()
        os.write(write, b"x")
        signal.pause()
    signal.pause()
os.close(write)
assert os.read(read, 1) == b"x"
os.kill(first, signal.SIGKILL)
os.waitpid(first, 0)
sys.exit(0 if select.select([read], [], [], 100)[0] and not os.read(read, 1) else 4)
"""


def test_what_is_started_dies_with_the_server_whatever_its_session():
    told = subprocess.run(
        [sys.executable, "-c", NAMESPACE], cwd=ROOT, timeout=120, check=False
    )
    if told.returncode == 3:
        pytest.skip("this kernel gives us no PID namespace")
    assert told.returncode == 0


ASKER = """
from wick.runners.cpython import CPythonRunner
from wick.subject import Case
runner = CPythonRunner(seconds=60)
print(runner.isolation, flush=True)
runner.each("", ["def f(a):\\n    return sum(range(10**12))"], Case((1,)))
"""


def test_the_worker_does_not_outlive_who_asked_it():
    asker = subprocess.Popen(
        [sys.executable, "-c", ASKER], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert asker.stdout is not None
    assert asker.stdout.readline()
    family = psutil.Process(asker.pid).children(recursive=True)
    asker.kill()
    asker.communicate(timeout=60)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert len(family) >= 2
    assert alive == []


def _nothing() -> None:
    """A wall that was not raised."""


def test_walls_that_were_not_raised_are_not_told():
    bare = Walls(False, False, False, True, _nothing, _nothing, _nothing)
    assert set(standing(bare, ())) <= {"resource limits", "audit hook"}
    assert "audit hook" in standing(bare, ())


def test_a_wall_that_is_told_was_tried(runner: CPythonRunner):
    told = set(runner.isolation)
    assert {"no environment", "own process group", "resource limits"} <= told
    assert "audit hook" in told
    if os.geteuid() == 0 and "system calls by seccomp" in told:
        assert "capabilities dropped" in told
