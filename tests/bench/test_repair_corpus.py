"""The repair benchmark's set: what it claims of itself, checked on every defect."""

from collections import Counter

import pytest

from bench.repair.calls import Given, alike, outcomes
from bench.repair.corpus import DEVELOPMENT, TEST, functions
from bench.repair.defects import Defect, defects, digest
from bench.repair.seeding.places import MISSING, SINGLE, TWO_EDITS

# Figures are comparable only between runs on the same set.
MEASURED = "d0491091e5cb9ee5"


@pytest.fixture(scope="module")
def found() -> tuple[Defect, ...]:
    return defects()


def passes(source: str, defect: Defect, cases) -> list[bool]:
    given = outcomes(source, defect.function.name, [case.args for case in cases])
    wanted = [
        Given(None, case.raises) if case.raises else Given(case.expected)
        for case in cases
    ]
    return [alike(*pair) for pair in zip(given, wanted, strict=True)]


def test_the_set_is_the_one_that_was_measured(found) -> None:
    assert digest(found) == MEASURED


def test_every_correct_version_passes_all_cases(found) -> None:
    for defect in found:
        cases = defect.visible + defect.held_back
        assert all(passes(defect.function.source, defect, cases)), defect.name


def test_every_defect_fails_a_visible_case(found) -> None:
    for defect in found:
        assert not all(passes(defect.source, defect, defect.visible)), defect.name


def test_most_defects_still_pass_some_visible_cases(found) -> None:
    partly = [any(passes(d.source, d, d.visible)) for d in found]
    assert sum(partly) >= 0.6 * len(found)


def test_held_back_cases_are_enough_and_none_is_visible(found) -> None:
    for defect in found:
        visible = {repr(case.args) for case in defect.visible}
        held_back = {repr(case.args) for case in defect.held_back}
        assert 8 <= len(defect.visible) <= 12
        assert len(held_back) == len(defect.held_back) >= 30
        assert not visible & held_back


def test_there_are_enough_functions_of_three_to_thirty_lines() -> None:
    lengths = [len(function.source.splitlines()) for function in functions()]
    assert len(lengths) >= 60
    assert min(lengths) >= 3
    assert max(lengths) <= 30


def test_there_are_enough_defects_and_a_third_are_hard(found) -> None:
    hard = [d for d in found if d.kind == TWO_EDITS or d.kind in MISSING]
    assert len(found) >= 240
    assert len({d.source for d in found}) == len(found)
    assert len(hard) >= len(found) / 3


def test_the_test_part_holds_every_kind_and_three_fifths(found) -> None:
    split = Counter(d.function.split for d in found)
    kinds = {d.kind for d in found if d.function.split == TEST}
    assert kinds == {*SINGLE, *MISSING, TWO_EDITS}
    assert 0.55 <= split[TEST] / len(found) <= 0.65
    assert split[DEVELOPMENT] + split[TEST] == len(found)


def test_two_edits_stand_on_two_lines_of_the_text(found) -> None:
    for defect in (d for d in found if d.kind == TWO_EDITS):
        before = defect.function.source.splitlines()
        after = defect.source.splitlines()
        changed = sum((Counter(before) - Counter(after)).values())
        assert changed >= 2 or len(before) != len(after), defect.name
