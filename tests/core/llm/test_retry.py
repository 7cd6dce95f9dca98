"""The retry policy: by class of fault, with the clock patched out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BudgetError, ModelError
from core.llm.faults import EndpointError, Fault
from core.llm.retry import RETRIED, RetryPolicy


class Endpoint:
    """Fails as scripted, then answers."""

    def __init__(self, *faults: BaseException) -> None:
        self.faults = list(faults)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return "answer"


def broken(fault: Fault, pause: float | None = None) -> EndpointError:
    return EndpointError(fault, "scripted", retry_after=pause)


@pytest.mark.parametrize("fault", sorted(RETRIED - {Fault.MALFORMED}))
def test_what_may_pass_is_tried_again(fault: Fault) -> None:
    pauses: list[float] = []
    endpoint = Endpoint(broken(fault), broken(fault))
    assert RetryPolicy().call(endpoint, sleep=pauses.append) == "answer"
    assert (endpoint.calls, len(pauses)) == (3, 2)


def test_what_does_not_speak_its_api_is_asked_once_more() -> None:
    endpoint = Endpoint(*[broken(Fault.MALFORMED)] * 9)
    with pytest.raises(EndpointError, match="scripted"):
        RetryPolicy().call(endpoint, sleep=lambda _: None)
    assert endpoint.calls == 2


@pytest.mark.parametrize("fault", sorted(set(Fault) - RETRIED))
def test_what_cannot_pass_is_tried_once(fault: Fault) -> None:
    endpoint = Endpoint(broken(fault))
    with pytest.raises(EndpointError):
        RetryPolicy().call(endpoint, sleep=pytest.fail)
    assert endpoint.calls == 1


@pytest.mark.parametrize("error", [BudgetError("no money"), ModelError("x"), OSError()])
def test_only_an_endpoints_faults_are_retried(error: Exception) -> None:
    with pytest.raises(type(error)):
        RetryPolicy().call(Endpoint(error), sleep=pytest.fail)


def test_after_the_last_attempt_the_endpoints_own_error_is_raised() -> None:
    endpoint = Endpoint(*[broken(Fault.OVERLOADED) for _ in range(9)])
    with pytest.raises(EndpointError, match="scripted"):
        RetryPolicy(attempts=3).call(endpoint, sleep=lambda _: None)
    assert endpoint.calls == 3


def test_the_server_is_never_asked_before_it_said() -> None:
    pauses: list[float] = []
    endpoint = Endpoint(broken(Fault.RATE_LIMITED, 30.0))
    RetryPolicy().call(endpoint, sleep=pauses.append)
    assert pauses == [30.0]


def test_a_server_that_asks_for_more_than_our_patience_is_not_waited_for() -> None:
    endpoint = Endpoint(broken(Fault.RATE_LIMITED, 3600.0))
    with pytest.raises(EndpointError):
        RetryPolicy(patience=60).call(endpoint, sleep=pytest.fail)


@given(st.integers(2, 8), st.floats(0.01, 5), st.floats(1, 30))
def test_pauses_grow_within_jitter_and_stay_below_the_longest(
    attempts: int, first: float, longest: float
) -> None:
    pauses: list[float] = []
    policy = RetryPolicy(attempts=attempts, first=first, longest=longest, jitter=0.1)
    endpoint = Endpoint(*[broken(Fault.SERVER) for _ in range(attempts - 1)])
    policy.call(endpoint, sleep=pauses.append)
    for number, pause in enumerate(pauses):
        assert min(first * 2**number, longest) <= pause <= longest + 1e-9 or (
            pause <= min(first * 2**number + 0.1, longest)
        )
    assert len(pauses) == attempts - 1
