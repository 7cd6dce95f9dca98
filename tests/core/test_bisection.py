"""Bisection: every version answers, and every change between two is found."""

import pytest

from core.bisection import Answered, answers, compared
from core.calls import CapabilityCall
from core.errors import DataError, NotFound
from core.gate.trial import Case
from core.outcome import Outcome
from core.sandbox import Sandbox
from core.store import Modules, Store
from tests.module_samples import FIRST, MODULE, SECOND, THIRD, lay_out, make

WRONG = 'return {"b": a / 3}'
RAISES = 'return {"b": a / (a - a)}'


@pytest.fixture
def made(store: Store) -> Store:
    lay_out(store.settings)
    for body in (FIRST, SECOND, WRONG, THIRD, RAISES):
        make(store, body)
    return store


def asked(store: Store, sandbox: Sandbox, a: object) -> list[Answered]:
    return answers(store, store.settings, sandbox, MODULE, Case({"a": a}))


def test_every_change_is_found_though_the_answer_came_back(
    made: Store, sandbox: Sandbox
) -> None:
    found = asked(made, sandbox, 4.0)
    assert [each.outcome.outputs for each in found[:4]] == [
        {"b": 2.0},
        {"b": 2.0},
        {"b": pytest.approx(4 / 3)},
        {"b": 2.0},
    ]
    assert found[4].outcome.error == "ZeroDivisionError"
    assert "ZeroDivisionError" in found[4].fault
    assert [each.changed for each in found] == [False, False, True, True, True]
    assert [each.state for each in found] == ["retired"] * 4 + ["live"]


def test_where_no_answer_differs_nothing_changed(made: Store, sandbox: Sandbox) -> None:
    found = asked(made, sandbox, 0.0)[:4]
    assert not any(each.changed for each in found)


def test_a_version_that_never_ran_is_not_asked(made: Store, sandbox: Sandbox) -> None:
    door = Modules(made)
    row = door.version(MODULE, 1)
    door.add_version(type(row)(**{**vars(row), "version": 0, "state": "prepared"}))
    assert [each.version for each in asked(made, sandbox, 4.0)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("wrong", ["four", None, True])
def test_an_input_that_no_version_admits_is_refused(
    made: Store, sandbox: Sandbox, wrong: object
) -> None:
    with pytest.raises(DataError, match=r"no version of desk\.half admits") as told:
        asked(made, sandbox, wrong)
    assert told.value.value == {"a": wrong}


def test_a_module_that_never_was_is_not_found(store: Store, sandbox: Sandbox) -> None:
    with pytest.raises(NotFound):
        asked(store, sandbox, 1.0)


def test_an_error_of_another_type_is_another_answer() -> None:
    def answered(error: str) -> Answered:
        return Answered(1, "live", "build", Outcome(False, error=error))

    found = compared([answered(e) for e in ("KeyError", "KeyError", "ValueError")])
    assert [each.changed for each in found] == [False, False, True]


def test_a_recorded_call_is_asked_again_as_it_was_recorded(
    store: Store, sandbox: Sandbox
) -> None:
    lay_out(store.settings)
    make(store, FIRST)
    recorded: tuple[CapabilityCall, ...] = ()
    (found,) = answers(
        store, store.settings, sandbox, MODULE, Case({"a": 4.0}, recorded)
    )
    assert found.outcome.outputs == {"b": 2.0}
