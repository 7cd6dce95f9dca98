"""Checks: a wrong but valid output is found by what was promised, and by nothing else."""

from typing import Any

import pytest

from core.body import parse_body
from core.sandbox import Sandbox
from core.store import Recordings, Store
from core.store.recordings import as_recording
from tests.core.gate_samples import (
    ASK,
    ASK_BODY,
    LEVERAGE,
    LEVERAGE_BODY,
    VOCABULARY,
    Lived,
    read,
)
from tests.module_samples import FIRST, MODULE, lay_out, make
from tests.wick.lived import failure
from wick.checks import check_module, check_stack, replayed
from wick.signature import Signature
from wick.triggers import Evidence, Replay, Trigger

LOW = {"confidence": 0.4, "volatility": 0.0, "max_leverage": 5.0}
HIGH = {"confidence": 1.0, "volatility": 0.0, "max_leverage": 5.0}
SAID_NO = [
    {"name": "ask_model", "inputs": {"question": "is 0.50 good?"}, "answer": "no"}
]


def check(sandbox: Sandbox, body: str, *recordings: Lived) -> list[Trigger]:
    return check_module(
        read(LEVERAGE),
        body,
        4,
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        recordings=recordings,
        at=9,
    )


def again(sandbox: Sandbox, text: str, body: str, *evidence: Evidence) -> Replay:
    signature = Signature("exception", "ZeroDivisionError", 1)
    trigger = Trigger("t.x", 1, signature, "ZeroDivisionError", evidence)
    return replayed(trigger, read(text), body, sandbox=sandbox, vocabulary=VOCABULARY)


def test_a_good_module_keeps_every_promise(sandbox: Sandbox) -> None:
    approved = Lived(HIGH, {"leverage": 5.0}, approved=True)
    assert check(sandbox, LEVERAGE_BODY, approved) == []


def test_an_example_that_holds_no_more_is_found_though_nothing_is_raised(
    sandbox: Sandbox,
) -> None:
    (found,) = check(sandbox, LEVERAGE_BODY.replace("* 2", "* 1"))
    assert found.key == ("t.leverage_manager", 4, "example leverage")
    assert "gives leverage 2.6, not 4.2" in found.remark
    (shown,) = found.evidence
    assert (shown.inputs["confidence"], shown.expected) == (0.9, {"leverage": 4.2})
    assert (found.first_at, found.last_at) == (9, 9)


def test_a_remark_does_not_tell_what_a_recording_that_is_held_back_must_give(
    sandbox: Sandbox,
) -> None:
    row = {"confidence": 0.9, "volatility": 0.5, "max_leverage": 5.0}
    wanted = {"leverage": 2.75}
    approved = Lived(row, wanted, approved=True)
    (found,) = check(sandbox, LEVERAGE_BODY, approved)
    assert found.key[2] == "recording leverage"
    assert "not what was approved" in found.remark
    assert "2.75" not in found.remark
    assert found.evidence[0].expected == wanted


def test_what_an_example_raises_is_the_defect_a_run_would_report(
    sandbox: Sandbox,
) -> None:
    (found,) = check(
        sandbox, LEVERAGE_BODY.replace("(1 + 10 * volatility)", "volatility")
    )
    assert str(found.signature) == "exception ZeroDivisionError line 3"


def test_only_approved_recordings_inside_todays_contract_are_promises(
    sandbox: Sandbox,
) -> None:
    lowered = {"leverage": 2.0}
    outside = {**HIGH, "confidence": 2.0}
    none = [
        Lived(LOW, lowered),
        Lived(outside, lowered, approved=True),
        Lived(LOW, None, approved=True, outcome="failed"),
        Lived(LOW, lowered, approved=True, outcome="fallback"),
    ]
    assert check(sandbox, LEVERAGE_BODY, *none) == []
    both = [Lived(one, lowered, approved=True) for one in (LOW, HIGH)]
    (found,) = check(sandbox, LEVERAGE_BODY, *both)
    assert str(found.signature) == "recording leverage"
    assert (found.count, len(found.evidence)) == (2, 2)


@pytest.mark.parametrize(
    "body, signatures",
    [
        (ASK_BODY, []),
        (ASK_BODY.replace("good", "bad"), ["recording whole"]),
        (ASK_BODY.replace("unknown", "?"), ["example verdict"]),
    ],
)
def test_a_module_that_asks_is_given_the_answers_of_then(
    sandbox: Sandbox, body: str, signatures: list[str]
) -> None:
    spec = ASK.replace(
        "---\nAsk", "examples:\n  - {in: {x: 0.1}, out: {verdict: unknown}}\n---\nAsk"
    )
    told = Lived({"x": 0.5}, {"verdict": "no"}, approved=True, calls=SAID_NO)
    found = check_module(
        read(spec), body, 1, sandbox=sandbox, vocabulary=VOCABULARY, recordings=[told]
    )
    assert [str(one.signature) for one in found] == signatures


def test_a_replay_tells_what_always_fails_from_what_never_does(
    sandbox: Sandbox,
) -> None:
    body = "q = 1 / confidence\nreturn {'leverage': 1.0}"
    zero, one = (Evidence({**LOW, "confidence": c}) for c in (0.0, 1.0))
    assert again(sandbox, LEVERAGE, body, zero, zero, one) == Replay(3, 2)
    assert again(sandbox, LEVERAGE, LEVERAGE_BODY, zero) == Replay(1, 0)
    wanted = one._replace(expected={"leverage": 5.0})
    assert again(sandbox, LEVERAGE, body, wanted) == Replay(1, 1)
    assert again(sandbox, LEVERAGE, body, one._replace(expected={"leverage": 1.0})) == (
        Replay(1, 0)
    )


def test_a_replay_answers_what_the_module_asked_then(sandbox: Sandbox) -> None:
    body = 'answer = ask_model(question=f"is {x:.2f} good?")\nreturn {"verdict": 1 / 0}'
    asked = Evidence({"x": 0.5}, SAID_NO)
    spec = read(ASK)
    signature = Signature("exception", "ZeroDivisionError", 2)
    trigger = Trigger("t.asker", 1, signature, "", (asked,))
    found = replayed(trigger, spec, body, sandbox=sandbox, vocabulary=VOCABULARY)
    assert found == Replay(1, 1)


def test_what_never_ends_is_replayed_on_its_smallest_input_only(
    sandbox: Sandbox,
) -> None:
    endless = parse_body("for n in range(10 ** 12):\n    confidence = n\nreturn {}")
    shown = tuple(Evidence({**LOW, "confidence": c}) for c in (0.0, 1.0))
    trigger = Trigger("t.x", 1, Signature("timeout"), "", shown)
    found = replayed(
        trigger, read(LEVERAGE), endless.text, sandbox=sandbox, vocabulary=VOCABULARY
    )
    assert found == Replay(1, 1)


def test_a_stack_is_checked_against_what_its_store_approves(
    store: Store, sandbox: Sandbox
) -> None:
    settings = store.settings
    lay_out(settings)
    make(store, FIRST)
    kept: Any = Recordings(store)
    lived = failure({"a": 8.0}, "", module=MODULE)._replace(
        outcome="ok", outputs={"b": 3.0}
    )
    assert check_stack(settings, store, sandbox, "desk") == []
    (recording,) = kept.offer(MODULE, [lived], lambda kept, offered: offered)
    assert recording.digest == as_recording(lived).digest
    assert check_stack(settings, store, sandbox, "desk") == []
    kept.approve(MODULE, recording.id, "a person says so")
    (found,) = check_stack(settings, store, sandbox, "desk")
    assert found.key == (MODULE, 1, "recording b")
