"""The pure rules that the rungs share."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wick.task_samples import WRONG, module_task, plain_task, spec
from wick.bodies import body_of
from wick.clones.search import LEAST_WINDOW, Window
from wick.clones.visible import changed_lines, with_body
from wick.clones.words import others, smallest_failing, wrong
from wick.subject import Case, Ran, Survivor

LINES = st.lists(st.sampled_from(["a = 1", "b = 2", "c = 3", "return a"]), max_size=8)
SOURCE = "def f(x):\n    return x"


@given(LINES, LINES)
def test_a_distance_is_nothing_only_between_equals(
    one: list[str], other: list[str]
) -> None:
    distance = changed_lines("\n".join(one), "\n".join(other))
    assert (distance == 0) == (one == other)
    assert distance <= len(one) + len(other)


def test_a_body_put_into_its_function_comes_out_again() -> None:
    task = module_task()
    whole = with_body(task.subject, "half = (a + b) / 2\nreturn {'between': half}")
    assert ast.parse(whole).body[0].name == "middle"
    assert body_of(whole, spec()) == ('half = (a + b) / 2\nreturn {"between": half}\n')
    assert with_body(task.subject, WRONG) == task.subject.source


def test_a_search_goes_on_as_long_as_it_took_and_at_least_a_moment() -> None:
    told: list[tuple[int, int]] = []
    window = Window(lambda *figures: told.append(figures), began=0.0)
    assert not window.over(10)
    window.seen(Survivor(SOURCE, (), 1))
    assert window.ends is not None
    assert window.ends > LEAST_WINDOW
    assert not window.over(20), "it began long ago, so it may take as long again"
    window.ends = 0.0
    assert window.over(30)
    assert told == [(10, 0)], "it reports now and then, not at every question"


@pytest.mark.parametrize(
    ("case", "ran", "words"),
    [
        (Case((1,), expected=2), Ran(True, 3), "f(1) gives 3; it must give 2"),
        (
            Case((), {"x": 0}),
            Ran(False, error="ZeroDivisionError", message="by zero", line=2),
            "f(x=0) raises ZeroDivisionError: by zero at its line 2; "
            "it must give what its contract allows",
        ),
        (
            Case((-1,), raises="ValueError"),
            Ran(True, None),
            "f(-1) gives None; it must raise ValueError",
        ),
        (
            Case(([2, 1],), after={"x": [1, 2]}),
            Ran(True, None, after={"x": [2, 1]}),
            "f([2, 1]) gives None and leaves {'x': [2, 1]}; "
            "it must leave {'x': [1, 2]}",
        ),
    ],
)
def test_a_case_that_does_not_hold_is_said_whole(
    case: Case, ran: Ran, words: str
) -> None:
    assert wrong(plain_task(SOURCE, [case]), case, ran) == words


def test_the_smallest_case_is_the_one_that_is_shown() -> None:
    cases = [Case(("long" * 99,), expected=1), Case(("a",), expected=2)]
    task = plain_task(SOURCE, [*cases, Case(("unknown",))])
    assert smallest_failing(task) is cases[1]
    assert others(task, cases[1]).count("must give") == 1, "only what is known is law"
