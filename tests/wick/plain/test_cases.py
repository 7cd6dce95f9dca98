"""The cases file is checked once, before anything runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataError, NotFound
from wick.plain.cases import read_cases
from wick.plain.judging import AsJson
from wick.plain.signature import signature_of
from wick.subject import UNKNOWN, Case, Ran

SIGNATURE = signature_of("def f(a, b=1, *, c=2):\n    return a")


def read(tmp_path: Path, rows: Any, source: str = "") -> tuple[Case, ...]:
    path = tmp_path / "cases.json"
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows))
    return read_cases(str(path), signature_of(source) if source else SIGNATURE)


def test_lists_give_places_and_objects_give_names(tmp_path: Path):
    first, second, third = read(
        tmp_path,
        [
            {"in": [1, 2], "out": 3},
            {"in": {"a": 1, "c": 4}, "raises": "ValueError"},
            {"in": {"b": 2, "a": [1]}, "after": {"a": [2]}},
        ],
    )
    assert first == Case((1, 2), {}, 3, label="cases[0]")
    assert second == Case((1,), {"c": 4}, raises="ValueError", label="cases[1]")
    assert third == Case(([1], 2), {}, after={"a": [2]}, label="cases[2]")
    assert third.expected is UNKNOWN


def test_what_a_function_takes_besides_its_parameters_is_let_through(tmp_path: Path):
    source = "def f(a, /, *rest, **named):\n    return a"
    rows = [{"in": [1, 2, 3], "out": 0}, {"in": {"a": 1, "z": 2}, "out": 0}]
    first, second = read(tmp_path, rows, source)
    assert (first.args, first.kwargs) == ((1, 2, 3), {})
    assert (second.args, second.kwargs) == ((1,), {"z": 2})


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (5, "cases[1]", "no object"),
        ({"out": 1}, "cases[1].in", "no inputs"),
        ({"in": 5, "out": 1}, "cases[1].in", "neither a list nor an object"),
        ({"in": [1]}, "cases[1]", "what must come of it"),
        ({"in": [1], "out": 1, "raises": "E"}, "cases[1].out", "both"),
        ({"in": [1], "raises": "no name"}, "cases[1].raises", "no exception"),
        ({"in": [1], "raises": 3}, "cases[1].raises", "no exception"),
        ({"in": [1], "output": 1}, "cases[1].output", "'output'"),
        ({"in": [], "out": 1}, "cases[1].in", "a is missing"),
        ({"in": [1, 2, 3], "out": 1}, "cases[1].in", "3 values"),
        ({"in": {"a": 1, "d": 1}, "out": 1}, "cases[1].in", "no parameter 'd'"),
        ({"in": [1], "after": {"z": 1}}, "cases[1].after", "no object of parameters"),
        ({"in": [1], "after": [1]}, "cases[1].after", "no object of parameters"),
    ],
)
def test_a_bad_case_is_named_with_field_value_and_remedy(
    tmp_path: Path, row: Any, field: str, says: str
):
    with pytest.raises(DataError, match=says) as caught:
        read(tmp_path, [{"in": [0], "out": 0}, row])
    assert caught.value.field == field
    assert caught.value.remedy
    assert caught.value.exit_code == 10


@pytest.mark.parametrize("text", ["", "[", "{}", "[]", "3", "[1,]", "[" * 50_000])
def test_what_is_no_list_of_cases_is_refused(tmp_path: Path, text: str):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert caught.value.field.startswith("cases")


def test_a_missing_file_is_not_found():
    with pytest.raises(NotFound, match="no file nowhere"):
        read_cases("nowhere.json", SIGNATURE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"in": [1], "out": 1}, {"in": {"a": 1}, "out": 2}),
        ({"in": [1], "out": 1}, {"in": [1], "raises": "ValueError"}),
        ({"in": [1], "raises": "KeyError"}, {"in": [1], "raises": "ValueError"}),
        ({"in": [1], "after": {"a": 1}}, {"in": [1], "after": {"a": 2}}),
    ],
)
def test_two_cases_that_contradict_are_told_as_a_pair(
    tmp_path: Path, one: Any, other: Any
):
    with pytest.raises(DataError, match="contradict") as caught:
        read(tmp_path, [{"in": [9], "out": 9}, one, other])
    assert "cases[1]" in caught.value.message
    assert "cases[2]" in caught.value.message


def test_cases_that_say_the_same_or_different_things_do_not_contradict(tmp_path: Path):
    rows = [
        {"in": [1], "out": 1},
        {"in": [1], "out": 1},
        {"in": [1], "after": {"a": 1}},
        {"in": [1.0], "out": 2},
        {"in": [True], "out": 3},
    ]
    assert len(read(tmp_path, rows)) == 5


@pytest.mark.parametrize(
    ("wanted", "value", "right"),
    [
        ([1, 2], (1, 2), True),
        ([[1], 2], ((1,), 2), True),
        ([2, 1], {1, 2}, True),
        ([1, 1], {1}, False),
        ([1, 2], [2, 1], False),
        ({"1": [2]}, {1: (2,)}, True),
        ({"true": 0, "null": 1}, {True: 0, None: 1}, True),
        ({"1": 1}, {1: 1, "1": 1}, False),
        (1, True, False),
        (0.3, 0.1 + 0.2, True),
        (None, None, True),
        ("1", 1, False),
    ],
)
def test_json_says_what_python_gives(wanted: Any, value: Any, right: bool):
    assert AsJson()(Case((), expected=wanted), Ran(True, value)) is right


def test_an_exception_is_right_by_its_name_and_a_stopped_call_never():
    case = Case((), raises="ValueError")
    assert AsJson()(case, Ran(False, error="ValueError"))
    assert not AsJson()(case, Ran(False, error="KeyError"))
    assert not AsJson()(case, Ran(True, 1))
    stopped = Case((), raises="TimeoutError")
    assert not AsJson()(stopped, Ran(False, error="TimeoutError", crashed=True))


def test_arguments_left_behind_are_judged_where_a_case_says_them():
    case = Case((), after={"items": [1]})
    assert AsJson()(case, Ran(True, 5, after={"items": [1], "other": 2}))
    assert not AsJson()(case, Ran(True, 5, after={"items": []}))
    assert not AsJson()(case, Ran(True, 5))
