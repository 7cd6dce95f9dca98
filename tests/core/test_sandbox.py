"""The sandbox: what a policy bounds, what a crash costs, what a body cannot reach."""

import os
import signal
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls import CapabilityCall, CapabilityFailed, as_call, replayed
from core.sandbox import Sandbox
from core.sandbox.policy import Policy
from core.sandbox.source import chunks, leaves
from core.store.codec import decode, encode

DOUBLE = 'def f(x: float) -> dict:\n    return {"y": x * 2}\n'
DIVIDE = 'def f(x: float) -> dict:\n    y = 1\n    return {"y": y / x}\n'
LOOP = 'def f(x: float) -> dict:\n    while x:\n        pass\n    return {"y": x}\n'
ASK = 'def f(x: str, *, ask) -> dict:\n    return {"y": ask(question=x)}\n'
# Wall time: what ends must get its turn on a busy machine, too.
SHORT = Policy(seconds=1.0, row_seconds=0.001)
LONGER = Policy(seconds=3.0, row_seconds=0.001)


def ask(question: str) -> str:
    if question == "?":
        raise CapabilityFailed("no idea")
    return question.upper()


def source(body: str) -> str:
    return f"import time\nimport random\ndef f(x) -> dict:\n    {body}\n"


@given(st.floats(-1e6, 1e6))
def test_the_three_ways_to_run_give_one_result(sandbox: Sandbox, x: float):
    wanted = {"y": x * 2}
    assert sandbox.call(DOUBLE, "f", {"x": x}).outputs == wanted
    assert sandbox.prepared(DOUBLE, "f").call({"x": x}).outputs == wanted
    assert sandbox.batch(DOUBLE, "f", [{"x": x}])[0].outputs == wanted


def test_an_error_has_its_name_its_message_and_the_line_of_the_body(sandbox: Sandbox):
    outcome = sandbox.call(DIVIDE, "f", {"x": 0})
    assert (outcome.ok, outcome.error, outcome.line) == (False, "ZeroDivisionError", 2)
    assert "zero" in outcome.message
    assert sandbox.prepared(DIVIDE, "f").call({"x": 0}).line == 2


def test_a_failing_row_fails_alone(sandbox: Sandbox):
    found = sandbox.batch(DIVIDE, "f", [{"x": 1}, {"x": 0}, {}, {"x": 2}])
    assert [one.ok for one in found] == [True, False, False, True]
    assert [one.error for one in found][1:3] == ["ZeroDivisionError", "TypeError"]


def test_two_bodies_of_one_name_in_turn_do_not_answer_for_each_other(sandbox: Sandbox):
    # Found in a trial: the right body was judged by what the broken one gave.
    one, two = (f"def f(x):\n    return {{'y': x + {n}}}" for n in (1, 2))
    given = [sandbox.batch(body, "f", [{"x": 0}]) for body in (one, two, one, two)]
    assert [outcome.outputs["y"] for (outcome,) in given] == [1, 2, 1, 2]


def test_a_row_that_never_ends_costs_its_own_time_only(sandbox: Sandbox):
    rows = [{"x": 0}, {"x": 1}, {"x": 0}]
    found = sandbox.batch(LOOP, "f", rows, policy=LONGER)
    assert [one.error for one in found] == ["", "TimeoutError", ""]
    assert found[1].crashed


def test_rows_that_never_end_are_given_up_after_three(sandbox: Sandbox):
    found = sandbox.batch(LOOP, "f", [{"x": 1}] * 50, policy=SHORT)
    assert {one.error for one in found} == {"TimeoutError"}
    assert "not run" in found[-1].message


def test_a_batch_too_slow_for_one_feed_still_runs_row_by_row(sandbox: Sandbox):
    slow = source('return {"y": sum(range(1_000_000)) * x}')
    policy = Policy(seconds=2.0, row_seconds=0.0, memory=64 * 2**20)
    found = sandbox.batch(slow, "f", [{"x": n} for n in range(120)], policy=policy)
    assert [one.ok for one in found[:3]] == [True] * 3


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return {'y': [0] * 10**9}", "MemoryError"),
        ("return {'y': 'a' * 10**10}", "MemoryError"),
        ("return {'y': 7 ** 10**9}", "MemoryError"),
        ("return {'y': 1 << 10**10}", "MemoryError"),
        ("return f(x)", "RecursionError"),
        ("return {'y': sum(range(10**12))}", "TimeoutError"),
    ],
)
def test_time_memory_and_recursion_are_bounded(sandbox: Sandbox, body: str, error: str):
    outcome = sandbox.call(source(body), "f", {"x": 1}, policy=SHORT)
    assert outcome.error == error
    assert sandbox.call(DOUBLE, "f", {"x": 1}).ok


def test_clock_and_seed_are_the_policys(sandbox: Sandbox):
    look = source('return {"y": [time.time(), random.random()]}')
    other = Policy(clock=datetime(2031, 1, 1, tzinfo=UTC), seed=1)
    twice = [sandbox.call(look, "f", {"x": 0}).outputs for _ in range(2)]
    assert twice[0] == twice[1]
    moved = sandbox.call(look, "f", {"x": 0}, policy=other).outputs
    assert moved["y"][0] == datetime(2031, 1, 1, tzinfo=UTC).timestamp()
    assert moved["y"][1] != twice[0]["y"][1]


