"""The isolated CPython worker: what comes back, what cannot get out, what it costs."""

import math
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from wick.runners.cpython import CPythonRunner
from wick.runners.cpython_codec import decoded, encoded
from wick.subject import Case, Ran, Subject

GOOD = "def f(a):\n    return a + 1"
LONG = 100.0  # seconds, however slow the machine
ENDLESS = "def f(a):\n    while True:\n        a = 1"


@pytest.fixture(scope="module")
def runner() -> Iterator[CPythonRunner]:
    """One worker for the whole file."""
    made = CPythonRunner(seconds=2)
    yield made
    made.close()


def one(runner: CPythonRunner, source: str, *args: Any, before: str = "") -> Ran:
    """What comes of one source with these arguments."""
    return runner.each(before, [source], Case(args))[0]


def workers() -> list[psutil.Process]:
    """The worker processes of this process."""
    return [each for each in psutil.Process().children() if is_worker(each)]


def is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):  # it has ended: a zombie has no command
        return "cpython_worker" in " ".join(process.cmdline())
    return False


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=8)
    | st.complex_numbers(allow_nan=False)
)
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text()) | st.none()
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(keys, max_size=4)
        | st.frozensets(keys, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_plain_values_come_back_as_they_went(value: Any):
    line = encoded(value)
    assert line.isascii()
    assert "\n" not in line
    back = decoded(line)
    assert type(back) is type(value)
    assert back == value


@given(st.text(max_size=60))
def test_what_is_no_value_of_ours_is_refused_and_never_run(text: str):
    try:
        decoded(text)
    except ValueError:
        return
    assert decoded(text) is None or isinstance(
        decoded(text), int | float | str | list | bool
    )


@pytest.mark.parametrize(
    "line",
    ['{"t":"os.system","v":"ls"}', '{"v":1}', '{"t":"dict","v":[1]}', "[" * 100_000],
)
def test_a_forged_answer_is_refused(line: str):
    with pytest.raises(ValueError):
        decoded(line)


def test_every_kind_of_value_is_carried(runner: CPythonRunner):
    source = "def f(a):\n    return (a, {a}, frozenset([a]), b'x', 2j, {1: None}, float('nan'))"
    *parts, nan = one(runner, source, 1).value
    assert parts == [1, {1}, frozenset({1}), b"x", 2j, {1: None}]
    assert math.isnan(nan)


def test_what_is_given_lazily_is_listed_and_endless_ones_are_stopped(
    runner: CPythonRunner,
):
    some = "def f(a):\n    yield a\n    yield (a, a)"
    assert one(runner, some, 1).value == [1, (1, 1)]
    endless = "import itertools\ndef f(a):\n    return itertools.count(a)"
    assert one(runner, endless, 1).crashed
    late = "def f(a):\n    yield a\n    raise KeyError(a)"
    assert one(runner, late, 1)[:3] == (False, None, "KeyError")


def test_an_object_comes_back_as_its_type_and_repr(runner: CPythonRunner):
    before = "class Box:\n    pass"
    found = one(runner, "def f(a):\n    return [Box(), a]", 1, before=before).value
    assert repr(found) == "[<asza_subject.Box object>, 1]"
    assert found[0].type == "Box"


def test_arguments_are_told_as_the_call_left_them(runner: CPythonRunner):
    source = "def f(items, *, more):\n    items.append(more)\n    more = 0"
    case = Case(([1],), {"more": 2}, after={})
    (ran,) = runner.each("", [source], case)
    assert ran.after == {"items": [1, 2], "more": 2}
    assert case.args == ([1],)


def test_the_line_that_raises_is_the_functions_own(runner: CPythonRunner):
    before = "def helper(x):\n\n\n\n    return 1 / x"
    source = "def f(a):\n    a = a - 1\n    return helper(a)"
    ran = one(runner, source, 1, before=before)
    assert (ran.error, ran.line, ran.crashed) == ("ZeroDivisionError", 3, False)


def test_lines_that_ran_are_told_for_each_case_endless_ones_too(runner: CPythonRunner):
    source = (
        "def f(a):\n    if a:\n        return 1\n    while True:\n        a = len([])"
    )
    found = runner.lines(Subject("f", source, ("a",)), [Case((1,)), Case((0,))])
    assert found == [frozenset({1, 2, 3}), frozenset({1, 2, 4, 5})]


def test_an_endless_candidate_costs_itself_alone(runner: CPythonRunner):
    sleeper = "import time\ndef f(a):\n    while time.sleep(9) is None: pass"
    sources = [GOOD, ENDLESS, GOOD, sleeper, GOOD]
    found = runner.each("", sources, Case((1,)))
    assert [ran.value for ran in found] == [2, None, 2, None, 2]
    assert [ran.crashed for ran in found] == [False, True, False, True, False]
    assert found[1].error == "TimeoutError"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return [0] * 10**10", "MemoryError"),
        ("return f(a)", "RecursionError"),
        ("import os\n    os._exit(0)", "WorkerCrashed"),
        ("import os\n    os.abort()", "WorkerCrashed"),
        ("raise SystemExit(3)", "SystemExit"),
        ("return (", "SyntaxError"),
    ],
)
def test_a_candidate_that_ends_badly_takes_none_with_it(
    runner: CPythonRunner, body: str, error: str
):
    bad = f"def f(a):\n    {body}"
    found = runner.each("", [GOOD, bad, GOOD], Case((1,)))
    assert [found[0].value, found[1].error, found[2].value] == [2, error, 2]


