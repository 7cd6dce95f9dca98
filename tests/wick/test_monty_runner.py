"""Candidates in Monty: each gets what it earns, and no bad one costs a good one."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wick.runners.monty import MontyRunner
from wick.subject import Case, Ran, Subject

ENDLESS = "def f(x):\n    while True:\n        x += 1"
ENDLESS_FOR = "def f(x):\n    for y in iter(int, 1):\n        x += y"
CATCHES_ALL = """def f(x):
    while True:
        try:
            x += 1
        except BaseException:
            pass"""
RECURSING = "def f(x):\n    return f(x + 1)"
NESTED = "def f(x):\n    def g(y):\n        return g(y)\n    return g(x)"
EATS_TEXT = "def f(x):\n    return 'a' * 10 ** 9"
EATS_LIST = "def f(x):\n    rows = [x]\n    while True:\n        rows += rows"
EATS_TIME = "def f(x):\n    return sum(range(10 ** 10))"
NO_PYTHON = "def f(x):\n    return ("
NO_LOOP = "def f(x):\n    break"
LEAVES = "def f(x):\n    raise SystemExit"
INTERRUPTS = "def f(x):\n    raise KeyboardInterrupt"
BAD = {
    "endless": ENDLESS,
    "endless for": ENDLESS_FOR,
    "catches all": CATCHES_ALL,
    "recursing": RECURSING,
    "nested recursion": NESTED,
    "eats text": EATS_TEXT,
    "eats a list": EATS_LIST,
    "eats time": EATS_TIME,
    "no Python": NO_PYTHON,
    "no loop": NO_LOOP,
    "leaves": LEAVES,
    "interrupts": INTERRUPTS,
}
ESCAPES = {
    "environment": "def f(x):\n    import os\n    return dict(os.environ)",
    "file": "def f(x):\n    return open('/etc/passwd').read()",
    "process": "def f(x):\n    import subprocess\n    return subprocess.run(['ls'])",
    "network": "def f(x):\n    import socket\n    return socket.socket()",
    "classes": "def f(x):\n    return ().__class__.__bases__[0].__subclasses__()",
    "globals": "def f(x):\n    return f.__globals__",
    "eval": "def f(x):\n    return eval('open')('/etc/passwd').read()",
    "import": "def f(x):\n    return __import__('os')",
}


@pytest.fixture(scope="module")
def runner() -> Iterator[MontyRunner]:
    running = MontyRunner()
    yield running
    running.close()


def plus(number: int) -> str:
    return f"def f(x):\n    return x + {number}"


def among(bad: str, count: int = 40, place: int = 17) -> list[str]:
    sources = [plus(number) for number in range(count)]
    sources[place] = bad
    return sources


def values(rans: list[Ran]) -> list[object]:
    return [ran.value if ran.ok else ran.error for ran in rans]


@given(st.lists(st.integers(-99, 99), max_size=300), st.integers(-99, 99))
@settings(max_examples=20)
def test_outcomes_come_in_the_order_of_the_sources(runner, numbers, given) -> None:
    rans = runner.each("", [plus(number) for number in numbers], Case((given,)))
    assert values(rans) == [given + number for number in numbers]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_candidate_costs_itself_alone(runner, bad) -> None:
    rans = runner.each("", among(bad), Case((1,)))
    others = [n for n in range(40) if n != 17]
    assert [rans[n] for n in others] == [Ran(True, n + 1) for n in others]
    assert not rans[17].ok
    assert rans[17].error


@pytest.mark.parametrize("name", ["endless", "eats a list", "eats time", "no Python"])
def test_a_stopped_candidate_is_told_from_one_that_raises(runner, name) -> None:
    stopped, raised = runner.each("", [BAD[name], "def f(x):\n    [][x]"], Case((1,)))
    assert stopped.crashed
    assert raised == Ran(False, error="IndexError", message=raised.message)


FORGERIES = {
    "its own outcome": "_wick_out.append((x + 99,))",
    "all outcomes": "_wick_out.clear()",
    "by another name": "eval('_wi' + 'ck_out').clear()",
    "by a statement": "exec('_wick_out.clear()')",
    "its steps": "_wick_most[0] = 10 ** 9",
}


@pytest.mark.parametrize("row", FORGERIES.values(), ids=FORGERIES)
def test_no_candidate_writes_an_outcome(runner, row) -> None:
    rans = runner.each("", among(f"def f(x):\n    {row}\n    return x"), Case((1,)))
    assert rans[17].crashed
    assert values([*rans[:17], *rans[18:]]) == [n + 1 for n in range(40) if n != 17]


@pytest.mark.parametrize("row", ["yield x", "with x:\n        pass", "del x"])
def test_what_monty_cannot_read_gets_no_outcome_of_an_earlier_feed(runner, row) -> None:
    unread = f"def f(x):\n    {row}"
    assert values(runner.each("", [plus(5)], Case((1,)))) == [6]
    (alone,) = runner.each("", [unread], Case((1,)))
    assert not alone.ok
    rans = runner.each("", among(unread), Case((2,)))
    assert values([*rans[:17], *rans[18:]]) == [n + 2 for n in range(40) if n != 17]


def test_many_bad_ones_at_once_cost_themselves(runner) -> None:
    mixed = [source for n in range(6) for source in (plus(n), ENDLESS, NO_PYTHON)]
    rans = runner.each("", mixed, Case((1,)))
    assert values(rans[::3]) == [1, 2, 3, 4, 5, 6]
    assert all(ran.crashed for n, ran in enumerate(rans) if n % 3)


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_nothing_outside_can_be_reached(runner, escape) -> None:
    rans = runner.each("", among(escape), Case((1,)))
    assert not rans[17].ok
    assert sum(ran.ok for ran in rans) == 39


def test_a_patched_library_is_whole_for_the_next_candidate(runner) -> None:
    patch = "def f(x):\n    import math\n    math.floor = lambda y: 99\n    return x"
    floors = "def f(x):\n    import math\n    return math.floor(x)"
    assert values(runner.each("", [patch, floors], Case((1.5,))))[1] == 1


def test_arguments_are_each_candidates_own(runner) -> None:
    takes = "def f(x):\n    x.append(4)\n    return len(x)"
    assert values(runner.each("", [takes] * 5, Case(([1, 2, 3],)))) == [4] * 5


def test_what_the_file_defines_is_each_candidates_own(runner) -> None:
    keeps = "def f(x):\n    SEEN.append(x)\n    return len(SEEN)"
    assert values(runner.each("SEEN = []", [keeps] * 4, Case((1,)))) == [1] * 4


def test_arguments_are_seen_as_the_call_left_them(runner) -> None:
    sorts = "def f(x, y=0):\n    x.sort()"
    fails = "def f(x, y=0):\n    x.clear()\n    raise ValueError"
    case = Case(([3, 1, 2],), {"y": 5}, after={"x": [1, 2, 3]})
    done, failed = runner.each("", [sorts, fails], case)
    assert done.after == {"x": [1, 2, 3], "y": 5}
    assert failed.after == {"x": [], "y": 5}
    assert failed.error == "ValueError"


def test_the_same_candidate_always_takes_the_same_steps(runner) -> None:
    sources = [
        f"def f(x):\n    for y in range({n}):\n        x += y" for n in (9, 10**7)
    ]
    first = runner.each("", sources, Case((1,)))
    assert [runner.each("", sources, Case((1,))) for _ in range(3)] == [first] * 3
    assert [ran.crashed for ran in first] == [False, True]


def test_a_long_but_finite_function_is_not_stopped_in_rows(runner) -> None:
    counts = "def f(x):\n    total = 0\n    for y in range(x):\n        total += y\n    return total"
    assert runner.rows("", counts, [Case((9_000,))])[0].value == sum(range(9_000))


def test_a_row_says_on_which_line_it_raised(runner) -> None:
    source = "def f(x):\n    y = x + 1\n    return 1 // y"
    rows = runner.rows("", source, [Case((0,)), Case((-1,))])
    assert [(ran.error, ran.line) for ran in rows] == [
        ("", None),
        ("ZeroDivisionError", 3),
    ]


def test_lines_are_those_that_ran(runner) -> None:
    source = "def f(x):\n    if x > 0:\n        return 1\n    return 2"
    lines = runner.lines(Subject("f", source, ("x",)), [Case((1,)), Case((-1,))])
    assert [{2, 3} <= lines[0], 4 in lines[0]] == [True, False]
    assert [{2, 4} <= lines[1], 3 in lines[1]] == [True, False]


def test_what_it_cannot_run_is_said_beforehand(runner) -> None:
    assert runner.supports("", plus(1)) == ""
    assert "Monty cannot run it" in runner.supports("", "def f(x):\n    yield x")
    assert "does not parse" in runner.supports("def (", plus(1))


def test_after_close_it_starts_again() -> None:
    running = MontyRunner()
    assert values(running.each("", [plus(1)], Case((1,)))) == [2]
    running.close()
    running.close()
