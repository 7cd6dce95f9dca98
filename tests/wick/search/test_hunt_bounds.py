"""The search's bounds: endless, deep and greedy functions, and the same answer twice."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wick.search.samples import LEVERAGE, UNIQUE, subject
from wick.runners.cpython import CPythonRunner
from wick.search import search
from wick.search.judging import ByValue
from wick.subject import Allowance, Case, Subject, Survivor

ROOT = Path(__file__).parents[3]
ENOUGH = Allowance(seconds=300, candidates=8_000)
ENDLESS = subject(
    """def halvings(n):
    count = 0
    while n > 1:
        n = n // 1
        count += 1
    return count"""
)
DEEP = subject(
    """def depth(n):
    if n == 1:
        return 0
    return 1 + depth(n - 2)"""
)
GREEDY = subject(
    """def doubled(rows):
    out = []
    for row in rows:
        rows.append(row * 2)
    return out"""
)
HELD = {
    "endless": (ENDLESS, [(1, 0), (2, 1), (9, 3), (4, 2)], [(100, 6), (3, 1)]),
    "too deep": (DEEP, [(1, 0), (2, 1), (5, 4), (4, 3)], [(20, 19), (3, 2)]),
    "greedy": (GREEDY, [([], []), ([1], [2]), ([2, 5], [4, 10])], [([7], [14])]),
}


def cases(pairs) -> tuple[Case, ...]:
    return tuple(Case((given,), expected=wanted) for given, wanted in pairs)


def survivors(of: Subject, shown, runner) -> list[Survivor]:
    return list(search(of, shown, ByValue(), runner, ENOUGH))


@pytest.mark.parametrize(("of", "shown", "held"), HELD.values(), ids=HELD)
def test_what_does_not_end_by_itself_is_repaired(of, shown, held, monty) -> None:
    first = next(iter(search(of, cases(shown), ByValue(), monty, ENOUGH)))
    rans = monty.rows("", first.source, cases(held))
    assert [ran.value for ran in rans] == [wanted for _, wanted in held]


def test_a_generator_is_repaired_in_an_isolated_worker() -> None:
    of = subject("def count(n):\n    for i in range(n):\n        yield i - 1")
    shown = [Case((3,), expected=[0, 1, 2]), Case((1,), expected=[0])]
    runner = CPythonRunner()
    try:
        found = search(of, shown, ByValue(), runner, Allowance(100, candidates=400))
        first = next(iter(found))
        assert runner.rows("", first.source, [Case((4,))])[0].value == [0, 1, 2, 3]
    finally:
        runner.close()


def test_the_first_survivor_is_there_before_the_search_has_ended(monty) -> None:
    going = search(UNIQUE.subject, UNIQUE.visible, ByValue(), monty, ENOUGH)
    found = iter(going)
    first = next(found)
    early = going.tried
    rest = list(found)
    assert first.tried <= early < going.tried
    assert all(one.tried >= first.tried for one in rest)


@pytest.mark.parametrize("broken", [LEVERAGE, UNIQUE], ids=["leverage", "unique"])
def test_every_survivor_gives_every_case_and_counts_its_edits(broken, monty) -> None:
    found = survivors(broken.subject, broken.visible, monty)
    assert found
    for one in found:
        rans = monty.rows("", one.source, broken.visible)
        assert all(map(ByValue(), broken.visible, rans)), one.source
        assert one.size == len(one.edits) > 0
    assert len({one.normal_form for one in found}) == len(found)


def test_cases_that_contradict_each_other_have_no_survivor(monty) -> None:
    of = subject("def f(x):\n    return x + 1")
    shown = [Case((1,), expected=1), Case((1,), expected=5)]
    found = search(of, shown, ByValue(), monty, Allowance(100, candidates=1_500))
    assert list(found) == []
    assert found.tried > 500


def test_survivors_and_allowances_travel(monty) -> None:
    found = survivors(UNIQUE.subject, UNIQUE.visible, monty)
    sent = (UNIQUE.subject, UNIQUE.visible, ByValue(), ENOUGH, found)
    assert pickle.loads(pickle.dumps(sent)) == sent


SCRIPT = """
import json, sys
from tests.wick.search.samples import LEVERAGE, MERGED, UNIQUE
from wick.runners.monty import MontyRunner
from wick.search import search
from wick.search.judging import ByValue
from wick.subject import Allowance
runner, found = MontyRunner(), []
for one in (LEVERAGE, MERGED, UNIQUE):
    allowance = Allowance(seconds=300, candidates=4_000)
    going = search(one.subject, one.visible, ByValue(), runner, allowance)
    found.append([[[s.source, s.edits, s.tried] for s in going], going.tried])
runner.close()
json.dump(found, sys.stdout)
"""


def told_with(seed: str) -> object:
    """What a fresh interpreter finds whose hashes of text are seeded so."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=300,
        check=True,
    )
    return json.loads(ran.stdout)


def test_another_process_finds_the_same_in_the_same_order() -> None:
    first = told_with("1")
    assert told_with("4711") == first
    assert all(found for found, _ in first)
