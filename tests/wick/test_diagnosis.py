"""Diagnosis: only what valid inputs prove against a module is called its fault."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract import Contract
from core.drift import moved
from core.sandbox import Sandbox
from core.store import InputStats
from tests.wick.lived import ASKING, QUOTIENT, SERIES, lived, silent
from wick.diagnosis import (
    DATA,
    MODULE,
    OUTAGE,
    RESOURCE,
    RULES,
    UNKNOWN,
    Context,
    Diagnosis,
    diagnose,
)
from wick.signature import KINDS, Signature
from wick.triggers import Evidence, Replay, Trigger, from_failures

DIVIDE = "return {'q': a / b}"
AT = 1_700_000_000 * 10**9
DIVIDED = Signature("exception", "ZeroDivisionError", 1)
ALWAYS, NEVER = Replay(2, 2), Replay(2, 0)


def failing(
    sandbox: Sandbox, contract: Contract, body: str, inputs: Mapping[str, Any]
) -> Trigger:
    hosts = {"ask": silent} if contract.capabilities else {}
    (trigger,) = from_failures(lived(sandbox, contract, body, [inputs], **hosts))
    return trigger


def trigger_of(
    signature: Signature = DIVIDED,
    remark: str = "ZeroDivisionError: division by zero (line 1)",
    *inputs: Mapping[str, Any],
    module: str = "desk.made",
    at: int = AT,
) -> Trigger:
    shown = tuple(map(Evidence, inputs or ({"a": 1.0, "b": 0.0},)))
    return Trigger(module, 1, signature, remark, shown, (), at, at)


def whole(found: Diagnosis) -> bool:
    """A person can act on it."""
    return bool(found.cause and found.evidence and found.remedy)


@pytest.mark.parametrize(
    "contract, inputs, word",
    [
        (QUOTIENT, {"a": 1.0}, "b is missing"),
        (QUOTIENT, {"a": 1.0, "b": 0.5, "c": 1.0}, "c is new"),
        (QUOTIENT, {"a": "1.0", "b": 0.5}, "a is a str, not a finite number (float)"),
        (SERIES, {"rows": [{"close": 1.0}, {}]}, "rows[1].close is missing"),
        (QUOTIENT, {"a": float("nan"), "b": 0.5}, "a is nan"),
        (SERIES, {"rows": [{"close": float("inf")}]}, "rows[0].close is inf"),
        (QUOTIENT, {"a": 2e9, "b": 0.5}, "2000000000.0"),
        (QUOTIENT, {"a": 1.0, "b": 2.0}, "a >= b"),
    ],
)
def test_inputs_that_break_the_contract_are_the_datas_fault(
    sandbox: Sandbox, contract: Contract, inputs: Mapping[str, Any], word: str
) -> None:
    trigger = failing(sandbox, contract, "return {'q': 0.0}", inputs)
    found = diagnose(trigger, Context(contract, ALWAYS))
    assert found.kind == DATA
    assert word in " ".join(found.evidence)
    assert whole(found)
    assert found.retry_after


def test_what_valid_inputs_bring_about_each_time_is_the_modules_fault(
    sandbox: Sandbox,
) -> None:
    for body, inputs in (
        (DIVIDE, {"a": 1.0, "b": 0.0}),
        ("return {'q': 1e300}", {"a": 1.0, "b": 0.5}),
        ("return {'q': a + 1}", {"a": 9.0, "b": 2.0}),
    ):
        trigger = failing(sandbox, QUOTIENT, body, inputs)
        found = diagnose(trigger, Context(QUOTIENT, ALWAYS))
        assert found.kind == MODULE
        assert found.repairable
        assert whole(found)
        assert found.retry_after is None


@pytest.mark.parametrize(
    "kind, replay, wanted",
    [
        ("exception", Replay(3, 1), MODULE),
        ("exception", NEVER, UNKNOWN),
        ("exception", Replay(2, 0, 1), UNKNOWN),
        ("exception", None, UNKNOWN),
        ("exception", Replay(0, 0), UNKNOWN),
        ("timeout", ALWAYS, MODULE),
        ("timeout", NEVER, RESOURCE),
        ("crash", NEVER, RESOURCE),
        ("memory", ALWAYS, MODULE),
    ],
)
def test_a_failure_that_does_not_repeat_is_not_repaired(
    kind: str, replay: Replay | None, wanted: str
) -> None:
    found = diagnose(trigger_of(Signature(kind)), Context(QUOTIENT, replay))
    assert found.kind == wanted
    assert found.repairable == (wanted == MODULE)


def test_a_capability_without_an_answer_is_an_outage(sandbox: Sandbox) -> None:
    trigger = failing(sandbox, ASKING, "return {'q': ask()}", {"a": 1.0})
    found = diagnose(trigger, Context(ASKING, ALWAYS))
    assert found.kind == OUTAGE
    assert "529" in found.evidence[0]


def test_the_wait_that_a_provider_asks_for_is_kept() -> None:
    limited = Signature("capability", "ask_model")
    asked = trigger_of(
        limited, "RuntimeError: rate limited, retry after 17.5 s (line 1)"
    )
    assert diagnose(asked, Context()).retry_after == 17.5
    assert (
        diagnose(trigger_of(limited, "RuntimeError: gone"), Context()).retry_after == 60
    )


def test_a_refused_output_is_its_makers_fault_unless_the_exchange_had_trouble() -> None:
    small = Signature("downstream", "below_minimum notional")
    refused = trigger_of(
        small, "notional = 3.1 was refused: below_minimum (minimum 10)"
    )
    assert diagnose(refused, Context(QUOTIENT)).kind == MODULE
    for word in ("EService:Unavailable", "rate limit", "exchange_offline", "timed out"):
        trouble = trigger_of(small, f"notional = 31 was refused: {word}")
        found = diagnose(trouble, Context(QUOTIENT))
        assert (found.kind, word in found.evidence[0]) == (OUTAGE, True)


def test_many_modules_that_fail_alike_in_the_same_seconds_share_a_cause() -> None:
    first = trigger_of()
    others = [trigger_of(module=f"desk.m{n}", at=AT + n * 10**9) for n in range(1, 4)]
    context = Context(QUOTIENT, ALWAYS, others)
    assert diagnose(first, context).kind == OUTAGE
    assert "desk.m3" in diagnose(first, context).evidence[0]
    for lone in (
        [replace(one, last_at=AT + 60 * 10**9) for one in others],
        [replace(one, remark="KeyError: 'a' (line 1)") for one in others],
        others[:1],
        [replace(one, module="desk.made") for one in others],
    ):
        assert diagnose(first, replace(context, others=lone)).kind == MODULE


def test_workers_that_are_stopped_together_lack_the_same_thing() -> None:
    first = trigger_of(Signature("crash"), "WorkerCrashed: it died")
    others = [
        trigger_of(Signature(kind), f"{kind}: x", module=f"desk.{kind}")
        for kind in ("memory", "timeout")
    ]
    assert diagnose(first, Context(QUOTIENT, ALWAYS, others)).kind == RESOURCE
    assert diagnose(first, Context(QUOTIENT, ALWAYS, others[:1])).kind == MODULE
    full = Context(QUOTIENT, ALWAYS, free_memory=0.01)
    assert diagnose(first, full).cause == "the machine is out of memory"
    assert diagnose(trigger_of(), full).kind == MODULE


def test_while_the_store_is_gone_nothing_is_repaired() -> None:
    gone = Context(QUOTIENT, ALWAYS, store_fault="a failure was not written: refused")
    found = diagnose(trigger_of(), gone)
    assert (found.kind, found.evidence) == (RESOURCE, (gone.store_fault,))


def test_modules_that_are_slow_together_say_something_of_the_machine() -> None:
    slow = Signature("drift", "latency")
    said = "a call took 0.2 ms, takes 5 ms"
    first = replace(trigger_of(slow, said), evidence=())
    others = [replace(first, module=f"desk.m{n}") for n in range(3)]
    assert diagnose(first, Context(others=others)).kind == RESOURCE
    assert diagnose(first, Context()).kind == UNKNOWN
    before, now = (InputStats("a", 200, m, 1.0, m, m) for m in (10.0, 90.0))
    drifted = moved(before, now)
    assert drifted
    assert diagnose(first, Context(drifts=[drifted])).kind == DATA


def test_live_an_old_bar_is_no_bar() -> None:
    rows = [{"time": 1_700_000_000 - 3600 * n, "close": 1.0} for n in (11, 10, 9)]
    old = trigger_of(DIVIDED, "x", {"candles": rows})
    live = Context(replay=ALWAYS, interval=3600.0)
    found = diagnose(old, live)
    assert (found.kind, "32400 s old" in found.evidence[0]) == (DATA, True)
    assert diagnose(old, replace(live, interval=None)).kind == MODULE
    assert diagnose(old, replace(live, interval=14_400.0)).kind == MODULE


def test_a_series_that_used_to_move_and_stands_still_is_a_feed_that_hangs() -> None:
    still = {"closes": [7.0] * 30}
    moving = [{"closes": [float(n + k) for n in range(30)]} for k in range(6)]
    stuck = trigger_of(DIVIDED, "x", still)
    hangs = Context(replay=ALWAYS, recent=moving)
    assert diagnose(stuck, hangs).kind == DATA
    assert diagnose(stuck, replace(hangs, recent=[still] * 6)).kind == MODULE
    both = trigger_of(DIVIDED, "x", still, moving[0])
    assert diagnose(both, hangs).kind == MODULE
    rows = {"candles": [{"close": 7.0} for _ in range(30)]}
    before = [{"candles": [{"close": c} for c in m["closes"]]} for m in moving]
    hung = diagnose(trigger_of(DIVIDED, "x", rows), replace(hangs, recent=before))
    assert hung.evidence == ("all 30 values of candles.close are 7.0",)


def test_values_like_nothing_before_are_suspected_before_the_module() -> None:
    seen = {"b": InputStats("b", 500, 50_000.0, 400.0, 48_000.0, 52_000.0)}
    context = Context(QUOTIENT, ALWAYS, history=seen)
    tick = trigger_of(DIVIDED, "x", {"a": 1e8, "b": 0.0001})
    assert diagnose(tick, context).kind == DATA
    usual = trigger_of(DIVIDED, "x", {"a": 1e8, "b": 0.0001}, {"a": 1e8, "b": 49_000.0})
    assert diagnose(usual, context).kind == MODULE
    spoilt = {"b": replace(seen["b"], least=0.0001)}
    assert diagnose(tick, replace(context, history=spoilt)).kind == MODULE
    well = [{"a": 1e8, "b": 48_000.0 + n} for n in range(40)]
    assert diagnose(tick, replace(context, history=spoilt, recent=well)).kind == DATA
    crash = trigger_of(DIVIDED, "x", {"a": 1e8, "b": 38_000.0})
    assert diagnose(crash, replace(context, recent=well)).kind == MODULE
    little = {"b": replace(seen["b"], count=20)}
    assert diagnose(tick, replace(context, history=little)).kind == MODULE


def test_the_inputs_of_an_example_are_beyond_doubt() -> None:
    seen = {"b": InputStats("b", 500, 50_000.0, 400.0, 48_000.0, 52_000.0)}
    shown = (Evidence({"a": 1.0, "b": 0.5}, (), {"q": 2.0}),)
    broken = replace(trigger_of(Signature("example", "q")), evidence=shown)
    found = diagnose(broken, Context(QUOTIENT, None, history=seen))
    assert (found.kind, "example q" in found.cause) == (MODULE, True)


def test_inputs_that_todays_contract_refuses_prove_nothing() -> None:
    refused = trigger_of(DIVIDED, "x", {"a": 1.0, "b": 2.0})
    assert diagnose(refused, Context(QUOTIENT, ALWAYS)).kind == DATA


@given(
    st.sampled_from(KINDS),
    st.text(max_size=40),
    st.lists(
        st.dictionaries(
            st.sampled_from(["a", "b", "time"]),
            st.floats() | st.integers() | st.lists(st.floats()) | st.text() | st.none(),
        ),
        max_size=3,
    ),
    st.none() | st.builds(Replay, st.integers(0, 3), st.just(0), st.integers(0, 3)),
    st.none() | st.floats(1, 1e5),
)
def test_whatever_fails_is_diagnosed_and_never_repaired_without_proof(
    kind: str,
    remark: str,
    rows: list[dict[str, Any]],
    replay: Replay | None,
    interval: float | None,
) -> None:
    shown = tuple(map(Evidence, rows))
    trigger = Trigger("desk.made", 1, Signature(kind, "q"), remark, shown, (), AT, AT)
    found = diagnose(trigger, Context(QUOTIENT, replay, interval=interval, recent=rows))
    assert found.cause
    assert found.remedy
    assert not found.repairable or kind == "downstream"


def test_every_rule_says_why_it_exists() -> None:
    assert all(rule.__doc__ for rule in RULES)
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