def test_a_candidate_that_eats_memory_is_stopped(runner: CPythonRunner):
    source = "def f(a):\n    data = [a]\n    while True: data = data + data"
    ran = one(runner, source, 1)
    assert ran.crashed
    assert ran.error in ("MemoryError", "TimeoutError")


def test_unbounded_recursion_is_stopped(runner: CPythonRunner):
    source = "import sys\ndef f(a):\n    sys.setrecursionlimit(10**9)\n    return f(a)"
    ran = one(runner, source, 1)
    assert not ran.ok
    assert ran.crashed


def test_what_one_candidate_patches_the_next_does_not_see(runner: CPythonRunner):
    spoil = (
        "import json, builtins\ndef f(a):\n    json.dumps = json.loads = None\n"
        "    builtins.len = builtins.repr = builtins.isinstance = None\n    return a"
    )
    ask = "import json\ndef f(a):\n    return json.dumps([len('abc'), a])"
    found = runner.each("", [spoil, ask, spoil, ask], Case((1,)))
    assert [ran.value for ran in found] == [1, "[3, 1]", 1, "[3, 1]"]


def test_what_the_file_keeps_is_fresh_for_every_call(runner: CPythonRunner):
    before = "seen = []\ndef note(x):\n    seen.append(x)\n    return len(seen)"
    source = "def f(a):\n    return note(a)"
    cases = [Case((n,)) for n in range(5)]
    assert [ran.value for ran in runner.rows(before, source, cases)] == [1] * 5
    assert [ran.value for ran in runner.each(before, [source] * 3, cases[0])] == [1] * 3


