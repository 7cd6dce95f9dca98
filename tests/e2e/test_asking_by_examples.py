"""Requests with numeric examples, alone and beside rules: found by search, then called."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import Project

FOUR = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"
MIXED = (
    "Buy when RSI 14 is below 45. Sell when RSI 14 is above 55. "
    "fee(100, 2) is 2, fee(50, 2) is 1, fee(200, 1) is 2, fee(10, 10) is 1, fee(0, 5) is 0"
)


@pytest.fixture(scope="module")
def made(project: Project) -> dict[str, Any]:
    """A function that four examples show."""
    return project.data("ask", FOUR)


def test_examples_alone_become_a_function_that_gives_them_all(made: dict[str, Any]):
    (built,) = made["built"]
    assert (built["writer"], built["means"]) == ("offline", "search")
    run = made["run"]
    assert run["kind"] == "calls"
    assert len(run["calls"]) == 4
    assert all(each["outputs"] == each["expected"] for each in run["calls"])


def test_the_function_is_called_on_inputs_it_was_not_shown(
    project: Project, made: dict[str, Any]
):
    stack, rows = made["plan"]["stack"], '[{"a": 100, "b": -1}, {"a": 1, "b": 1}]'
    called = project.data("run", stack, "--in", rows, "--trace")
    assert [each["outputs"] for each in called["calls"]] == [
        {"result": 99},
        {"result": 2},
    ]
    assert [turn["inputs"] for turn in called["trace"]] == [
        {"a": 100, "b": -1},
        {"a": 1, "b": 1},
    ]
    shown = project.asza("run", stack, "--in", '{"a": 40, "b": 2}', "--trace")
    assert "result=42" in shown.out
    assert "µs ok" in shown.out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "cannot be read"),
        ("[]", "no object"),
        ('{"a": 1, "b": 2, "c": 3}', "reads no c"),
        ('{"a": 1}', "without b"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(
    project: Project, made: dict[str, Any], given: str, says: str
):
    refused = project.data("run", made["plan"]["stack"], "--in", given, code=10)
    assert says in refused["message"]
    assert refused["field"] == "--in"


def test_inputs_outside_the_contract_fail_the_call_and_say_so(
    project: Project, made: dict[str, Any]
):
    called = project.data(
        "run", made["plan"]["stack"], "--in", '{"a": "x", "b": 1}', code=11
    )
    (call,) = called["calls"]
    assert "a is 'x'" in call["remark"]
    assert called["error"] == "ModuleFailed"
    (told,) = project.data("reflections", made["built"][0]["module"])
    assert told["failures"] == 1
    assert told["last_failures"][0]["inputs"] == {"a": "x", "b": 1}


def test_five_examples_of_another_request_take_the_function_that_gives_them(
    project: Project, made: dict[str, Any]
):
    five = "f(1, 1) is 2, f(5, 6) is 11, f(9, 0) is 9, f(3, 3) is 6, f(8, 8) is 16"
    again = project.data("ask", five)
    assert again["plan"]["reused"] == {"f": made["built"][0]["module"]}
    assert again["plan"]["stack"] != made["plan"]["stack"]
    assert all(each["outputs"] == each["expected"] for each in again["run"]["calls"])


def test_two_functions_are_called_each_on_its_own_examples(project: Project):
    request = (
        "double(3) is 6, double(4) is 8, double(0) is 0, double(-2) is -4. "
        "total(1, 2, 3) is 6, total(0, 0, 1) is 1, total(5, 5, 5) is 15, "
        "total(9, 0, 0) is 9"
    )
    calls = project.data("ask", request)["run"]["calls"]
    assert len(calls) == 8
    assert all(each["outputs"] == each["expected"] for each in calls)


def test_rules_and_examples_in_one_request_are_walked_and_called(
    project: Project, candles: Path
):
    made = project.data("ask", MIXED, "--data", candles)
    means = {each["module"].split(".")[1]: each["means"] for each in made["built"]}
    assert means == {"fee": "search", "long_entry": "rules", "long_exit": "rules"}
    run = made["run"]
    assert run["kind"] == "walk"
    assert {each["module"] for each in run["decided"]} == {"long_entry", "long_exit"}
    assert run["totals"]["trades"] > 0
    assert len(run["calls"]) == 5
    assert all(each["outputs"] == each["expected"] for each in run["calls"])
    again = project.asza("ask", MIXED, "--data", candles)
    assert again.out.count("(unchanged)") == 3
    assert "result=2" in again.out
    assert "300 bars" in again.out


def test_examples_that_contradict_each_other_are_refused(project: Project):
    refused = project.data("ask", "f(2) is 5, f(2) is 6, f(3) is 7", code=4)
    assert "f(2)" in refused["message"]
