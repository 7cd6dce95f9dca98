"""The first two rungs: what was good once, tried again on the cases."""

import pytest

from tests.wick.task_samples import RIGHT, WRONG, earlier, module_task, plain_task, spec
from wick.bodies import body_of
from wick.clones import KNOWN_PATCH, LAST_GOOD, known_patch, last_good
from wick.clones.visible import changed_lines
from wick.subject import Case

LONG = "total = a + b\nhalf = total / 2\nreturn {'between': half}\n"


def silent(tried: int, survivors: int) -> None:
    """Nobody watches."""


def test_an_earlier_version_that_gives_every_case_is_the_survivor() -> None:
    task = module_task(earlier=earlier("return {'between': a}\n", RIGHT))
    clone = last_good.run(task, silent)
    (found,) = clone.survivors
    assert body_of(found.source, spec()) == RIGHT.replace("'", '"')
    assert (clone.rung, clone.tried, found.size) == (LAST_GOOD, 2, 1)
    assert found.edits == ("version 2 again",)


def test_the_smallest_change_comes_first() -> None:
    task = module_task(earlier=earlier(LONG, RIGHT))
    sizes = [one.size for one in last_good.run(task, silent).survivors]
    assert sizes == sorted(sizes)
    assert len(sizes) == 2


def test_a_patch_is_a_rung_of_its_own() -> None:
    task = module_task(patches=earlier(RIGHT), earlier=earlier(WRONG))
    clone = known_patch.run(task, silent)
    assert (clone.rung, len(clone.survivors)) == (KNOWN_PATCH, 1)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({}, "there is none"),
        ({"earlier": earlier(WRONG)}, "there is none"),
        ({"earlier": earlier("return {'between': b}\n")}, "none gives every"),
        ({"earlier": earlier("return {'between': \n")}, "there is none"),
        ({"earlier": earlier("while True:\n    pass\n")}, "none gives every"),
    ],
)
def test_nothing_to_offer_is_said(more: dict, note: str) -> None:
    clone = last_good.run(module_task(**more), silent)
    assert clone.survivors == ()
    assert note in clone.note


def test_what_was_refused_before_is_not_offered_again() -> None:
    task = module_task(earlier=earlier(RIGHT), refused=(RIGHT,))
    assert last_good.run(task, silent).survivors == ()


def test_a_whole_function_may_be_what_was_good() -> None:
    source = "def twice(x):\n    return x + x"
    wrong = "def twice(x):\n    return x + 3"
    task = plain_task(wrong, [Case((2,), expected=4)], earlier=earlier(source))
    assert last_good.run(task, silent).survivors[0].source == source


def test_without_cases_the_gate_is_left_to_decide() -> None:
    task = module_task(earlier=earlier(RIGHT), cases=(), failing=())
    clone = last_good.run(task, silent)
    assert len(clone.survivors) == 1
    assert "the gate decides" in clone.note


def test_lines_that_differ_are_counted_once() -> None:
    assert changed_lines("a\nb\nc", "a\nb\nc") == 0
    assert changed_lines("a\nb\nc", "a\nx\nc") == 1
    assert changed_lines("a\nc", "a\nb\nc\nd") == 2
