"""Triggers: one a defect, with few and telling inputs; noise is none."""

from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from core.records import OK
from core.sandbox import Sandbox
from tests.wick.lived import QUOTIENT, failure, lived
from wick.signature import Signature
from wick.triggers import (
    FEW,
    CallId,
    Evidence,
    Refusal,
    Trigger,
    folded,
    from_drift,
    from_failures,
    from_refusals,
)

BODY = "if b > 50:\n    return {'q': [][0]}\nreturn {'q': a / b}"
ORDER = Refusal(
    intent={"notional": 3.1, "enter_long": True},
    makers={"notional": "desk.size", "enter_long": "desk.entry"},
    versions={"desk.size": 4, "desk.entry": 1},
    call_ids={"desk.size": CallId("run", 7), "desk.entry": CallId("run", 6)},
    reason="below_minimum",
    output="notional",
    figures={"minimum": 10.0},
    at=5,
)


def test_a_storm_is_one_trigger_with_few_inputs_the_smallest_first(
    sandbox: Sandbox,
) -> None:
    calls = [{"a": 90.0 + n, "b": 0.0} for n in range(60)]
    calls += [{"a": 100.0 + n, "b": 60.0} for n in range(20)]
    calls += [{"a": 4.0, "b": 2.0}, {"a": 0.0, "b": 0.0}]
    divided, indexed = from_failures(lived(sandbox, QUOTIENT, BODY, calls))
    assert str(divided.signature) == "exception ZeroDivisionError line 3"
    assert str(indexed.signature) == "exception IndexError line 2"
    assert (divided.count, indexed.count) == (61, 20)
    assert divided.evidence[0] == Evidence({"a": 0.0, "b": 0.0})
    assert len(divided.evidence) == FEW
    assert len({repr(one.inputs) for one in divided.evidence}) == FEW
    assert {one.inputs["a"] for one in divided.evidence} >= {0.0, 149.0}
    assert divided.first_at < divided.last_at
    assert len(set(divided.call_ids)) == 61
    assert divided.key == ("desk.made", 3, str(divided.signature))


def test_a_version_has_defects_of_its_own_and_what_did_not_fail_is_none() -> None:
    well = failure({"a": 1}, "")._replace(outcome=OK)
    calls = [failure({"a": 1}, "KeyError: 'a' (line 1)", version=v) for v in (1, 2)]
    switched_off = failure({"a": 1}, "Quarantined: since yesterday")
    found = from_failures([well, *calls, switched_off])
    assert [trigger.version for trigger in found] == [1, 2]


def test_inputs_that_were_too_long_to_keep_are_no_evidence() -> None:
    remark = "KeyError: 'a' (line 1)"
    cut, whole = failure({"$cut": "[1,2", "characters": 9}, remark), {"a": [1, 2]}
    assert from_failures([cut])[0].evidence == ()
    (both,) = from_failures([cut, failure(whole, remark)])
    assert (both.count, both.evidence) == (2, (Evidence(whole),))


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("ab"), st.floats() | st.text()),
            st.sampled_from(["KeyError: 'a' (line 1)", "InputsInvalid: a is 1: no"]),
            st.integers(0, 50),
        )
    )
)
def test_every_failure_is_counted_once_and_all_evidence_has_failed(
    calls: list[tuple[dict[str, Any], str, int]],
) -> None:
    given_in = [failure(*call) for call in calls]
    found = from_failures(given_in)
    assert sum(trigger.count for trigger in found) == len(calls)
    seen = {repr(one.inputs) for one in given_in}
    for trigger in found:
        assert 1 <= len(trigger.evidence) <= FEW
        assert {repr(one.inputs) for one in trigger.evidence} <= seen


@given(st.lists(st.integers(0, 40), min_size=2), st.data())
def test_halves_of_a_storm_fold_into_the_whole(ats: list[int], data: Any) -> None:
    cut = data.draw(st.integers(1, len(ats) - 1))
    storm = [
        failure({"a": n}, "KeyError: 'a' (line 1)", at) for n, at in enumerate(ats)
    ]
    whole, halves = from_failures(storm), (storm[:cut], storm[cut:])
    (one,) = folded(t for half in halves for t in from_failures(half))
    assert (one.count, one.first_at, one.last_at) == (
        whole[0].count,
        whole[0].first_at,
        whole[0].last_at,
    )
    assert len(one.evidence) <= FEW


def test_an_order_below_the_minimum_is_the_sizing_modules_failure() -> None:
    sizing = failure({"equity": 31.0}, "", 7)._replace(outcome=OK)
    (trigger,) = from_refusals([ORDER], {CallId("run", 7): sizing})
    assert (trigger.module, trigger.version) == ("desk.size", 4)
    assert str(trigger.signature) == "downstream below_minimum notional"
    assert "3.1" in trigger.remark
    assert "minimum 10.0" in trigger.remark
    assert trigger.evidence == (Evidence({"equity": 31.0}),)
    assert trigger.call_ids == (CallId("run", 7),)


def test_refusals_fold_and_those_that_no_module_caused_are_nobodys_defect() -> None:
    later = replace(ORDER, at=9, call_ids={"desk.size": CallId("run", 11)})
    offline = replace(ORDER, reason="exchange_offline", output="")
    (trigger,) = from_refusals([ORDER, later, offline])
    assert (trigger.count, trigger.first_at, trigger.last_at) == (2, 5, 9)
    assert trigger.call_ids == (CallId("run", 7), CallId("run", 11))


class Span(NamedTuple):
    calls: int
    failures: int
    p50_ns: float


def drifts(now: Span, before: Span) -> list[str]:
    return [str(t.signature) for t in from_drift("desk.made", 2, now, before)]


def test_drift_needs_calls_a_ratio_and_a_difference_that_matters() -> None:
    before = Span(2000, 10, 200_000)
    assert drifts(Span(200, 40, 50_000_000), before) == [
        "drift latency",
        "drift failures",
    ]
    assert drifts(Span(20, 20, 50_000_000), before) == []
    assert drifts(Span(200, 40, 50_000_000), Span(100, 0, 1)) == []
    assert drifts(Span(200, 1, 9_000_000), before) == []
    assert drifts(Span(200, 7, 200_000), before) == []
    (slow,) = from_drift("desk.made", 2, Span(200, 0, 5e7), before)
    assert slow.remark == "a call took 0.2 ms, takes 50 ms"
    assert slow.signature == Signature("drift", "latency")


def test_a_module_that_always_failed_at_one_rate_never_drifts() -> None:
    random = Random(7)
    for rate in (0.01, 0.04, 0.1, 0.3) * 500:
        now, before = (
            Span(n, sum(random.random() < rate for _ in range(n)), 1e6)
            for n in (60, 240)
        )
        assert drifts(now, before) == []


def test_a_trigger_of_drift_has_no_inputs_to_show() -> None:
    (trigger,) = from_drift("desk.made", 2, Span(200, 0, 5e7), Span(500, 0, 1e5))
    assert trigger.evidence == ()
    assert isinstance(trigger, Trigger)
