"""The search repairs what people spoil, the same way every time, and stops when told."""

from collections.abc import Iterator

import pytest

from tests.wick.search.defects import SLIPS, Slip
from wick.runners.monty import MontyRunner
from wick.search import Search, search
from wick.search.judging import ByValue
from wick.subject import Allowance, Case, Subject, Survivor

JUDGE = ByValue()
ENOUGH = Allowance(seconds=300.0, candidates=40_000)


@pytest.fixture(scope="module")
def runner() -> Iterator[MontyRunner]:
    running = MontyRunner()
    yield running
    running.close()


def hunt(slip: Slip, runner: MontyRunner, allowance: Allowance = ENOUGH) -> Search:
    return search(slip.subject, slip.cases[: slip.shown], JUDGE, runner, allowance)


def passes(source: str, cases: list[Case], runner: MontyRunner) -> bool:
    rans = runner.rows("", source, cases)
    return all(JUDGE(*pair) for pair in zip(cases, rans, strict=True))


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_a_spoilt_function_is_repaired_on_calls_it_was_not_shown(runner, slip) -> None:
    first = next(iter(hunt(slip, runner)))
    assert passes(first.source, slip.cases, runner)
    assert len(first.edits) == first.size


@pytest.mark.parametrize("kind", ["comparison", "two edits"])
def test_every_survivor_gives_every_visible_case_and_is_one_of_a_kind(
    runner, kind
) -> None:
    slip = SLIPS[kind]
    found = list(hunt(slip, runner))
    shown = slip.cases[: slip.shown]
    assert all(passes(one.source, shown, runner) for one in found)
    assert len({one.normal_form for one in found}) == len(found)
    assert all(compile(one.source, one.source, "exec") for one in found)


def told(found: Search) -> list[tuple[str, int]]:
    return [(one.source, one.tried) for one in found]


def test_the_same_input_gives_the_same_survivors(runner) -> None:
    slip, other = SLIPS["start"], MontyRunner()
    try:
        assert told(hunt(slip, runner)) == told(hunt(slip, other))
    finally:
        other.close()


def test_a_function_that_fails_nothing_is_left_alone(runner) -> None:
    slip = SLIPS["operator"]
    right = Subject(slip.name, slip.source, slip.subject.parameters)
    found = search(right, slip.cases, JUDGE, runner, ENOUGH)
    assert (list(found), found.tried) == ([], 0)


def test_no_more_candidates_are_tried_than_allowed(runner) -> None:
    never = [Case((4,), expected="no function gives this"), Case((5,), expected=2)]
    found = search(
        SLIPS["operator"].subject,
        never,
        JUDGE,
        runner,
        Allowance(300.0, candidates=1_000),
    )
    assert list(found) == []
    assert 1_000 <= found.tried < 2_000


def test_no_more_survivors_are_given_than_allowed(runner) -> None:
    few = Allowance(300.0, survivors=2)
    assert len(list(hunt(SLIPS["comparison"], runner, few))) == 2


def test_it_stops_when_told(runner) -> None:
    slip = SLIPS["two edits"]
    found = search(slip.subject, slip.cases, JUDGE, runner, ENOUGH, stop=lambda: True)
    assert (list(found), found.tried) == ([], 0)


def test_an_answer_of_one_case_is_not_written_into_the_function(runner) -> None:
    source = "def f(x):\n    return x * 3"
    cases = [Case((2,), expected=6), Case((5,), expected=15), Case((7,), expected=9137)]
    found = search(Subject("f", source, ("x",)), cases, JUDGE, runner, ENOUGH)
    assert not [one.source for one in found if "9137" in one.source]


def test_a_docstring_stays(runner) -> None:
    source = 'def f(x):\n    """Twice x."""\n    return x * 3'
    cases = [Case((2,), expected=4), Case((5,), expected=10)]
    found: Survivor = next(
        iter(search(Subject("f", source, ("x",)), cases, JUDGE, runner, ENOUGH))
    )
    assert found.source == source.replace("3", "2")


def test_a_module_is_kept_within_its_rules(runner) -> None:
    source = "def f(x):\n    a = x\n    b = a\n    c = b\n    return {'y': c}"
    cases = [Case((n,), expected={"y": max(n, 0)}) for n in (-3, 2, -1, 5)]
    subject = Subject("f", source, ("x",), module=True, results=("y",))
    found = list(search(subject, cases, ByValue(alike=True), runner, ENOUGH))
    assert found
    assert all(one.source.count("\n") <= 10 for one in found)
    assert not [one for one in found if "while" in one.source or "raise" in one.source]


def test_helpers_of_the_file_may_be_called(runner) -> None:
    preamble = "def up(x):\n    return x + 1\n\ndef down(x):\n    return x - 1"
    subject = Subject("f", "def f(x):\n    return up(x) * 2", ("x",), preamble)
    cases = [Case((n,), expected=(n - 1) * 2) for n in (1, 4, 9)]
    found = [one.source for one in search(subject, cases, JUDGE, runner, ENOUGH)]
    assert "def f(x):\n    return down(x) * 2" in found


def test_an_argument_that_must_be_left_as_it_was_is_judged(runner) -> None:
    source = "def f(xs):\n    xs.sort()\n    return xs[0]"
    cases = [
        Case((rows,), expected=min(rows), after={"xs": rows})
        for rows in ([3, 1, 2], [5, 4], [1, 2])
    ]
    found = search(Subject("f", source, ("xs",)), cases, JUDGE, runner, ENOUGH)
    assert passes(next(iter(found)).source, cases, runner)