def test_a_worker_killed_under_a_prepared_call_costs_that_call_at_most():
    with Sandbox() as own:
        prepared = own.prepared(DOUBLE, "f")
        other = own.prepared(DIVIDE, "f")
        assert prepared.call({"x": 1}).ok
        assert other.call({"x": 1}).ok
        pid = prepared._lane._session.worker_pid
        os.kill(pid, signal.SIGKILL)
        crashed = prepared.call({"x": 2})
        assert (crashed.ok, crashed.error, crashed.crashed) == (
            False,
            "WorkerCrashed",
            True,
        )
        assert prepared.call({"x": 2}).outputs == {"y": 4}
        assert other.call({"x": 2}).outputs == {"y": 0.5}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_ends_a_group_of_processes_ends_no_worker(number: signal.Signals):
    """The incident: a service that was stopped lost the decision at hand."""
    with Sandbox() as own:
        prepared = own.prepared(DOUBLE, "f")
        assert prepared.call({"x": 1}).ok
        os.kill(prepared._lane._session.worker_pid, number)
        assert prepared.call({"x": 2}).outputs == {"y": 4}


def test_a_prepared_call_that_never_ends_is_stopped_and_works_again(sandbox: Sandbox):
    prepared = sandbox.prepared(LOOP, "f", SHORT)
    assert prepared.call({"x": 1}).error == "TimeoutError"
    assert prepared.call({"x": 0}).ok


def test_more_functions_can_be_prepared_than_there_are_workers():
    with Sandbox(processes=1) as own:
        calls = [own.prepared(DOUBLE.replace("2", str(n)), "f") for n in range(2, 12)]
        found = [call.call({"x": 1}).outputs["y"] for call in calls]
    assert found == list(range(2, 12))


def test_what_is_printed_is_not_shown(sandbox: Sandbox, capfd: pytest.CaptureFixture):
    loud = source("print('secret' * 100)\n    return {'y': 1}")
    assert sandbox.call(loud, "f", {"x": 1}).ok
    assert sandbox.batch(loud, "f", [{"x": 1}])[0].ok
    assert sandbox.prepared(loud, "f").call({"x": 1}).ok
    assert capfd.readouterr() == ("", "")


def test_changed_inputs_are_seen_when_they_are_watched(sandbox: Sandbox):
    grow = source("x.append(1)\n    return {'y': len(x)}")
    watching = Policy(watch_inputs=True)
    row = {"x": [0]}
    assert sandbox.call(grow, "f", row, policy=watching).changed_inputs
    assert sandbox.batch(grow, "f", [row], policy=watching)[0].changed_inputs
    assert not sandbox.batch(DOUBLE, "f", [{"x": 1}], policy=watching)[0].changed_inputs
    assert row == {"x": [0]}


def test_capability_calls_are_served_recorded_and_replayable(sandbox: Sandbox):
    rows = [{"x": "a"}, {"x": "?"}, {"x": "b"}]
    found = sandbox.batch(ASK, "f", rows, capabilities={"ask": ask})
    assert [one.outputs for one in found] == [{"y": "A"}, None, {"y": "B"}]
    assert found[0].calls == (CapabilityCall("ask", {"question": "a"}, "A"),)
    assert found[1].injected
    assert found[1].calls[0].error == "no idea"
    for row, one in zip(rows, found, strict=True):
        kept = decode(encode(list(one.calls)))
        hosts = replayed([as_call(call) for call in kept], ["ask"])
        again = sandbox.call(ASK, "f", row, capabilities=hosts)
        assert (again.outputs, again.error) == (one.outputs, one.error)


def test_a_replayed_answer_to_another_question_is_refused(sandbox: Sandbox):
    hosts = replayed([CapabilityCall("ask", {"question": "a"}, "A")], ["ask"])
    outcome = sandbox.call(ASK, "f", {"x": "b"}, capabilities=hosts)
    assert "was not asked this" in outcome.message


def test_a_call_may_not_ask_without_end(sandbox: Sandbox):
    greedy = (
        "def f(x, *, ask) -> dict:\n    for i in range(999):\n"
        "        ask(question=x)\n    return {}\n"
    )
    outcome = sandbox.call(
        greedy, "f", {"x": "a"}, capabilities={"ask": ask}, policy=Policy(calls=5)
    )
    assert "more than 5 capability calls" in outcome.message
    assert len(outcome.calls) == 5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('return {"y": "text"}', "expected `Outputs`"),
        ("return {}", "Missing required key 'y'"),
        ('return {"y": row["high"]}', 'Unknown key "high"'),
        ('return {"y": row["close"] + "a"}', "Operator `+`"),
        ('if row["close"] > 1:\n        return {"y": 1.0}', "implicitly return `None`"),
    ],
)
def test_types_are_checked_against_typed_dicts(sandbox: Sandbox, body: str, said: str):
    stubs = (
        "from typing import TypedDict\nclass Row(TypedDict):\n    close: float\n"
        "class Outputs(TypedDict):\n    y: float\n"
    )
    checked = f"def f(row: Row) -> Outputs:\n    {body}\n"
    assert said in " ".join(sandbox.type_check(checked, stubs))
    assert (
        sandbox.type_check(
            f'{checked.partition(":")[0]}: Row) -> Outputs:\n    return {{"y": 1.0}}\n',
            stubs,
        )
        == []
    )


@given(st.lists(st.lists(st.integers(), max_size=30), max_size=30), st.integers(1, 60))
def test_chunks_keep_the_rows_in_order_and_within_memory(lists, room: int):
    rows = [{"x": value} for value in lists]
    found = list(chunks(rows, room * 512))
    assert [row for chunk in found for row in chunk] == rows
    assert all(len(c) == 1 or sum(map(leaves, c)) <= room for c in found)