@pytest.mark.parametrize(
    "body",
    [
        "open('{mark}', 'w').close()",
        "import os\n    os.close(os.open('{mark}', os.O_CREAT | os.O_WRONLY))",
        "import os\n    os.mkdir('{mark}')",
        "import os\n    os.system('touch {mark}')",
        "import subprocess\n    subprocess.run(['touch', '{mark}'])",
        "import pathlib\n    pathlib.Path('{mark}').touch()",
        "import os\n    os.execv('/bin/touch', ['touch', '{mark}'])",
        "import os\n    os.posix_spawn('/bin/touch', ['touch', '{mark}'], {{}})",
        "import os\n    os.fork()",
        "import socket\n    socket.socket()",
        "import urllib.request\n    urllib.request.urlopen('http://127.0.0.1:9')",
        "import ctypes",
        "import os\n    os.kill(os.getppid(), 9)",
        "return open('/etc/passwd').read()",
        "import os\n    return os.listdir('/')",
        "import sqlite3\n    sqlite3.connect('{mark}')",
    ],
)
def test_nothing_gets_out(runner: CPythonRunner, tmp_path: Path, body: str):
    mark = tmp_path / "mark"
    ran = one(runner, f"def f(a):\n    {body.format(mark=mark)}", 1)
    assert not ran.ok
    assert not mark.exists()
    assert one(runner, GOOD, 1).value == 2


def test_nothing_comes_in_or_is_printed(runner: CPythonRunner, capfd: Any):
    source = (
        "import os, sys\ndef f(a):\n    print('seen'); os.write(1, b'seen')\n"
        "    sys.__stdout__.write('seen')\n"
        "    return [k for k in os.environ if k != 'LC_CTYPE']"
    )
    assert one(runner, source, 1).value == []
    assert one(runner, "def f(a):\n    return input()", 1).error == "EOFError"
    assert "seen" not in "".join(capfd.readouterr())


def test_a_thread_that_goes_on_holds_nothing_up(runner: CPythonRunner):
    source = (
        "import threading\ndef spin():\n    while True: pass\n"
        "def f(a):\n    threading.Thread(target=spin).start()\n    return a"
    )
    one(runner, source, 1)
    assert one(runner, GOOD, 1).value == 2


def test_a_candidate_cannot_answer_for_another(runner: CPythonRunner):
    forge = (
        "import os\ndef f(a):\n"
        "    for handle in range(3, 40):\n"
        '        try: os.write(handle, b\'[true,9,"","",null,null,[],0]\\n\' * 3)\n'
        "        except OSError: pass\n"
        "    return a"
    )
    found = runner.each("", [forge, GOOD, GOOD], Case((1,)))
    assert [ran.value for ran in found[1:]] == [2, 2]


def test_a_worker_that_is_killed_is_replaced_and_loses_nothing_that_can_be_had():
    others = workers()
    runner = CPythonRunner(seconds=60)
    assert runner.isolation
    (worker,) = [each for each in workers() if each not in others]
    slow = "def f(a):\n    return sum(n * n for n in range(200_000)) * 0 + a"
    found: list[Ran] = []
    asked = Thread(
        target=lambda: found.extend(runner.each("", [slow] * 150, Case((7,))))
    )
    asked.start()
    while len(worker.children(recursive=True)) < 2:  # its server, and one at work
        assert asked.is_alive()
    os.kill(worker.pid, signal.SIGKILL)
    asked.join()
    assert [ran.value for ran in found] == [7] * 150
    assert worker not in workers()
    runner.close()


def test_nothing_is_left_when_it_is_closed():
    others = workers()
    runner = CPythonRunner()
    one(runner, GOOD, 1)
    worker = next(each for each in workers() if each not in others)
    family = [worker, *worker.children(recursive=True)]
    runner.close()
    until = monotonic() + LONG
    while any(map(alive, family)) and monotonic() < until:
        sleep(0.02)
    assert not any(map(alive, family))


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_inputs_that_are_no_plain_values_are_refused(runner: CPythonRunner):
    with pytest.raises(DataError, match="no plain values") as caught:
        one(runner, GOOD, object())
    assert caught.value.field == "in"


def test_a_candidate_gets_no_more_time_than_what_is_seen_of_others_allows():
    runner = CPythonRunner(seconds=60)
    one(runner, GOOD, 1)
    runner.calibrate()
    assert runner.seconds < 30
    assert runner.steps >= 5_000
    assert one(runner, ENDLESS, 1).error == "TimeoutError"
    runner.close()
